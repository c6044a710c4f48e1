"""What a server of InfluxDB 2 or 3 gets, and what its answers become.

Neither can be had as a package here, so a small server of HTTP stands in for the address that both
have for lines; what the lines mean is held by the real server of 1.x.
"""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from emch.export.influxdb import line
from tests.servers.conftest import ROWS, Export

TOKEN = "t0ken"  # noqa: S105 - of a server of this test


class Bucket:
    """A server that keeps the lines it gets.

    Attributes
    ----------
    url : str
        Its address.
    answers : list of int
        The statuses of the next answers; after them it is 204.
    lines, paths, tokens : list of str
        What it got.
    """

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.lines: list[str] = []
        self.paths: list[str] = []
        self.tokens: list[str] = []
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bucket.paths.append(self.path)
                bucket.tokens.append(self.headers["Authorization"])
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = bucket.answers.pop(0) if bucket.answers else 204
                if status == 204:
                    bucket.lines += gzip.decompress(body).decode().splitlines()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    found = Bucket()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.mark.parametrize("more", [("--api", "2", "--org", "us"), ("--api", "3")])
def test_lines_and_token_come(bucket: Bucket, export: Export, more: tuple[str, ...]) -> None:
    done = export("influxdb", "--url", bucket.url, *more, INFLUXDB_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert bucket.lines == [line(row) for row in ROWS]
    assert set(bucket.tokens) == {f"Token {TOKEN}"}
    asked = urlsplit(bucket.paths[0])
    assert asked.path == "/api/v2/write"
    assert parse_qs(asked.query)["bucket"] == ["emch"]
    assert parse_qs(asked.query)["precision"] == ["ns"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_server_that_cannot_now_is_asked_again(bucket: Bucket, export: Export, status: int) -> None:
    bucket.answers = [status]
    done = export("influxdb", "--url", bucket.url, "--api", "3")
    assert done.returncode == 0, done.stderr
    assert bucket.lines == [line(row) for row in ROWS]


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "set INFLUXDB_TOKEN"), (404, "no database 'emch'"), (400, "refuses the rows")],
)
def test_refusal_ends_with_2(bucket: Bucket, export: Export, status: int, words: str) -> None:
    bucket.answers = [status]
    done = export("influxdb", "--url", bucket.url, "--api", "3", INFLUXDB_TOKEN=TOKEN)
    assert done.returncode == 2
    assert words in done.stderr
    assert TOKEN not in done.stderr
    assert len(bucket.paths) == 1
