"""The answers of a pipeline as files of JSON lines, one for each slice, on any of Beam's systems.

The name of a file is that of its slice, and it appears whole: a slice that is inferred again after
a worker was lost takes the place of what was there, so that nothing is counted twice.
"""

import json
from collections.abc import Iterable
from operator import itemgetter
from uuid import uuid4

from apache_beam.io.filesystems import FileSystems

from emch.beam.answers import Answer, Found
from emch.errors import BrokenArtifact


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
