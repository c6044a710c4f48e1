"""A second stack is resolved by uv, here on packages that are made for it and no index."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.tracking import resolve as resolving
from emch.tracking import upgrades
from emch.tracking.resolve import in_one_line, resolve
from emch.tracking.upgrades import newest_pins, parse_asked, upgraded_pins

# Engine 1 takes any helper, 2 takes none from 3 on, 3 needs helper 2. No index has such names.
PACKAGES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("emch-engine", "1"): ("emch-helper",),
    ("emch-engine", "2"): ("emch-helper<3",),
    ("emch-engine", "3"): ("emch-helper>=2,<3",),
    ("emch-helper", "1"): (),
    ("emch-helper", "2"): (),
    ("emch-helper", "3"): (),
}
PINS = {"emch-engine": "1", "emch-helper": "1", "asv_runner": "0.3.2"}


@pytest.fixture(autouse=True)
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let uv find these packages alone, and let emch require nothing."""
    for (name, version), requires in PACKAGES.items():
        place = f"{name.replace('-', '_')}-{version}"
        folder = f"{place}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
        with zipfile.ZipFile(tmp_path / f"{place}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{folder}/METADATA", metadata)
            wheel.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
            wheel.writestr(f"{folder}/RECORD", "")
    settings = tmp_path / "uv.toml"
    settings.write_text(f'[pip]\nno-index = true\nfind-links = ["{tmp_path}"]\n')
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(upgrades.own_package, "core_requirements", list)


def test_newest_are_those_that_go_together() -> None:
    assert newest_pins(PINS, []) == {"emch-engine": "3", "emch-helper": "2", "asv_runner": "0.3.2"}
    assert newest_pins(PINS, [], ["emch-helper<2"]) == {
        "emch-engine": "2", "emch-helper": "1", "asv_runner": "0.3.2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("emch-engine==2", {"emch-engine": "2", "emch-helper": "1"}),
        ("emch-engine==3", {"emch-engine": "3", "emch-helper": "2"}),
        ("emch-helper==3", {"emch-engine": "1", "emch-helper": "3"}),
        ("emch-helper>=2,<3", {"emch-engine": "1", "emch-helper": "2"}),
    ],
)
def test_what_is_not_named_moves_only_if_it_must(asked: str, found: dict[str, str]) -> None:
    assert upgraded_pins(PINS, [], parse_asked([asked])) == {**found, "asv_runner": "0.3.2"}


def test_package_that_the_stack_lacks_is_added() -> None:
    pins = {"emch-helper": "1"}
    assert upgraded_pins(pins, [], parse_asked(["emch-engine==2"])) == {
        "emch-engine": "2",
        "emch-helper": "1",
    }


@pytest.mark.parametrize(
    "asked", [["emch-engine==9"], ["emch-engine==3", "emch-helper==3"], ["none==1"]]
)
def test_what_cannot_be_resolved_is_in_the_words_of_the_resolver(asked: list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"cannot be resolved: No solution found.*[Bb]ecause"):
        upgraded_pins(PINS, [], parse_asked(asked))


@pytest.mark.parametrize("text", ["emch-engine", "emch-engine=3", "==3", "a b"])
def test_what_names_no_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"PACKAGE==VERSION|names no version"):
        parse_asked([text])


def test_resolver_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "find_uv", lambda: None)
    with pytest.raises(Unavailable, match="pip install uv"):
        resolve(["emch-engine"])


def test_index_that_is_away_is_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_CONFIG_FILE")
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(Unavailable, match="uv cannot resolve the versions"):
        resolve(["emch-engine"])


def test_network_that_is_turned_off_is_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_CONFIG_FILE")
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(Unavailable, match="the network was disabled"):
        resolve(["emch-engine"])


def test_words_of_the_resolver_are_one_line() -> None:
    said = "  × No solution found:\n  ╰─▶ Because a\n      needs b.\n"
    assert in_one_line(said) == "No solution found: Because a needs b."
