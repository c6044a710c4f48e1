"""How often `emch compare --asv` is wrong, and what it finds, in projects that know nothing of it.

    python -m evaluation.asv_trials [--extra SHARE ...] [--project NAME ...]

For each project of `evaluation.projects` and each share a repository is made whose second commit
does as much more than the first, and both are compared at the defaults. The verdicts are counted.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from evaluation.projects import EMCH, PROJECTS, commit_extra, make_project


def main() -> None:
    """Run the trials, and print the counts of each, and what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--extra", type=float, nargs="+", default=[0.0, 0.1])
    parser.add_argument("--project", choices=[*PROJECTS], nargs="+", default=[*PROJECTS])
    chosen = parser.parse_args()
    for name in chosen.project:
        for extra in chosen.extra:
            with tempfile.TemporaryDirectory() as folder:
                trial(name, extra, Path(folder))


def trial(name: str, extra: float, parent: Path) -> None:
    """Make a project, compare its two commits, and print the counts."""
    conf = make_project(name, parent / name)
    commit_extra(name, parent / name, extra)
    result = parent / "result.json"
    command = [str(EMCH), "compare", "--asv", "HEAD~1", "HEAD"]
    start = time.perf_counter()
    done = subprocess.run([*command, "--json", str(result)], cwd=conf, check=False)
    seconds = time.perf_counter() - start
    if not result.is_file():
        raise SystemExit(f"the comparison ended with {done.returncode}")
    findings = json.loads(result.read_text(encoding="utf-8"))["findings"]
    counts = Counter(each["verdict"] for each in findings)
    print(f"{name}, {extra:+.0%}: {dict(counts)} in {seconds:.0f} s", flush=True)
    for each in findings:
        if each["verdict"] not in ("same", "skipped"):
            numbers = [each[key] for key in ("ratio", "low", "high")]
            print("   ", each["cell"], each["verdict"], numbers, each["note"], flush=True)


if __name__ == "__main__":
    main()
