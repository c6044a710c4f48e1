"""What the dashboard costs with a long history: 1,000 commits and 50 series of made-up results.

    python -m evaluation.site_scale [COMMITS]

Printed are the time of `asv publish` with our plugin over that without it, in turn; the size of
data.json; and for each page the time from opening it in Chromium until it can be used.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from emch.site.pictures import open_browser, serve, wait_until_drawn
from emch.site.report import PAGES
from evaluation.synthetic import Synthetic

PAIRS = 7
PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def main(commits: int) -> None:
    """Publish and open the site, and print the times."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        Synthetic(commits).write(project)
        config = project / "asv.conf.json"
        ours = json.loads(config.read_text())
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(PAIRS):
            for plugin in (False, True):
                config.write_text(json.dumps(ours if plugin else {**ours, "plugins": []}))
                seconds[plugin].append(publish(project))
        ratios = [one / other for one, other in zip(seconds[True], seconds[False], strict=True)]
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"asv publish of {commits} commits, no plugin: {median(seconds[False]):.1f} s")
        print(f"with the plugin, over without it: {median(ratios):.2f} (pairs: {shown})")
        size = (project / "html" / "emch" / "data.json").stat().st_size
        print(f"data.json: {size / 1e6:.2f} MB")
        open_pages(project / "html")


def publish(project: Path) -> float:
    """Return the seconds that asv takes."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "asv", "publish", "--no-pull"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    return time.perf_counter() - start


def open_pages(html: Path) -> None:
    """Print for each page how long it takes to open in a browser that has nothing of it yet."""
    with serve(html) as address, open_browser() as browser:
        for name in PAGES:
            page = browser.new_context().new_page()
            start = time.perf_counter()
            page.goto(f"{address}/#/{name}", wait_until="commit")
            page.locator(f"#emch-display[data-ready={name}]").wait_for()
            page.evaluate(PAINTED)
            usable = time.perf_counter() - start
            wait_until_drawn(page, name)
            drawn = time.perf_counter() - start
            print(f"{name:12} {usable:.2f} s, and {drawn:.2f} s until its charts are drawn")
            page.context.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
