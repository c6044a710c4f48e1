"""asv's files of results are read in one place, so that a broken one is told in one way."""

import ast
from collections.abc import Iterator

from tests.stacks import ROOT

READER = "emch/tracking/reader.py"
READING = {
    "load_json", "iter_results", "iter_results_paths", "iter_results_for_machine",
    "iter_results_for_machine_and_hash", "iter_machine_files", "get_filename",
    "Results.load", "Benchmarks.load",
}  # fmt: skip
"""What asv reads its files by; whoever has it from asv reads them."""


def used() -> Iterator[tuple[str, str]]:
    """Yield each file of emch with every name and dotted name that it has."""
    for path in sorted((ROOT / "emch").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name | ast.Attribute):
                text = ast.unparse(node)
                yield str(path.relative_to(ROOT)), text
                yield str(path.relative_to(ROOT)), text.rpartition(".")[2]


def test_results_are_read_in_one_place() -> None:
    assert {path for path, name in used() if name in READING} == {READER}
