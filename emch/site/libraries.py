"""The JavaScript libraries of the site, from npm and beside the pages, so that it works offline."""

import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from emch.cache import building, cache_dir, locked
from emch.errors import Unavailable, WrongLibrary

VENDOR = Path(__file__).with_name("vendor")
"""Holds package.json and the lock file, whose hashes npm checks what it downloads against."""

CHARTS = "echarts/dist/echarts.min.js"

FILES: Mapping[str, str] = {
    "jquery-3.3.1.min.js": "jquery/dist/jquery.min.js",
    "jquery.flot.min.js": "flot/jquery.flot.js",
    "jquery.flot.time.min.js": "flot/jquery.flot.time.js",
    "jquery.flot.selection.min.js": "flot/jquery.flot.selection.js",
    "jquery.flot.categories.min.js": "flot/jquery.flot.categories.js",
    "jquery.flot.orderBars.js": "flot-orderbars/js/jquery.flot.orderBars.js",
    "stupidtable.min.js": "stupid-table-plugin/stupidtable.min.js",
    "md5.min.js": "blueimp-md5/js/md5.min.js",
    "bootstrap.min.js": "bootstrap/dist/js/bootstrap.min.js",
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
}
"""The file in npm's packages for each file that asv's page takes from elsewhere."""

NOT_ON_NPM = frozenset(
    {
        "jquery.flot.min.js",
        "jquery.flot.time.min.js",
        "jquery.flot.selection.min.js",
        "jquery.flot.categories.min.js",
        "stupidtable.min.js",
    }
)
"""Files whose very bytes npm does not have. Flot 0.8.3 is there as source alone; of stupidtable
there is 1.1.3 and no 1.0.1. Their hash is that of npm's lock file, not that of asv's page."""

_ELSEWHERE = re.compile(r'(?P<name>src|href)="(?P<url>https://[^"]+)" integrity="(?P<hash>[^"]+)"')


def install_libraries() -> Path:
    """Return the folder of npm's packages, installed into the cache once for each lock file.

    Raises
    ------
    Unavailable
        There is no npm, or it cannot download.
    """
    lock = (VENDOR / "package-lock.json").read_bytes()
    folder = cache_dir() / "site"
    target = folder / hashlib.sha256(lock).hexdigest()[:16]
    with locked(folder):
        if not target.is_dir():
            with building(target) as unfinished:
                _npm_ci(unfinished)
    return target / "node_modules"


def _npm_ci(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed: install Node.js, which has it")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(VENDOR / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise Unavailable(f"npm could not install the libraries of the site ({reason[-1]})")


def localize(page: str, packages: Path, html: Path) -> str:
    """Return asv's index page with local libraries, which are copied to html/vendor/.

    Parameters
    ----------
    page : str
        asv's index.html.
    packages : Path
        What `install_libraries` returned.
    html : Path
        The folder of the site.

    Raises
    ------
    WrongLibrary
        A file is not the one that asv's page names, or the page names one that is not known here:
        this asv is not the one that this emch was made for.
    """

    def local(match: re.Match[str]) -> str:
        name = match["url"].rpartition("/")[2]
        if name not in FILES:
            raise WrongLibrary(f"asv's page takes {match['url']}, which emch does not know")
        content = (packages / FILES[name]).read_bytes()
        wanted = unescape(match["hash"])
        found = integrity(content, wanted.partition("-")[0])
        if name not in NOT_ON_NPM and found != wanted:
            raise WrongLibrary(f"{FILES[name]} of npm is not the file {match['url']}")
        (html / "vendor").mkdir(exist_ok=True)
        (html / "vendor" / name).write_bytes(content)
        return f'{match["name"]}="vendor/{name}" integrity="{found}"'

    return _ELSEWHERE.sub(local, page)


def integrity(content: bytes, algorithm: str) -> str:
    """Return a hash as pages write it: https://www.w3.org/TR/SRI/."""
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"
