"""The backends and datasets of the suite, as asv needs them: literals, the same in every stack."""

BACKENDS = [
    "pytorch",
    "pytorch-bf16",
    "pytorch-compile",
    "pytorch-compile-bf16",
    "pytorch-bettertransformer",
    "torchscript",
    "torchscript-int8",
    "onnxruntime",
    "onnxruntime-int8",
    "onnxruntime-fused",
    "onnxruntime-fused-int8",
    "onnxruntime-openvino",
    "optimum-onnxruntime",
    "optimum-onnxruntime-int8",
    "openvino",
    "openvino-bf16",
    "openvino-int8",
    "xla",
    "ctranslate2",
    "ctranslate2-int8",
    "deepsparse",
    "sentence-transformers",
    "gomlx-go",
    "gomlx-xla",
    "rust-onnxruntime",
    "rust-onnxruntime-int8",
    "rust-rten",
    "fastembed",
    "sentence-transformers-onnx",
    "openvino-genai",
]

DATASETS = [
    "mini",
    "scifact",
]
