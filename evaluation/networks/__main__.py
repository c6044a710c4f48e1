"""Writes networks into a folder, in full size where nothing else is said."""

import argparse
from pathlib import Path

from evaluation.networks import BROKEN, NETWORKS, make


def main() -> None:
    """Read the command line, and print each file with its size."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.networks", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join([*NETWORKS, *BROKEN])}"
    )
    parser.add_argument("--small", action="store_true", help="the sizes for tests")
    arguments = parser.parse_args()
    names = arguments.names or [*NETWORKS, *BROKEN]
    if unknown := [name for name in names if name not in {**NETWORKS, **BROKEN}]:
        parser.error(f"there is no network {', '.join(unknown)}")
    for name in names:
        path = make(name, arguments.folder, small=arguments.small)
        print(f"{path}: {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
