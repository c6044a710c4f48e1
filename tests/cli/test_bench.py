"""`emch bench`: tables, JSON, scenarios, and what is refused, on small networks of many kinds."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from emch.records import Record
from evaluation.networks import make
from tests.interrupting import interrupt

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]
SHORT = ("-t", "300ms", "-w", "50ms", "-q")


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what makes a network by its name, each once."""
    folder = tmp_path_factory.mktemp("networks")
    return lambda name: folder / name if (folder / name).is_file() else make(name, folder)


def measured(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    """Return the JSON of a benchmark, whose records can be read again."""
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    for record in found["records"]:
        Record.from_json(json.dumps(record))
    return found


def rows(record: dict[str, Any], metric: str) -> list[dict[str, Any]]:
    return [row for row in record["rows"] if row["metric"] == metric]


def samples(record: dict[str, Any], metric: str) -> list[float]:
    return [number for row in rows(record, metric) for number in row["samples"]]


def value(record: dict[str, Any], metric: str) -> float:
    (row,) = rows(record, metric)
    return float(row["value"])


def test_table_has_the_inputs_and_a_row_for_each_case(
    emch: Emch, networks: Callable[[str], Path]
) -> None:
    done = emch("bench", networks("two-ranks.onnx"), "--dim", "height=8", "-b", "1,2", *SHORT)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].startswith("pixels: float32 [batch=1/2, 3, height=8, width=224 by default]")
    assert lines[3] == "scale: float32 [], from 0 to 1"
    found = [line.split()[:2] for line in lines if line.startswith("onnxruntime")]
    assert found == [["onnxruntime", "1"], ["onnxruntime", "2"]] * 2
    assert "latencies from" in done.stdout


def test_two_engines_are_measured_in_turn_and_compared(
    emch: Emch, networks: Callable[[str], Path]
) -> None:
    path = networks("two-ranks.onnx")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    size = ("--dim", "height=8", "--dim", "width=8")
    found = measured(emch("bench", path, "-e", "onnxruntime,openvino", *size, "-x", "-", *SHORT))
    first, second = found["records"]
    assert [first["backend"], second["backend"]] == ["onnxruntime", "openvino"]
    assert {row["tags"]["round"] for row in rows(first, "call_s")} == set("12345")
    assert value(first, "requests") == len(samples(first, "call_s"))
    assert first["parameters"]["shapes"]["pixels"] == [1, 3, 8, 8]
    (agreement,) = [each for each in found["agreement"] if each["engine"] == "openvino"]
    assert {each["output"] for each in agreement["differences"]} == {"scores", "energy"}
    assert all(each["relative"] < 1e-4 for each in agreement["differences"])
    assert found["files"][path.name]["sha256"] == before
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("name", ["strings.onnx", "external.onnx", "opset21.onnx"])
def test_networks_of_many_kinds_run(emch: Emch, networks: Callable[[str], Path], name: str) -> None:
    found = measured(emch("bench", networks(name), "--iterations", 20, "-x", "-", *SHORT))
    (record,) = found["records"]
    assert value(record, "requests") == 20
    if name == "external.onnx":
        assert found["files"].keys() == {name, f"{name}.data"}


def test_networks_of_pytorch_agree_with_their_onnx(
    emch: Emch, networks: Callable[[str], Path], require: Callable[[object, str], None]
) -> None:
    require(find_spec("torch"), "PyTorch is not installed: pip install 'emch[pytorch]'")
    inputs = networks("resnet50.onnx").parent / "pictures.npz"
    rng = np.random.default_rng(1)
    np.savez(inputs, pixel_values=rng.random((2, 3, 32, 32), dtype=np.float32))
    for name in ("resnet50.pt", "resnet50.pt2"):
        shapes = ("-shapes", "[1,3,32,32]", "-s", "async")
        found = measured(
            emch("bench", networks(name), "--inputs", inputs, *shapes, "-x", "-", *SHORT)
        )
        (record,) = found["records"]
        assert record["session"]["streams"] == record["options"]["streams"]
        assert record["session"]["precision"] == "fp32"


def test_network_that_gives_nan_is_reported(emch: Emch, networks: Callable[[str], Path]) -> None:
    done = emch("bench", networks("nan.onnx"), *SHORT)
    assert done.returncode == 0
    assert re.search(r"NaN: [\d,]+ of [\d,]+ numbers of the output 'roots'", done.stdout)


SCENARIOS = {
    "sync": ((), ("call_s", "started_s")),
    "async": (("-nstreams", 2, "-ncores", 2, "--oversubscribe"), ("stream",)),
    "elastic": (("--most", 4, "--concurrency", 8), ("together",)),
    "server": (("--request-rate", 300), ("planned_s",)),
    "offline": (("--requests", 200), ("call_s",)),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_has_its_raw_times(
    emch: Emch, networks: Callable[[str], Path], scenario: str
) -> None:
    options, names = SCENARIOS[scenario]
    found = measured(
        emch("bench", networks("external.onnx"), "-s", scenario, *options, "-x", "-", *SHORT)
    )
    (record,) = found["records"]
    assert record["parameters"]["scenario"] == scenario
    for name in names:
        assert len(samples(record, name)) == value(record, "requests") > 0
    if scenario == "offline":
        assert value(record, "requests") == 200


def test_csv_has_a_row_for_each_case_and_no_percentile_without_its_bound(
    emch: Emch, networks: Callable[[str], Path]
) -> None:
    done = emch("bench", networks("external.onnx"), "--iterations", 100, "--csv", "-", *SHORT)
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["engine"], row["requests"]) == ("onnxruntime", "100")
    assert float(row["p95_bound_s"]) >= float(row["p95_s"]) > 0  # it needs 90 requests
    assert row["p99_s"] == row["p99_bound_s"] == ""  # it needs 459


def test_rate_is_searched_and_confirmed(emch: Emch, networks: Callable[[str], Path]) -> None:
    options = ("-s", "server", "--find-rate", "p50:1s", "--request-rate", 20)
    found = measured(emch("bench", networks("external.onnx"), *options, "-x", "-", *SHORT))
    (case,) = found["cases"]
    rate = case["rate"]["rate"]
    if rate is None:  # other tests have kept the generator from its CPU
        assert "late" in case["rate"]["reason"] or "kept the bound again" in case["rate"]["reason"]
    else:
        assert rate == case["rate"]["steps"][-1]["rate"] >= 20
        assert case["rate"]["steps"][-1]["kept"]


def test_profile_names_the_operators(emch: Emch, networks: Callable[[str], Path]) -> None:
    done = emch("bench", networks("external.onnx"), "-e", "onnxruntime,openvino", "-pc", *SHORT)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d\.\d{4} ms  (MatMul|FusedMatMul|Gemm)  ", done.stdout)
    assert re.search(r"\d\.\d{4} ms  FullyConnected  ", done.stdout)
    assert done.stdout.count("by type: ") == 2


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux ties threads to CPUs")
def test_threads_are_pinned_and_read_back(emch: Emch, networks: Callable[[str], Path]) -> None:
    cpu = min(os.sched_getaffinity(0))
    options = ("-pin", "core", "--cores", cpu, "-ncores", 1)
    done = emch("bench", networks("external.onnx"), *options, *SHORT)
    assert done.returncode == 0, done.stderr
    assert f"engines are kept to the CPUs {cpu}" in done.stdout
    assert re.search(rf"stream 0 is on CPU {cpu}$", done.stdout, re.M)


def test_sweep_tells_a_command_line_that_works(emch: Emch, networks: Callable[[str], Path]) -> None:
    path = networks("external.onnx")
    done = emch("bench", path, "--sweep", "--budget", "8", "-b", "1,4", *SHORT[2:])
    assert done.returncode == 0, done.stderr
    commands = re.findall(r"^  (emch bench .*)$", done.stdout.replace(str(path), "PATH"), re.M)
    assert len(commands) == 2
    told = commands[0].replace("PATH", str(path)).split()[1:]
    assert emch(*told, *SHORT).returncode == 0


def test_loadgen_has_its_verdict(
    emch: Emch,
    networks: Callable[[str], Path],
    tmp_path: Path,
    require: Callable[[object, str], None],
) -> None:
    require(find_spec("mlperf_loadgen"), "LoadGen is missing: pip install 'emch[loadgen]'")
    options = ("-s", "server", "--request-rate", 200, "--goodput", "p90:1s", "--loadgen", tmp_path)
    done = emch("bench", networks("external.onnx"), *options, "-t", 1, "-w", "50ms", "-q")
    assert done.returncode == 0, done.stderr
    assert re.search(r"LoadGen [\d.]+.* of onnxruntime, batch size 1: (VALID|INVALID)", done.stdout)
    assert list(tmp_path.rglob("mlperf_log_detail.txt"))


BROKEN = {
    "text.onnx": (2, "is no ONNX file"),
    "truncated.onnx": (2, "is no ONNX file, or not a whole one"),
    "unknown-opset.onnx": (3, "could not load"),
    "unknown-operator.onnx": (3, "could not load"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_a_sentence(
    fails: Fails, networks: Callable[[str], Path], name: str
) -> None:
    code, words = BROKEN[name]
    assert words in fails(code, "bench", networks(name), *SHORT)


REFUSED: dict[str, tuple[int, tuple[object, ...], str]] = {
    "too few shapes": (2, ("-shapes", "[1,16],[1,16]"), "there are 2 shapes"),
    "a shape that contradicts": (2, ("-shapes", "[1,17]"), "contradicts"),
    "no shape": (2, ("-shapes", "[1,x]"), "are no shapes"),
    "a size of zero": (2, ("-shapes", "[0,16]"), "below 1"),
    "an unknown axis": (2, ("--dim", "height=3"), "no free axis 'height'"),
    "a batch size of zero": (2, ("-b", "0"), "no whole numbers from 1 on"),
    "a negative batch size": (2, ("-b", "-4"), "no whole numbers from 1 on"),
    "no time": (2, ("-t", "0"), "no time above 0"),
    "too many cores": (2, ("-ncores", 999), "999 threads need 999 CPUs"),
    "too many streams": (2, ("-s", "async", "-nstreams", 999), "cannot be shared"),
    "streams for sync": (2, ("-nstreams", 2), "one request at a time"),
    "an unknown engine": (2, ("-e", "tensorflow"), "unknown backend 'tensorflow'"),
    "an engine of texts": (3, ("-e", "sentence-transformers"), "loads no file"),
    "a rate no machine can send": (
        2, ("-s", "server", "--request-rate", "1e8"), "more than this machine can send",
    ),
    "no rate": (2, ("-s", "server"), "needs --request-rate"),
    "a rate for sync": (2, ("--request-rate", 5), "belongs to the scenario server"),
    "a bound that is none": (2, ("--goodput", "fast"), "is no bound"),
    "a search in sync": (2, ("--find-rate", "p99:1ms"), "--find-rate needs the scenario server"),
    "lengths without an axis": (2, ("--lengths", "3,4"), "no free axis for the lengths"),
    "inputs that are none": (2, ("--inputs", "/nowhere.npz"), "is no .npz file"),
    "an export path in no folder": (2, ("-x", "/no/such/folder/x.json"), "--export-path"),
    "a CPU that is not there": (2, ("--cores", "4095"), "asked for"),
    "a sweep of two engines": (2, ("--sweep", "-e", "onnxruntime,openvino"), "of one engine"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_wrong_usage_is_a_sentence(
    fails: Fails, networks: Callable[[str], Path], what: str
) -> None:
    code, options, words = REFUSED[what]
    assert words in fails(code, "bench", networks("external.onnx"), *SHORT, *options)


MISFITS: dict[str, tuple[str, tuple[object, ...], str]] = {
    "a batch size of a network without a batch": (
        "no-batch.onnx", ("-b", 8), "no axis for a batch, so a batch size of 8",
    ),
    "another batch size than the file's": (
        "fixed-batch.onnx", ("-b", 8), "the batch size 2 fixed in it, which 8 contradicts",
    ),
    "elastic with a fixed batch size": (
        "fixed-batch.onnx", ("-s", "elastic"), "the scenario 'elastic' joins requests",
    ),
    "elastic without a batch": (
        "no-batch.onnx", ("-s", "elastic"), "the scenario 'elastic' joins requests",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MISFITS)
def test_batch_that_the_network_cannot_have_is_refused(
    fails: Fails, networks: Callable[[str], Path], what: str
) -> None:
    name, options, words = MISFITS[what]
    assert words in fails(2, "bench", networks(name), *SHORT, *options)


def test_networks_without_a_free_batch_run(emch: Emch, networks: Callable[[str], Path]) -> None:
    for name, size in (("no-batch.onnx", 1), ("fixed-batch.onnx", 2)):
        found = measured(emch("bench", networks(name), "--iterations", 5, "-x", "-", *SHORT))
        (record,) = found["records"]
        assert value(record, "items") == 5 * size


PIXELS = np.zeros((2, 3, 8, 5), np.float32)
SHIFT = np.zeros((2, 4), np.float32)
ARRAYS: dict[str, tuple[dict[str, object], str]] = {
    "an array too few": ({"pixels": PIXELS, "shift": SHIFT}, "has the arrays pixels, shift, and"),
    "another name": (
        {"pixel": PIXELS, "shift": SHIFT, "scale": np.float32(1)}, "has the arrays pixel, shift",
    ),
    "another type": (
        {"pixels": PIXELS.astype("f8"), "shift": SHIFT, "scale": np.float32(1)},
        "the array 'pixels'",
    ),
    "another fixed size": (
        {"pixels": PIXELS[:, :2], "shift": SHIFT, "scale": np.float32(1)}, "contradicts",
    ),
    "another number of axes": (
        {"pixels": PIXELS[0], "shift": SHIFT, "scale": np.float32(1)}, "contradicts",
    ),
    "other numbers of rows": (
        {"pixels": PIXELS, "shift": SHIFT[:1], "scale": np.float32(1)}, "1 to 2 rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ARRAYS)
def test_arrays_that_the_network_does_not_take_are_refused(
    fails: Fails, networks: Callable[[str], Path], tmp_path: Path, what: str
) -> None:
    arrays, words = ARRAYS[what]
    np.savez(tmp_path / "inputs.npz", **arrays)  # type: ignore[arg-type]
    options = ("--inputs", tmp_path / "inputs.npz")
    assert words in fails(2, "bench", networks("two-ranks.onnx"), *SHORT, *options)


def test_inputs_of_a_file_are_shown_with_their_own_sizes(
    emch: Emch, networks: Callable[[str], Path], tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, pixels=PIXELS, shift=SHIFT, scale=np.float32(1))
    done = emch("bench", networks("two-ranks.onnx"), "--inputs", inputs, *SHORT)
    assert done.returncode == 0, done.stderr
    assert "pixels: float32 [batch=1, 3, height=8, width=5], from " in done.stdout


def test_model_that_is_not_there_is_a_sentence(fails: Fails, tmp_path: Path) -> None:
    assert "there is no file" in fails(2, "bench", tmp_path / "model.onnx")
    (tmp_path / "model.bin").touch()
    assert "no file of a network" in fails(2, "bench", tmp_path / "model.bin")


ENGINE = """
import time
import numpy as np
from emch.backends.base import Backend, SessionInfo
from emch.backends.network import Input, Network


class Slow(Network):
    def __init__(self, seconds, factor):
        self.info = SessionInfo(threads=1, precision="fp32", provider="none", library="slow 1")
        self.inputs = (Input("features", "float32", ("batch", 16)),)
        self.seconds, self.factor, self.calls = seconds, factor, 0

    def run(self, feeds):
        self.calls += 1
        time.sleep(self.seconds if self.calls > 8 else 0)
        return {"scores": self.factor * feeds["features"]}


class Quick(Backend):
    name, artifact, precision, modules = "quick", "onnx", "fp32", ()
    seconds, factor = 0.001, 1.0

    @classmethod
    def load(cls, folder, options):
        raise NotImplementedError

    @classmethod
    def load_network(cls, path, options):
        return Slow(cls.seconds, cls.factor)


class Hanging(Quick):
    seconds = 600.0


class Wrong(Quick):
    factor = -1.0


class NoNumber(Quick):
    factor = float("nan")
"""


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a module of engines from outside, and return its folder."""
    folder = tmp_path_factory.mktemp("engines")
    (folder / "engines_for_bench.py").write_text(ENGINE)
    return folder


ONE = ("-ncores", 1, "-t", "300ms", "-w", "20ms", "-q")


def test_engine_that_hangs_is_killed_and_the_others_are_measured(
    emch: Emch, networks: Callable[[str], Path], engines: Path
) -> None:
    names = "engines_for_bench:Hanging,engines_for_bench:Quick"
    done = emch(
        "bench", networks("external.onnx"), "-e", names, "--timeout", 2, *ONE,
        PYTHONPATH=f"{engines}:{os.environ.get('PYTHONPATH', '')}",
    )  # fmt: skip
    assert done.returncode == 3
    assert "the engine hangs while" in done.stderr
    assert len(re.findall("^engines_for_bench:Quick", done.stdout, re.M)) == 2


def test_engines_that_disagree_are_exit_1(
    fails: Fails, networks: Callable[[str], Path], engines: Path
) -> None:
    names = "engines_for_bench:Quick,engines_for_bench:Wrong"
    said = fails(
        1, "bench", networks("external.onnx"), "-e", names, *ONE,
        PYTHONPATH=f"{engines}:{os.environ.get('PYTHONPATH', '')}",
    )  # fmt: skip
    assert "the output 'scores' of engines_for_bench:Wrong differs" in said
    assert "the tolerance is 0.001" in said


def test_engine_that_alone_gives_nan_differs_and_is_exported(
    emch: Emch, networks: Callable[[str], Path], engines: Path
) -> None:
    names = "engines_for_bench:Quick,engines_for_bench:NoNumber"
    done = emch(
        "bench", networks("external.onnx"), "-e", names, "-x", "-", *ONE,
        PYTHONPATH=f"{engines}:{os.environ.get('PYTHONPATH', '')}",
    )  # fmt: skip
    found = measured(done, code=1)
    (agreement,) = [each for each in found["agreement"] if each["engine"].endswith("NoNumber")]
    assert agreement["nan"] == agreement["numbers"]
    assert agreement["differences"][0]["absolute"] is None
    assert "differs from that of engines_for_bench:Quick" in done.stderr


def test_overloaded_server_says_so_and_counts_who_waited_in_vain(
    emch: Emch, networks: Callable[[str], Path], engines: Path
) -> None:
    """The engine takes 1 ms, and 5,000 requests per second come."""
    options = ("-e", "engines_for_bench:Quick", "-s", "server", "--request-rate", 5000)
    done = emch(
        "bench", networks("external.onnx"), *options, *ONE, "-t", 2,
        PYTHONPATH=f"{engines}:{os.environ.get('PYTHONPATH', '')}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = " ".join(done.stdout.split())
    assert re.search(r"OVERLOADED: [\d,]+ of [\d,]+ requests to \S+, batch size 1 had no", said)
    assert re.search(r"^engines_for_bench:Quick +1 +never", done.stdout, re.M)


@pytest.mark.parametrize("way", ["Ctrl-C in a terminal", "SIGTERM to emch alone"])
def test_interrupt_shows_what_was_measured(
    networks: Callable[[str], Path], engines: Path, way: str
) -> None:
    command = [
        sys.executable, "-m", "emch.cli.main", "bench", str(networks("external.onnx")),
        "-e", "engines_for_bench:Quick", "-ncores", "1", "-t", "60", "-w", "20ms", "-q",
    ]  # fmt: skip

    def is_time(process: psutil.Process) -> bool:
        children = process.children()
        return bool(children) and sum(children[0].cpu_times()[:2]) > 0 and running(process) > 3

    def running(process: psutil.Process) -> float:
        import time

        return time.time() - process.create_time()

    ended = interrupt(
        command,
        way,
        is_time,
        env={**os.environ, "PYTHONPATH": f"{engines}:{os.environ.get('PYTHONPATH', '')}"},
    )
    assert ended.status == (130 if "Ctrl-C" in way else 143)
    assert len(re.findall("^engines_for_bench:Quick", ended.stdout, re.M)) == 2, ended.stderr
    assert not ended.left
