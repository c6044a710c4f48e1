"""One HTML file with everything in it: no server, no network."""

from html import escape
from pathlib import Path
from string import Template

STATIC = Path(__file__).with_name("static")
STYLE = "emch.css"
SCRIPTS = (
    "core.js",
    "format.js",
    "controls.js",
    "charts.js",
    "tables.js",
    "noise.js",
    "history.js",
    "overview.js",
    "engines.js",
    "heatmap.js",
    "versions.js",
    "tradeoff.js",
    "latency.js",
    "load.js",
    "roofline.js",
    "stacks.js",
)
"""In the order in which they need each other."""

PAGES = {
    "overview": "Overview",
    "engines": "Engines",
    "heatmap": "Heatmap",
    "versions": "Versions",
    "tradeoff": "Trade-off",
    "latency": "Latency",
    "load": "Load",
    "roofline": "Roofline",
    "stacks": "Stacks",
}
"""Our pages by the name in the address, with the words on the tab."""


def render(data: str, project: str, charts: Path | None) -> str:
    """Return the report.

    Parameters
    ----------
    data : str
        The JSON of `build`.
    project : str
        The project's name.
    charts : Path or None
        The charting library; without it the report has tables alone.
    """
    scripts = [(STATIC / name).read_text(encoding="utf-8") for name in (*SCRIPTS, "report.js")]
    if charts is not None:
        scripts.insert(0, charts.read_text(encoding="utf-8"))
    template = Template((STATIC / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(f"{project}: report"),
        sections="\n".join(
            f'<section id="{name}" data-page="{name}"><h1>{escape(label)}</h1><div></div></section>'
            for name, label in PAGES.items()
        ),
        style=(STATIC / STYLE).read_text(encoding="utf-8"),
        # What HTML would take for markup has another spelling in JSON and in JavaScript.
        data=data.replace("<", "\\u003c"),
        scripts="\n".join(map(_script, scripts)),
    )


def _script(text: str) -> str:
    return "<script>" + text.replace("</script", r"<\/script") + "</script>"
