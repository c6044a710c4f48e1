"""What the verbs that show results over commits have in common."""

from asv.config import Config

from emch.cli.console import log
from emch.tracking.counted_results import CountedResults, read_counted


def read_results(config: Config) -> CountedResults:
    """Read the results of the commits that count, and name the others on stderr."""
    counted = read_counted(config)
    if counted.note:
        log(counted.note)
    return counted
