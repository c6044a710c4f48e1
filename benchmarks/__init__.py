"""What is measured: one file per task. No engine is imported here, and nothing is computed.

asv runs these files on the emch of every commit, so they import its frozen facade alone.
"""

from importlib.util import find_spec

suite = find_spec("emch.suite")  # in older commits it is a module of another kind
if suite is None or suite.submodule_search_locations is None:
    raise ImportError(
        "the emch of this commit has no package emch.suite, which the benchmarks import: "
        "measure a commit that has it (docs/methodology.md names the first)"
    )
