"""A stack is added to the text of asv.conf.json, whatever else that has, comments included."""

import json5
import pytest

from emch.errors import InvalidInput
from emch.tracking.quickstart.config import PLUGIN, proposed, stack_entry, with_stack

ENTRY = stack_entry("newest", {"numpy": "2.4.6", "asv_runner": "0.3.2"}, "3.11")
BEFORE = {
    "no stacks": '{"version": 1}',
    "an empty list": '{\n  "include": [],\n  "pythons": []\n}',
    "a list of blanks": '{"include": [\n  ]}',
    "one": '{"include": [{"req": {"a": "1"}}], "x": "y"}',
    "a comma at the end": '{"include": [{"req": {"a": "1"}},]}',
    "comments": """{
    // "include": [{"no": 1}]
    "project": "x", /* ] } */
    "include": [
        {"req": {"a": "[1]"}}  // the first, with a ]
        // and no second
    ],
    "html_dir": "html"
}
""",
    "the word elsewhere": '{"project": "include", "matrix": {"include": [1]}, "include": ["a"]}',
}


def test_runner_has_the_name_that_asv_knows() -> None:
    assert ENTRY["req"] == {"numpy": "2.4.6", "pip+asv_runner": "0.3.2"}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_stack_comes_last_and_all_else_stays(before: str) -> None:
    old, new = json5.loads(before), json5.loads(with_stack(before, ENTRY))
    assert new.pop("include") == [*old.pop("include", []), ENTRY]
    assert new == old


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_only_lines_are_added_and_comments_stay(before: str) -> None:
    kept = [line.strip() for line in before.splitlines() if "//" in line or "/*" in line]
    after = with_stack(before, ENTRY)
    assert all(line.split("//", 1)[-1] in after for line in kept)
    assert with_stack(after, ENTRY).count('"newest"') == 2


@pytest.mark.parametrize(
    "before",
    [
        '{"version": 1}',
        '{"environment_type": "virtualenv", "pythons": ["3.11", "3.12"], "plugins": ["mine"]}',
        "{\n  // mine\n  'environment_type': 'conda',\n  \"plugins\": []\n}",
    ],
)
def test_what_is_proposed_has_all_that_stacks_need(before: str) -> None:
    old, new = json5.loads(before), json5.loads(proposed(before, [ENTRY]))
    assert new["plugins"] == [*old.get("plugins", []), PLUGIN]
    assert (new["environment_type"], new["pythons"], new["include"]) == ("emch", [], [ENTRY])
    assert json5.loads(proposed(proposed(before, [ENTRY]), []))["plugins"] == new["plugins"]


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"include": 3}'])
def test_broken_file_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"asv\.conf\.json"):
        with_stack(text, ENTRY)
