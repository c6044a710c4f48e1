"""Apache Beam's RunInference benchmarks, for few inputs: three means, and the throughput.

The weights are random ones of a seed, whatever the Hub has, so that every machine runs the same.
"""

from typing import Any

from emch import suite

RESNETS = ["resnet101 (random weights)", "resnet152 (random weights)"]
BERTS = ["bert-base-uncased (random weights)", "bert-large-uncased (random weights)"]
BACKENDS = ["pytorch", "onnxruntime", "openvino"]

if hasattr(suite, "Pipelined"):  # commits before had no Beam
    from emch.suite import Pipelined, tracked

    class _Benchmark(Pipelined):
        """The figures that Beam's own benchmarks publish."""

        track_mean_requested_batch_size = tracked("mean_requested_batch_size")
        track_mean_batch_latency = tracked("mean_batch_latency_s")
        track_mean_model_load = tracked("mean_model_load_s")
        track_inputs_per_second = tracked("inputs_per_second")

        def network(self, model: str, backend: str) -> dict[str, Any]:
            return {"model": model.partition(" ")[0], "backend": backend, "random_weights": True}

    class ImageClassification(_Benchmark):
        """100 images, in batches of 10 to 100 as Beam finds them best, on one and two workers."""

        params = (RESNETS, BACKENDS, [1, 2])
        param_names = ("model", "backend", "workers")

        def pipeline(self, model: str, backend: str, workers: int) -> dict[str, Any]:
            asked = {"task": "image-classification", "count": 100, "workers": workers}
            return {**self.network(model, backend), **asked}

    class LanguageModeling(_Benchmark):
        """100 sentences, one by one as Beam's benchmark has them, and 16 of like length."""

        params = (BERTS, BACKENDS, ["one by one", "16 of like length"])
        param_names = ("model", "backend", "batches")

        def pipeline(self, model: str, backend: str, batches: str) -> dict[str, Any]:
            asked = {"task": "language-modeling", "count": 100}
            if batches != "one by one":
                asked |= {"min_batch_size": 16, "max_batch_size": 16, "by_length": True}
            return {**self.network(model, backend), **asked}

    class SentenceEncoding(_Benchmark):
        """500 sentences, 16 at a time, on one and two workers."""

        params = (["pytorch", "onnxruntime", "onnxruntime-int8", "openvino"], [1, 2])
        param_names = ("backend", "workers")

        def pipeline(self, backend: str, workers: int) -> dict[str, Any]:
            return {
                "task": "sentence-encoding",
                "backend": backend,
                "count": 500,
                "workers": workers,
            }
