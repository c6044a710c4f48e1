"""The jars of Flink and of Beam's job server for it, brought by Maven into the cache once."""

import shutil
import subprocess
from pathlib import Path

from emch.cache import building, cache_dir, locked, replace_file
from emch.errors import Unavailable

FLINK = "1.19"
BEAM = "2.62.0"
"""The newest release of the runner whose job server Maven Central has whole; it takes pipelines of
newer Pythons, since the protocol between them is the same."""

SLF4J = "1.7.30"
POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>emch</groupId><artifactId>flink</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.beam</groupId><artifactId>beam-runners-flink-{FLINK}</artifactId>
      <version>{BEAM}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>{SLF4J}</version>
    </dependency>
  </dependencies>
</project>
"""


def jars() -> Path:
    """Return the folder of the jars, 150 MB, fetched now where it is not there.

    Raises
    ------
    Unavailable
        Java or Maven is not installed, or the jars cannot be fetched.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise Unavailable(
                f"Flink needs '{program}', which is not installed: install Java 11 or 17, and Maven"
            )
    target = cache_dir() / "flink" / f"{FLINK}-{BEAM}"
    with locked(target.parent):
        if not target.is_dir():
            with building(target) as unfinished:
                _fetch(unfinished)
    return target


def _fetch(folder: Path) -> None:
    replace_file(folder / "pom.xml", POM)
    command = [
        "mvn", "--batch-mode", "--quiet", "--file", str(folder / "pom.xml"),
        "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        first = next(iter(done.stdout.splitlines() or done.stderr.splitlines()), "")
        raise Unavailable(f"Maven cannot fetch the jars of Flink: {first}")
