"""Every cell of the scenarios is a load that two CPUs take."""

from itertools import product

import pytest

from benchmarks.scenarios import Closed, Server
from emch.backends.base import Options
from emch.suite import UnderLoad


@pytest.mark.parametrize("cell", [*product(*Closed.params)])
def test_cell_of_a_closed_loop_has_its_scenario(cell: tuple[str, str]) -> None:
    task, backend, threads = Closed().cell(*cell)
    assert isinstance(task, UnderLoad)
    assert (backend, task.load.name) == cell
    task.require_inputs(Options(threads=threads or 2))


@pytest.mark.parametrize("cell", [*product(*Server.params)])
def test_cell_of_the_server_has_its_rate(cell: tuple[str, int]) -> None:
    task, backend, threads = Server().cell(*cell)
    assert isinstance(task, UnderLoad)
    assert (backend, task.request_rate) == cell
    assert task.load.name == "server"
    task.require_inputs(Options(threads=threads or 2))
