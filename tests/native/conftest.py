"""The command `emch`, as the tests of the command line have it."""

from tests.cli.conftest import emch, fails

__all__ = ["emch", "fails"]
