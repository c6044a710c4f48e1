"""What each of Beam's runners is told."""

from collections.abc import Sequence

from emch.beam.asked import Asked
from emch.beam.flink.cluster import cluster_options
from emch.errors import InvalidInput

ELSEWHERE = "--job_endpoint"
"""With this option of Beam's a pipeline goes to a cluster that is not emch's."""


def runner_options(asked: Asked) -> list[str]:
    """Return the options of a pipeline, as Beam's own command lines take them.

    Raises
    ------
    InvalidInput
        An option after -- is one that emch sets, or the embedded runner has none of its name.
    Unavailable
        The runner is Flink, and there is no cluster.
    """
    if any(option.partition("=")[0] == "--runner" for option in asked.options):
        raise InvalidInput("--runner is an option of emch: it belongs before --")
    if asked.runner == "embedded":
        if asked.options:
            require_known(asked.options)
        return [
            # By its name: Beam's DirectRunner would fetch another program from GitHub first.
            "--runner=FnApiRunner",
            f"--direct_num_workers={asked.workers}",
            "--direct_running_mode=multi_processing",
            *asked.options,
        ]
    if asked.runner == "flink":
        elsewhere = any(option.startswith(ELSEWHERE) for option in asked.options)
        cluster = [] if elsewhere else cluster_options(asked.workers, asked.threads)
        parallelism = f"--parallelism={asked.workers}"
        return ["--runner=PortableRunner", parallelism, *cluster, *asked.options]
    if asked.runner == "spark":
        return ["--runner=SparkRunner", *asked.options]
    return ["--runner=DataflowRunner", f"--num_workers={asked.workers}", *asked.options]


def require_known(options: Sequence[str]) -> None:
    """Refuse what Beam in Python has no option for, which it would pass over.

    Raises
    ------
    InvalidInput
        There is such an option.
    """
    from apache_beam.options.pipeline_options import PipelineOptions

    given = PipelineOptions(list(options))
    known = given.get_all_options(drop_default=True)
    for name in given.get_all_options(drop_default=True, retain_unknown_options=True):
        if name not in known:
            raise InvalidInput(f"Apache Beam has no option --{name} for the embedded runner")
