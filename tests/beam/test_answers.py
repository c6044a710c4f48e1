"""The answers of a pipeline are those of the library that the model is of."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from emch.beam.asked import Asked
from tests.alone import alone
from tests.beam.conftest import Beam, answers, record
from tests.beam.models import write_bert, write_resnet

TEXTS = ["the glaciers move slowly", "aspirin prevents some strokes in men", "two words"]

TRANSFORMERS = """
import json, sys
import torch
from transformers import AutoTokenizer, BertForMaskedLM
folder, texts = sys.argv[1], json.loads(sys.argv[2])
tokenizer, model = AutoTokenizer.from_pretrained(folder), BertForMaskedLM.from_pretrained(folder)
found = []
for text in texts:
    words = text.split()
    masked = tokenizer(" ".join(words[:-2] + ["[MASK]", words[-1]]), return_tensors="pt")
    with torch.inference_mode():
        logits = model(**masked).logits[0]
    place = (masked.input_ids[0] == tokenizer.mask_token_id).nonzero().item()
    found.append(tokenizer.convert_ids_to_tokens(int(logits[place].argmax())))
print(json.dumps(found))
"""
TORCH = """
import json, sys
import numpy as np, torch
from PIL import Image
from torchvision.transforms import v2
from transformers import ResNetForImageClassification
model = ResNetForImageClassification.from_pretrained(sys.argv[1]).eval()
ready = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                    v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
images = [Image.open(name).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
          for name in sys.argv[2:]]
with torch.inference_mode():
    print(json.dumps(model(torch.stack([ready(i) for i in images])).logits.argmax(1).tolist()))
"""


def told_by(program: str, *words: object) -> list[object]:
    command = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[object] = json.loads(done.stdout)
    return found


def test_masked_words_are_those_of_transformers(beam: Beam, tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    (tmp_path / "texts.txt").write_text("\n".join([*TEXTS, "alone"]))
    done = beam(
        "language-modeling", "--model", folder, "--backend", "onnxruntime", "--texts",
        "texts.txt", "--max-batch-size", 4, "--by-length", "--out", "answers", "--json", "r.json",
        EMCH_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = answers(tmp_path / "answers")
    wanted = told_by(TRANSFORMERS, folder, json.dumps(TEXTS))
    assert [found[place]["answer"] for place in range(3)] == wanted
    assert found[3]["reason"] == "there is no word but one to mask in it"
    made = record(tmp_path / "r.json")
    assert made.model == "bert"
    assert made.artifact["origin"] == f"folder {folder}"
    assert made.cosine_to_reference is not None
    assert made.cosine_to_reference > 0.99999


def test_classes_are_those_of_torchvision_s_own_transforms(beam: Beam, tmp_path: Path) -> None:
    folder, images = write_resnet(tmp_path / "resnet"), tmp_path / "images"
    images.mkdir()
    rng = np.random.default_rng(3)
    for number in range(6):
        size = (40 + 30 * number, 300 - 20 * number, 3)
        pixels = rng.integers(256, size=size, dtype=np.uint8) // (1 + number)
        Image.fromarray(pixels).save(images / f"{number}.png")
    (images / "6.png").write_bytes((images / "0.png").read_bytes()[:200])
    (images / "7.jpg").write_text("no image")
    (images / "notes.txt").write_text("not looked at")
    done = beam(
        "image-classification", "--model", folder, "--images", images, "--min-batch-size", 2,
        "--max-batch-size", 3, "--out", "answers", EMCH_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = answers(tmp_path / "answers")
    wanted = told_by(TORCH, folder, *(images / f"{number}.png" for number in range(6)))
    assert [found[place]["answer"] for place in range(6)] == wanted
    assert found[6]["reason"].startswith("it is no whole image")
    assert found[7]["reason"] == "it is no image of a kind that Pillow knows"
    assert "no answer to input 7: it is no image of a kind that Pillow knows" in done.stdout


@alone
def test_figures_are_those_of_beam_s_own_reader(tmp_path: Path) -> None:
    import apache_beam
    from apache_beam.testing.load_tests.load_test_metrics_utils import MetricsReader

    from emch.beam.figures import Metrics
    from emch.beam.process import work

    results = []
    run = apache_beam.Pipeline.run

    def keep(self: apache_beam.Pipeline, *words: object) -> object:
        results.append(run(self, *words))
        return results[-1]

    apache_beam.Pipeline.run = keep
    asked = Asked(
        task="sentence-encoding", model="stub", backend="stub", threads=1, count=50,
        min_batch_size=2, max_batch_size=8, out=str(tmp_path), workers=1,
    )  # fmt: skip
    found = Metrics.from_dict(work(asked, lambda _: None)["metrics"])
    reader = MetricsReader(publish_to_bq=False, namespace="BeamML_stub")
    rows = reader._get_distributions(results[0].metrics().query()["distributions"], "one")
    read = {row["metric"]: row["value"] for row in rows}
    names = (
        "inference_request_batch_size",
        "inference_batch_latency_micro_secs",
        "load_model_latency_milli_secs",
    )
    for name in names:
        ours = found.distributions[name]
        step = "runinference/beamml_runinference"
        for statistic in ("mean", "min", "max", "sum", "count"):
            label = f"BeamML_stub_{step}_{statistic}_{name}"
            assert read[label] == getattr(ours, statistic), label
    assert found.distributions[names[0]].sum == found.counters["num_inferences"] == 50
