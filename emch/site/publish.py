"""`asv publish` on the commits that count, which asv's own command line has no option for.

python -m emch.site.publish
"""

import sys

from asv.commands.publish import Publish
from asv.console import log
from asv.plugin_manager import plugin_manager
from asv.util import UserError

from emch.tracking.commits import WholeHistory, counted_commits, open_repo
from emch.tracking.stacks import load_config


def main() -> None:
    """Publish as asv does, with its output on stdout and its exit status."""
    log.enable()
    config = load_config()
    for plugin in config.plugins:
        plugin_manager.import_plugin(plugin)
    commits = counted_commits(config)
    config.branches = list(commits.branches)
    if isinstance(open_repo(config), WholeHistory):
        config.dvcs = WholeHistory.dvcs
    try:
        Publish.run(config, range_spec=list(commits.places), pull=False)
    except UserError as error:
        log.error(str(error))
        sys.exit(1)
    finally:
        log.flush()


if __name__ == "__main__":
    main()
