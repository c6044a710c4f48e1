"""Cut a part out of a network in transformers: a module, and the inputs that the model gives it."""

from collections.abc import Callable
from typing import Any

from emch.arrays import FloatArray
from emch.errors import Unavailable

MODULES = {"embeddings": "embeddings", "layer": "encoder.layer.0", "encoder": "encoder"}


def cut_torch(model: Any, name: str, run: Callable[[], object]) -> Callable[[], FloatArray]:
    """Return a callable that runs a part on the inputs it gets in one run of the model.

    What a module takes (masks above all) differs between versions of transformers, so the inputs
    are caught in a run of the model, and not built here.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The whole model.
    name : str
        A key of `MODULES`.
    run : callable
        Runs the whole model on a batch.

    Raises
    ------
    Unavailable
        The model has no such module, or one that is not transformers' own.
    """
    import torch

    module = _module(model, name)
    handed: list[Any] = []
    hook = module.register_forward_pre_hook(
        lambda _, args, kwargs: handed.append((args, kwargs)), with_kwargs=True
    )
    try:
        run()
    finally:
        hook.remove()
    args, kwargs = handed[0]

    def call() -> FloatArray:
        with torch.inference_mode():
            output = module(*args, **kwargs)
            states = output if isinstance(output, torch.Tensor) else output[0]
            hidden: FloatArray = states.float().cpu().numpy()
        return hidden

    return call


def _module(model: Any, name: str) -> Any:
    layer, module = (_find(model, MODULES[each]) for each in ("layer", name))
    for each in (model, layer):
        if not type(each).__module__.startswith("transformers."):
            raise Unavailable(f"a {type(each).__name__} cannot be cut into parts")
    return module


def _find(model: Any, path: str) -> Any:
    try:
        return model.get_submodule(path)
    except AttributeError as error:
        raise Unavailable(f"a {type(model).__name__} has no module '{path}' to cut out") from error
