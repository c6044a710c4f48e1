"""A small runner that keeps the contract of docs/native-runners.md: read it, and write your own.

    python native/example/runner.py --describe
    python native/example/runner.py JOB RESULT

It encodes with ONNX Runtime and needs no part of emch; its tasks are `startup` and `tokens`.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

NAME = "example"
BEGAN = time.perf_counter()
OPTIONS = {"threads", "streams"}


class Refused(Exception):
    """What is wrong in a sentence, and which kind of error it is."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def describe() -> dict:
    """Say what this program is."""
    return {
        "contract": 1, "name": NAME, "version": "1.0.0", "tasks": ["startup", "tokens"],
        "poolings": ["mean"], "backends": ["example"],
        "libraries": {"onnxruntime": onnxruntime.__version__},
    }  # fmt: skip


def account() -> dict:
    """Say what this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall_s": time.perf_counter(), "user_s": used.ru_utime, "kernel_s": used.ru_stime,
        "peak_rss_bytes": used.ru_maxrss * 1024,
    }  # fmt: skip


def refuse_what_is_unknown(job: dict) -> None:
    """Refuse what this program cannot do, before anything is loaded."""
    if job.get("contract") != 1:
        raise Refused("InvalidInput", f"the job has contract {job.get('contract')}: send version 1")
    if (task := job["task"]["name"]) not in describe()["tasks"]:
        raise Refused("InvalidInput", f"unknown task '{task}': send startup or tokens")
    for option, value in job.get("options", {}).items():
        if option not in OPTIONS:
            raise Refused("InvalidInput", f"unknown option {option} ({value}): leave it out")
    if (streams := job.get("options", {}).get("streams", 1)) != 1:
        raise Refused("OptionNotHonoured", f"{streams} streams were asked for: there is one")


def load_tokenizer(path: str) -> Tokenizer:
    """Load the tokenizer, which cuts texts at the model's limit."""
    if not Path(path).is_file():
        raise Refused("Unavailable", f"there is no tokenizer {path}: run 'emch prepare'")
    try:
        return Tokenizer.from_file(path)
    except Exception as error:  # the library raises nothing more special
        raise Refused("BrokenArtifact", f"{path} is no tokenizer ({error})") from error


def load_network(path: str, threads: int) -> onnxruntime.InferenceSession:
    """Load the network."""
    if not Path(path).is_file():
        raise Refused("Unavailable", f"there is no network {path}: run 'emch prepare'")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it has an error of its own for each thing
        line = str(error).splitlines()[0]
        raise Refused("LoadFailed", f"{path} could not be loaded ({line})") from error


def encode(session, tokenizer, model: dict, texts: list, batch_size: int) -> np.ndarray:
    """Return the embeddings of texts, [texts, size]: longest first, mean pooling."""
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row]))
    found = np.empty((len(texts), model["hidden_size"]), dtype=np.float32)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        length = len(tokens[rows[0]])
        ids = np.full((len(rows), length), model["pad_id"], dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(tokens[row])] = tokens[row]
            mask[place, : len(tokens[row])] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feeds = {each.name: feeds[each.name] for each in session.get_inputs()}
        hidden = session.run(None, feeds)[0]
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        found[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    return found


def work(job: dict) -> dict:
    """Do a job and return its result."""
    refuse_what_is_unknown(job)
    task, model = job["task"], job["model"]
    tokenizer = load_tokenizer(model["tokenizer"])
    if task["name"] == "tokens":
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(task["texts"])]
        return {"contract": 1, "tokens": tokens}
    threads = job["options"]["threads"]
    session = load_network(model["network"], threads)
    loaded = time.perf_counter()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    encode(session, tokenizer, model, task["texts"], task["batch_size"])
    first_call_s = time.perf_counter() - loaded
    before = account()
    texts = [model["prompts"][each["role"]] + each["text"] for each in job["probes"]]
    answers = encode(session, tokenizer, model, texts, task["batch_size"])
    return {
        "contract": 1,
        "counts": [],
        "samples": [
            ["load_s", [loaded - BEGAN]],
            ["rss_after_load_bytes", [resident]],
            ["first_call_s", [first_call_s]],
        ],
        "session": {
            "threads": threads, "streams": 1, "device": "cpu", "precision": "fp32",
            "provider": session.get_providers()[0],
            "library": f"onnxruntime {onnxruntime.__version__}",
        },
        "answers": [answers.tolist()],
        "before_check": before,
        "after_check": account(),
    }  # fmt: skip


def write_whole(path: Path, content: dict) -> None:
    """Write a file beside its place and move it there, so that it is whole or not there."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(path)


def main(job: str, result: str) -> int:
    """Do the job in a file; return the exit status."""
    status, content = 0, {}
    try:
        content = work(json.loads(Path(job).read_text(encoding="utf-8")))
    except Refused as refused:
        status = 2 if refused.kind == "InvalidInput" else 3
        content = {"contract": 1, "error": str(refused), "kind": refused.kind}
        print(f"{NAME}: {refused}", file=sys.stderr)
    try:
        write_whole(Path(result), content)
    except OSError as error:
        print(f"{NAME}: {result} cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    if sys.argv[1:] == ["--describe"]:
        print(json.dumps(describe()))
    else:
        sys.exit(main(*sys.argv[1:]))
