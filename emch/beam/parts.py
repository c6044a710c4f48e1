"""The answers of a pipeline as files of JSON lines, one for each slice, on any of Beam's systems.

The name of a file is that of its slice, and it appears whole: a slice that is inferred again after
a worker was lost takes the place of what was there, so that nothing is counted twice.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any
from uuid import uuid4

from apache_beam.io.filesystems import FileSystems

from emch.beam.handler import Answer, Request
from emch.errors import BrokenArtifact

MOST_REASONS = 5
"""Dead letters that are told of by their reason; all are in the files."""


@dataclass
class Found:
    """What the parts have.

    Attributes
    ----------
    answered, dead : int
        Inputs with an answer, and those with none.
    reasons : list of (int, str)
        The place and the reason of the first dead letters.
    requests : dict of str to Request
        The batches, by their names.
    """

    answered: int = 0
    dead: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)

    def add(self, line: dict[str, Any]) -> None:
        """Count an input."""
        if line["request"] is not None:
            self.requests[line["request"][0]] = Request(*line["request"])
        if line["reason"] is None:
            self.answered += 1
            return
        self.dead += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append((line["input"], line["reason"]))


def write_part(
    folder: str, number: int, answers: Iterable[tuple[int, Answer]], *, keep_answers: bool
) -> None:
    """Write the answers of a slice, each with its input's place."""
    target = FileSystems.join(folder, f"part-{number:08d}.jsonl")
    unfinished = FileSystems.join(folder, f"unfinished-{uuid4().hex}")
    with FileSystems.create(unfinished, "application/octet-stream") as file:
        for place, found in sorted(answers, key=itemgetter(0)):
            line = {
                "input": place,
                "answer": found.answer if keep_answers else None,
                "reason": found.reason,
                "request": found.request,
            }
            file.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
    FileSystems.rename([unfinished], [target])


def read_parts(folder: str, count: int) -> Found:
    """Read all parts of a pipeline that has ended.

    Raises
    ------
    BrokenArtifact
        They have not each of the inputs once.
    """
    found, places = Found(), 0
    last = -1
    names = FileSystems.match([FileSystems.join(folder, "part-*.jsonl")])[0].metadata_list
    for name in sorted(each.path for each in names):
        with FileSystems.open(name) as file:
            for text in file:
                line = json.loads(text)
                places += line["input"] > last  # slices and places are in order
                last = line["input"]
                found.add(line)
    total = found.answered + found.dead
    if not total == places == count:
        raise BrokenArtifact(
            f"the pipeline has {count:,} inputs, and {folder} has answers to {places:,} of them in "
            f"{total:,} lines: give --out a folder that is empty"
        )
    return found
