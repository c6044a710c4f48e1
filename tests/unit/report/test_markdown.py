"""A text stays in its cell of a Markdown table, whatever is in it."""

from emch.report.markdown import markdown_table


def test_text_neither_ends_its_cell_nor_becomes_markup() -> None:
    table = markdown_table(["name", "error"], [["a|b", "<b>first\nsecond"]])
    assert table.splitlines()[-1] == "| a\\|b | &lt;b>first second |"
