"""Image classification: an image to the number of its class, as torchvision's ResNet takes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.backends.network import Feeds
from emch.beam.work.network import NetworkWork
from emch.errors import Poisoned

SIZE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
"""Of ImageNet, by channel: the documentation of torchvision's weights has them."""


class ImageClassification(NetworkWork):
    """An image becomes an array of float32, [3, 224, 224]."""

    def prepare(self, raw: Any) -> FloatArray:
        """Scale an image, and normalize it by ImageNet's mean; see `Work.prepare`."""
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.fromarray(raw) if isinstance(raw, np.ndarray) else Image.open(raw) as image:
                scaled = image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        except UnidentifiedImageError as error:
            raise Poisoned("it is no image of a kind that Pillow knows") from error
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise Poisoned(f"it is no whole image ({error})") from error
        pixels = (np.asarray(scaled, np.float32) / 255 - MEAN) / DEVIATION
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def feeds(self, batch: Sequence[Any]) -> Feeds:
        """See `NetworkWork.feeds`."""
        return {"pixel_values": np.stack(batch)}

    def answers(self, batch: Sequence[Any], logits: FloatArray) -> list[Any]:  # noqa: ARG002 - of an image the logits are all
        """Return the class of each image."""
        return [int(found) for found in logits.argmax(axis=1)]
