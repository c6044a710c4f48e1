"""The command `emch`: its verbs, and how an error ends."""

import signal
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn

import click

from emch.errors import EmchError, Unavailable

INTERRUPTED = 128 + signal.SIGINT  # as shells have it
TERMINATED = 128 + signal.SIGTERM

OF_ASV = ("asv", "json5", "packaging", "scipy")
"""What comes with asv, and is imported where a verb begins."""

VERBS = {
    "beam": "Run a task in a pipeline of Apache Beam, on workers here or in a cluster.",
    "bench": "Measure any network, on any engine, under any load.",
    "bisect": "Find the first slow commit between a good one and a bad one.",
    "compare": "Compare two commits or two stacks, with a verdict for each cell.",
    "doctor": "Check the backends that are here against the reference.",
    "export": "Write results in other formats.",
    "list": "What can be run here: backends, datasets, models; and the stacks.",
    "machine": "Give this machine the name that its results are kept under.",
    "prepare": "Find a model, export and quantize it, and keep it in the cache.",
    "quickstart": "Track a model in a repository of your own.",
    "recommend": "Say which backend to take, under limits of memory, accuracy and latency.",
    "run": "Run a task once, in a fresh process, and report it.",
    "site": "Publish the asv results and summarize them.",
    "track": "Run the asv suite over the stacks.",
    "upgrade": "Compare the stack with one of other versions.",
}


class Terminated(KeyboardInterrupt):
    """The process received a SIGTERM: what it started ends as after Ctrl-C."""


class LazyGroup(click.Group):
    """A group that imports a verb's file when the verb is called, and not for the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of a verb."""
        if cmd_name not in VERBS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module(f"emch.cli.{cmd_name}").command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table of verbs without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; with --debug the traceback of an error comes before its sentence."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if error.name not in OF_ASV:  # any other is looked for where it is needed
                raise
            raise Unavailable(f"{error.name} is not installed: pip install 'emch[asv]'") from error
        except EmchError:
            if ctx.params["debug"]:
                traceback.print_exc()
            raise
        except KeyboardInterrupt as stop:
            raise click.Abort from stop  # click would write an empty line before

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line; every error is one sentence on stderr and an exit code."""
        signal.signal(signal.SIGTERM, _terminate)
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            status = error.exit_code
        except EmchError as error:
            click.echo(f"emch: {error}", err=True)
            status = error.exit_code
        except click.ClickException as error:
            click.echo(f"emch: {error.format_message()}", err=True)
            status = error.exit_code
        except click.Abort as abort:
            click.echo("emch: interrupted", err=True)
            status = TERMINATED if isinstance(abort.__cause__, Terminated) else INTERRUPTED
        sys.exit(status if isinstance(status, int) else 0)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emch")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Measure how fast, how big and how right transformer inference is.

    Exit codes: 0 done and fine; 1 a regression, or a gate not met; 2 bad usage or bad input;
    3 could not measure.
    """


def _terminate(*_: object) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    main()
