"""The one table of backends, written from what the files of this folder declare.

`python -m tests.consistency.write` writes it, so that a process imports the file of its own backend
and no other.

Beside them there are those of other packages, which name them in the entry point group
`emch.backends`, and any class that is given as `package.module:Class`.
"""

from dataclasses import fields
from importlib import import_module
from typing import Any

from emch.backends.base import Backend, Options
from emch.backends.outside import find_outside, named_outside
from emch.errors import InvalidInput, OptionNotHonoured, Unavailable
from emch.models.artifacts import Artifact, open_artifact
from emch.models.resolve import resolve_model
from emch.models.source import DEFAULT_MODEL

BACKENDS = {
    "pytorch": "emch.backends.pytorch.eager:PyTorch",
    "pytorch-bf16": "emch.backends.pytorch.eager:PyTorchBf16",
    "pytorch-compile": "emch.backends.pytorch.compiled:PyTorchCompile",
    "pytorch-compile-bf16": "emch.backends.pytorch.compiled:PyTorchCompileBf16",
    "pytorch-compile-int8": "emch.backends.pytorch.pt2e:PyTorchCompileInt8",
    "pytorch-compile-autotune": "emch.backends.pytorch.autotuned:PyTorchAutotune",
    "pytorch-compile-bf16-autotune": "emch.backends.pytorch.autotuned:PyTorchAutotuneBf16",
    "zentorch": "emch.backends.pytorch.zentorch:ZenTorch",
    "zentorch-bf16": "emch.backends.pytorch.zentorch:ZenTorchBf16",
    "pytorch-bettertransformer": "emch.backends.pytorch.bettertransformer:BetterTransformer",
    "torchscript": "emch.backends.pytorch.torchscript:TorchScript",
    "torchscript-int8": "emch.backends.pytorch.torchscript:TorchScriptInt8",
    "onnxruntime": "emch.backends.onnxruntime.backend:OnnxRuntime",
    "onnxruntime-int8": "emch.backends.onnxruntime.backend:OnnxRuntimeInt8",
    "onnxruntime-fused": "emch.backends.onnxruntime.backend:OnnxRuntimeFused",
    "onnxruntime-fused-int8": "emch.backends.onnxruntime.backend:OnnxRuntimeFusedInt8",
    "onnxruntime-openvino": "emch.backends.onnxruntime.openvino:OnnxRuntimeOpenVino",
    "optimum-onnxruntime": "emch.backends.onnxruntime.optimum:OptimumOnnxRuntime",
    "optimum-onnxruntime-int8": "emch.backends.onnxruntime.optimum:OptimumOnnxRuntimeInt8",
    "openvino": "emch.backends.openvino.backend:OpenVino",
    "openvino-bf16": "emch.backends.openvino.backend:OpenVinoBf16",
    "openvino-int8": "emch.backends.openvino.backend:OpenVinoInt8",
    "xla": "emch.backends.xla.backend:Xla",
    "ctranslate2": "emch.backends.ctranslate2:CTranslate2",
    "ctranslate2-int8": "emch.backends.ctranslate2:CTranslate2Int8",
    "deepsparse": "emch.backends.deepsparse:DeepSparse",
    "sentence-transformers": "emch.backends.sentence_transformers:SentenceTransformers",
    "gomlx-go": "emch.backends.native.go:GoMlxGo",
    "gomlx-xla": "emch.backends.native.go:GoMlxXla",
    "rust-onnxruntime": "emch.backends.native.rust:RustOnnxRuntime",
    "rust-onnxruntime-int8": "emch.backends.native.rust:RustOnnxRuntimeInt8",
    "rust-rten": "emch.backends.native.rust:RustRten",
    "fastembed": "emch.backends.fastembed:FastEmbed",
    "sentence-transformers-onnx": "emch.backends.sentence_transformers_onnx:SwitchedToOnnx",
    "sentence-transformers-openvino": "emch.backends.sentence_transformers_openvino:OnOpenVino",
    "openvino-genai": "emch.backends.openvino.genai:OpenVinoGenAi",
    "mnn": "emch.backends.mnn:Mnn",
    "llama-cpp-fp16": "emch.backends.llama_cpp:LlamaCppF16",
    "llama-cpp-int8": "emch.backends.llama_cpp:LlamaCppInt8",
    "model2vec": "emch.backends.model2vec:Model2Vec",
}

STUB = {"stub": "emch.backends.stub:Stub"}
"""What stands for no engine: it is there by its name, and in no list."""


def known_backends() -> list[str]:
    """Return the names of all backends here: emch's, then those that other packages name."""
    return [*BACKENDS, *(name for name in named_outside() if name not in BACKENDS)]


def is_known(name: str) -> bool:
    """Say whether a name stands for a backend here, without importing any."""
    return name in BACKENDS or name in STUB or name in named_outside()


def get_backend(name: str) -> type[Backend]:
    """Return the backend of a name, whether or not its engine is installed.

    Parameters
    ----------
    name : str
        One of `known_backends`, or `package.module:Class`.

    Raises
    ------
    InvalidInput
        There is none of this name, or no such class, or it is no backend.
    BrokenEngine
        The module from outside cannot be imported.
    """
    if place := BACKENDS.get(name) or STUB.get(name):
        module, _, attribute = place.partition(":")
        backend: type[Backend] = getattr(import_module(module), attribute)
        return backend
    place = named_outside().get(name, name)
    if ":" not in place:
        raise InvalidInput(
            f"unknown backend '{name}'; known are: {', '.join(known_backends())}, "
            "and any package.module:Class"
        )
    return find_outside(place)


def require_available(name: str) -> type[Backend]:
    """Return the backend of a name, or raise `Unavailable` with the reason and the remedy."""
    backend = get_backend(name)
    if reason := backend.unavailable():
        raise Unavailable(f"the backend '{name}' cannot be used here: {reason}")
    return backend


def make_options(name: str, **asked: Any) -> Options:
    """Return the options of a backend by its name, what is None left to the default.

    Raises
    ------
    OptionNotHonoured
        The backend has no such option.
    """
    kind = get_backend(name).options
    given = {option: value for option, value in asked.items() if value is not None}
    for option in given.keys() - {each.name for each in fields(kind)}:
        raise OptionNotHonoured(
            f"the backend '{name}' has no {option}: {given[option]} was asked for"
        )
    return kind(**given)


def resolve_model_for(name: str, model: str) -> str:
    """Return the key of the prepared model that a user means, for a backend by its name.

    Raises
    ------
    InvalidInput
        The backend brings its own model, and another than the default one is asked for.
    InvalidInput, Unavailable
        See `resolve_model`.
    """
    if get_backend(name).own_model() is None:
        return resolve_model(model)
    if model != DEFAULT_MODEL:
        raise InvalidInput(
            f"the backend '{name}' brings a model of its own and cannot load '{model}': "
            "leave the model out"
        )
    return model


def open_model(name: str, model: str, *, thorough: bool = False) -> Artifact:
    """Open what a backend loads: the model that it brings, or an artifact of a prepared one.

    Parameters
    ----------
    name, model : str
        The backend by its name, and the key of the prepared model.
    thorough : bool
        As in `open_artifact`.

    Raises
    ------
    Unavailable, BrokenArtifact
        See `open_artifact`.
    """
    backend = get_backend(name)
    return backend.own_model() or open_artifact(model, backend.artifact, thorough=thorough)
