"""Runs a function in a process of its own, which takes its memory with it when it ends."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Value = TypeVar("Value")


def apart(function: Callable[..., Value], *arguments: object) -> Value:
    """Return what a function returns in a fresh process, or raise what it raises.

    Networks are made and checked in that way: the process that waits for a pipeline would hold
    on to their memory, which its workers need.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(function, *arguments).result()
