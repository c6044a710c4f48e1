"""Several texts in one row of tokens, kept apart by the mask, and each with places of its own."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.openvino.backend import OpenVino
from emch.backends.options import Options
from emch.models.network_files import Made, write_onnx
from emch.models.original.transformers import load_network
from evaluation.fastest.attempts import Encode, Tokens, folder_of

ROW = 128
"""Tokens of a row, which is as long as the longest text if that is longer."""

ROWS = 8
"""Rows of a batch: about as many tokens as 32 texts have."""


class Packed(NamedTuple):
    """Rows of tokens, [rows, tokens]: ids, places in their text, and texts from 1 (0: padding)."""

    ids: IntArray
    places: IntArray
    texts: IntArray


def pack(tokens: Tokens) -> Packed:
    """Put the texts into rows, the longest first and each into the first row that has room."""
    size = max(ROW, *(len(each) for each in tokens))
    rows: list[list[int]] = []
    room: list[int] = []
    for text in sorted(range(len(tokens)), key=lambda text: -len(tokens[text])):
        length = len(tokens[text])
        row = next((row for row, left in enumerate(room) if left >= length), len(rows))
        if row == len(rows):
            rows.append([])
            room.append(size)
        rows[row].append(text)
        room[row] -= length
    packed = Packed(*np.zeros((3, len(rows), size), dtype=np.int64))
    for row, texts in enumerate(rows):
        at = 0
        for text in texts:
            span = slice(at, at + len(tokens[text]))
            packed.ids[row, span] = tokens[text]
            packed.places[row, span] = np.arange(len(tokens[text]))
            packed.texts[row, span] = text + 1
            at = span.stop
    return packed


def packed(options: Options) -> Encode:
    """Return what encodes packed rows with OpenVINO, the mean of each text taken outside."""
    network = _network(options)

    def encode(tokens: Tokens) -> FloatArray:
        rows = pack(tokens)
        sums: FloatArray | None = None
        for start in range(0, len(rows.ids), ROWS):
            part = Packed(*(array[start : start + ROWS] for array in rows))
            feeds = dict(zip(("input_ids", "position_ids", "texts"), part, strict=True))
            states = network.run(feeds)["last_hidden_state"]
            if sums is None:
                sums = np.zeros((len(tokens), states.shape[2]), np.float32)
            flat = part.texts.ravel()
            starts = np.flatnonzero(np.diff(flat, prepend=-1))
            totals = np.add.reduceat(states.reshape(len(flat), -1), starts, axis=0)
            kept = flat[starts] > 0
            sums[flat[starts][kept] - 1] = totals[kept]
        assert sums is not None  # noqa: S101 - there are texts
        lengths = np.array([[len(each)] for each in tokens], dtype=np.float32)
        return np.divide(sums, lengths, dtype=np.float32)

    return encode


def _network(options: Options) -> Any:
    import torch

    network, _ = load_network(folder_of("pytorch"))
    forward = network.forward

    def last_state(input_ids: Any, position_ids: Any, texts: Any) -> Any:
        same = (texts[:, :, None] == texts[:, None, :])[:, None]
        mask = torch.where(same, 0.0, torch.finfo(torch.float32).min)
        states = forward(input_ids=input_ids, attention_mask=mask, position_ids=position_ids)
        return states.last_hidden_state

    network.forward = last_state
    ids = torch.arange(16).reshape(2, 8) + 1000
    example = {"input_ids": ids, "position_ids": ids % 8, "texts": (ids % 8) // 4 + 1}
    axes = {0: "rows", 1: "tokens"}
    made = Made(network, example, ["last_hidden_state"], axes, kept=tuple(axes))
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(made, path)
        return OpenVino.load_network(path, options)
