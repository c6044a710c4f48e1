"""Files are written whole by one function, `replace_file`; whoever writes otherwise says why."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = "makes a file of a folder that is whole or not there (`emch.cache.building`, or temporary)"
ROW_BY_ROW = "writes more than memory holds, in `emch.cache.replacing`"
WRITERS = {
    "emch/cache.py:replace_file": "is that function",
    "emch/cli/export_rows.py:csv": ROW_BY_ROW,
    "emch/export/delivery.py:_keep": ROW_BY_ROW,
    "emch/backends/native/program.py:install": FOLDER,
    "emch/runners/contract/trial.py:started": FOLDER,
    "emch/compare/calibration.py:write_noise": FOLDER,
    "emch/datasets/scifact.py:write_beir": FOLDER,
    "emch/models/build_ctranslate2.py:_as_of_transformers_4": FOLDER,
    "emch/models/build_mnn.py:convert_mnn": FOLDER,
    "emch/models/layout.py:write_json": FOLDER,
    "emch/models/manifest.py:write_manifest": FOLDER,
    "emch/models/reference.py:store": FOLDER,
    "emch/models/settings.py:write_settings": FOLDER,
    "emch/encoding/first.py:write_first": "has numpy write what `replacing` puts in place",
    "emch/tracking/resolve.py:resolve": "gives uv a file in a folder that is gone afterwards",
    "emch/site/libraries.py:localize": "copies the bytes of libraries beside the page",
    "emch/compare/schedule.py:measure": "appends a line a launch",
    "emch/suite/cells.py:_announce": "appends to a log",
    "emch/measure/process.py:run_accounted": "gives a process a file for its stderr",
    "emch/bench/worker.py:main": "is its standard output",
    "emch/beam/flink/cluster.py:start": "gives a process a file for its stderr",
    "emch/beam/flink/keeper.py:_run": "gives a process a file for its stderr",
    "emch/compare/commands.py:_run": "gives a process a file for its stderr",
    "emch/measure/child.py:__init__": "gives a process a file for its stderr",
    "emch/scenarios/loadgen.py:_require_folder": "empties the log that LoadGen then writes itself",
    "emch/measure/thin_parent.py:main": "imports next to nothing, so that its process stays small",
    "emch/compare/side/emch_side/__main__.py:main": "is its standard output",
    "emch/compare/side/emch_side/suite.py:fill_cache": "writes for asv, in a folder of this launch",
}


def is_writing(call: ast.Call) -> bool:
    """Say whether a call writes a file, by its name and the text that it has for a mode."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"open", "fdopen"}:
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        modes = [text for text in texts if isinstance(text, str) and len(text) <= 3]
        return any(set(mode) & set("wxa") for mode in modes)
    return name in {"write_text", "write_bytes"}


def functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Yield the functions and methods; one inside of another is a part of that."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body)


def writers() -> Iterator[str]:
    """Yield the file and the function of each call in emch that writes a file."""
    for path in sorted((ROOT / "emch").rglob("*.py")):
        for function in functions(ast.parse(path.read_text()).body):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            if any(map(is_writing, calls)):
                yield f"{path.relative_to(ROOT)}:{function.name}"


def test_whatever_writes_a_file_otherwise_says_why() -> None:
    assert set(writers()) == WRITERS.keys(), "write it with emch.cache.replace_file"
