"""Keeps libraries that load models from drawing on the terminal."""


def hide_progress() -> None:
    """Draw no bar for each model that transformers loads; its version 5 does so by itself."""
    from transformers.utils import logging

    logging.disable_progress_bar()
