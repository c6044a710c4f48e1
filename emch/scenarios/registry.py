"""The one table of scenarios; a new one is a file in this folder and a line here."""

from emch.scenarios.closed_loop import Concurrent, Sync
from emch.scenarios.elastic import Elastic
from emch.scenarios.offline import Offline
from emch.scenarios.scenario import Scenario
from emch.scenarios.server import Server

SCENARIOS: dict[str, type[Scenario]] = {
    each.name: each for each in (Sync, Concurrent, Elastic, Server, Offline)
}
