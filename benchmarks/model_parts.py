"""How long each part of the model takes, where a backend can be cut into parts."""

from emch.suite import ModelParts, Recorded, Task, sampled, tracked

BACKENDS = ["pytorch", "onnxruntime"]
PARTS = ["tokenizer", "embeddings", "layer", "encoder", "pooling", "whole"]
SHAPES = ["sentences-128 x 16", "sentences-16 x 1"]


class Parts(Recorded):
    """One part after another, each in a process of its own; `layer` is one of the layers."""

    params = (BACKENDS, PARTS, SHAPES)
    param_names = ("backend", "part", "shape")

    def cell(self, backend: str, part: str, shape: str) -> tuple[Task, str, None]:
        dataset, _, batch_size = shape.partition(" x ")
        return ModelParts(dataset=dataset, batch_size=int(batch_size), part=part), backend, None

    track_latency = sampled("median_s", samples="call_s")
    track_p99 = tracked("p99_s")
