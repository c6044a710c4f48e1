"""The project's root and its asv.conf.json."""

from pathlib import Path

from asv.config import Config

ROOT = Path(__file__).parents[1]


def load_config() -> Config:
    return Config.load(str(ROOT / "asv.conf.json"))
