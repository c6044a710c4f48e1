"""The example of docs/export.md prints what the page shows, on the committed results."""

import re
from pathlib import Path

from click.testing import CliRunner

from emch.cli.main import main
from tests.stacks import ROOT

PAGE = (ROOT / "docs" / "export.md").read_text()


def test_query_prints_what_the_page_shows(tmp_path: Path) -> None:
    import duckdb

    command = re.search(r"\$ emch (export parquet .*) --out results\.parquet", PAGE)
    example = re.search(r"```sql\n(.*?);\n```\n\n(\|.*?)\n\n", PAGE, re.DOTALL)
    assert command is not None
    assert example is not None
    file = tmp_path / "results.parquet"
    done = CliRunner().invoke(main, [*command[1].split(), "--out", str(file)])
    assert done.exit_code == 0, done.output
    query, shown = example.groups()
    with duckdb.connect() as connection:
        found = connection.sql(query.replace("results.parquet", str(file)))
        rows = [found.columns, *found.fetchall()]
    read = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown.splitlines()]
    assert [read[0], *read[2:]] == [[str(cell) for cell in row] for row in rows]
