"""The stacks of asv.conf.json, by label."""

from pathlib import Path

from asv.config import Config

ROOT = Path(__file__).parents[1]


def load_config() -> Config:
    return Config.load(str(ROOT / "asv.conf.json"))


def read_stacks() -> dict[str, dict[str, str]]:
    """Return {label: {distribution: version}}."""
    return {
        stack["env_nobuild"]["EMCH_STACK"]: {
            name.removeprefix("pip+"): version for name, version in stack["req"].items()
        }
        for stack in load_config().include
    }
