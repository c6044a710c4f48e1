"""Inputs that can never be answered are told apart before they come to an engine, by kind."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emch.beam.work.base import find_text
from emch.beam.work.images import ImageClassification
from emch.errors import Poisoned

prepare = ImageClassification.prepare


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\xff\xfe", "it is not UTF-8"),
        (b"", "there is no word in it"),
        (" \t", "there is no word in it"),
    ],
)
def test_text_that_is_none_is_refused(raw: object, message: str) -> None:
    with pytest.raises(Poisoned, match=message):
        find_text(raw)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "CMYK"])
def test_image_of_any_mode_becomes_three_normalized_channels(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "image.tiff"
    Image.new(mode, (50, 30)).save(file)
    found = prepare(None, file)  # type: ignore[arg-type] # it looks at the image alone
    assert found.shape == (3, 224, 224)
    assert found.dtype == np.float32
    assert np.abs(found).max() < 3


def test_image_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), (1, 2, 3)).save(tmp_path / "whole.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-60])
    (tmp_path / "text.jpg").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    for name in ("half.png", "text.jpg", "folder.png", "missing.png"):
        with pytest.raises(Poisoned, match=r"it is no (whole )?image"):
            prepare(None, tmp_path / name)  # type: ignore[arg-type] # as above
