"""A change comes with what differs: packages, variables, the artifact and the operators."""

from dataclasses import replace
from pathlib import Path

from emch.compare.reasons import reasons, reasons_of_all
from emch.compare.sides import Side
from tests.compare.toy import CELL, make

EXPLAIN = """
    def explain(self, backend, size):
        return {{"artifact": "{artifact}", "operators": {operators}}}
"""


def explaining(folder: Path, artifact: str, operators: dict[str, float]) -> Side:
    side = make(folder)
    with (side.folder / "benchmarks" / "toy.py").open("a") as suite:
        suite.write(EXPLAIN.format(artifact=artifact, operators=operators))
    return side


def test_artifact_and_operators_that_differ_are_named_the_greatest_change_first(
    tmp_path: Path,
) -> None:
    one = explaining(tmp_path / "a", "onnx 1", {"MatMul": 0.003, "Gelu": 0.001, "Add": 0.001})
    other = explaining(tmp_path / "b", "onnx 2", {"MatMul": 0.0035, "Gelu": 0.003, "Add": 0.001})
    assert reasons([one, other], CELL) == [
        "artifact: onnx 1 -> onnx 2",
        "operators, profiled apart, a call: Gelu 1.00 -> 3.00 ms, MatMul 3.00 -> 3.50 ms",
    ]


def test_variables_that_differ_are_named(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a"), make(tmp_path / "b")
    same = {"SAME": "x"}
    one = replace(one, variables={"LEVEL": "1", "PATH": "env/A/bin:/usr/bin", **same})
    other = replace(
        other, variables={"LEVEL": "2", "NEW": "1", "PATH": "env/B/bin:/usr/bin", **same}
    )
    assert reasons([one, other], CELL) == ["environment: LEVEL 1 -> 2, NEW none -> 1"]


def test_packages_that_differ_are_named(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a"), make(tmp_path / "b")
    info = other.folder / "src" / "better-2.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: better\nVersion: 2.0\n")
    assert reasons([one, other], CELL) == ["packages: better none -> 2.0"]


def test_side_that_explains_nothing_is_a_sentence(tmp_path: Path) -> None:
    one = make(tmp_path / "a")
    other = explaining(tmp_path / "b", "x", {})
    toy = other.folder / "benchmarks" / "toy.py"
    toy.write_text(
        toy.read_text().replace('        return {"artifact"', '        return 1 / 0, {"artifact"')
    )
    (said,) = reasons([one, other], CELL)
    assert said == (
        "what differs is not known, since B explains nothing: ZeroDivisionError: division by zero"
    )


def test_cells_of_installed_projects_have_the_same_reasons(tmp_path: Path) -> None:
    one, other = (replace(make(tmp_path / name), packages=()) for name in "ab")
    changed = replace(other, variables={"LEVEL": "2"})
    second = replace(CELL, params=("'onnxruntime'", "2"))
    assert reasons_of_all([one, changed], [CELL, second]) == {
        CELL.name: ["environment: LEVEL none -> 2"],
        second.name: ["environment: LEVEL none -> 2"],
    }
    assert reasons_of_all([one, changed], []) == {}
