"""`hephaestus send` against a listener of the test's own: exact bytes, the right signature, the receiver's answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import struct
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app.cli.send import post, send

BODY = b'{"zen": "Strike while it is hot.",  "\xc3\xa9": 1}\n'


class Listener(HTTPServer):
    """Keeps what arrives; answers 202 to what is signed with `secret`, else 401."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/github"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Listener)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((headers, body))
        good = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        accepted = headers["x-hub-signature-256"] == good
        answer = b'{"status": "accepted"}' if accepted else b"<html>no</html>"
        self.send_response(202 if accepted else 401)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Says nothing."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ping.json"
    path.write_bytes(BODY)
    return path


def run(file: Path, *options: str, **environ: str) -> Result:
    clean = dict.fromkeys(("HEPHAESTUS_WEBHOOK_SECRETS", "HEPHAESTUS_WEBHOOK_SECRETS_FILE"))
    return CliRunner(env={**clean, **environ}).invoke(send, ["ping", str(file), "--json", *options])


def test_the_exact_bytes_are_signed_and_posted(listener: Listener, file: Path) -> None:
    result = run(file, "--url", listener.url, "--secret", "secret", "--delivery", "guid-1")
    ((headers, body),) = listener.received
    assert body == BODY
    assert (headers["x-github-event"], headers["x-github-delivery"]) == ("ping", "guid-1")
    assert (result.exit_code, json.loads(result.stdout)) == (
        0,
        {"delivery": "guid-1", "event": "ping", "status": 202, "answer": {"status": "accepted"}},
    )


def test_the_newest_of_several_secrets_is_used_also_from_a_file(listener: Listener, file: Path) -> None:
    kept = file.with_name("secret")
    kept.write_text("secret,older\n")
    result = run(file, "--url", listener.url, HEPHAESTUS_WEBHOOK_SECRETS_FILE=str(kept))
    assert result.exit_code == 0


def test_a_receiver_of_several_apps_is_told_whose_it_is(listener: Listener, file: Path) -> None:
    run(file, "--url", listener.url, "--secret", "secret", "--app-id", "12")
    run(file, "--url", listener.url, "--secret", "secret")
    named = [headers.get("x-github-hook-installation-target-id") for headers, _ in listener.received]
    assert named == ["12", None]


def test_a_refusal_exits_1_with_what_the_receiver_said(listener: Listener, file: Path) -> None:
    result = run(file, "--url", listener.url, "--secret", "a guess")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["status"], told["answer"]) == (1, 401, "<html>no</html>")


def test_without_a_listener_a_secret_or_an_address_it_is_wrong_usage(listener: Listener, file: Path) -> None:
    free = listener.url.replace(str(listener.server_port), "9")
    for options in (["--url", free, "--secret", "s"], ["--url", "ftp://x", "--secret", "s"], []):
        assert run(file, *options).exit_code == 2


@contextmanager
def answering(raw: bytes, *, resets: bool = False) -> Iterator[str]:
    """The address of a listener that says these bytes to whatever it is told, and hangs up, or resets the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(raw)
                if resets:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


NO_RECEIVER = {
    "hangs up": b"",
    "speaks no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "is cut off": b"HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\n{",
    "is cut off in a refusal": b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n",
}


@pytest.mark.parametrize("raw", NO_RECEIVER.values(), ids=NO_RECEIVER)
def test_what_is_no_receiver_is_named_and_exits_2(file: Path, raw: bytes) -> None:
    with answering(raw) as url:
        result = run(file, "--url", url, "--secret", "s")
    assert (result.exit_code, f"nobody answers at {url}" in result.stderr) == (2, True)


def test_a_refusal_that_is_reset_leaves_no_connection_open() -> None:
    head = b"HTTP/1.1 500 No\r\nContent-Length: 64000000\r\n\r\n"
    enough_that_the_head_was_read = bytes(32_000_000)
    with (
        answering(head + enough_that_the_head_was_read, resets=True) as url,
        pytest.raises(click.UsageError, match="nobody answers at") as caught,
    ):
        post(url, b"{}", {})
    refusal = caught.value.__cause__ and caught.value.__cause__.__context__
    assert isinstance(refusal, urllib.error.HTTPError)
    assert refusal.closed


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:abc/", "http://127.0.0.1:99999/", "http://a b/", "http://[/", "http://127.0.0.1:9/\u00e9"]
)  # fmt: skip
def test_an_address_that_is_none_is_named_and_exits_2(file: Path, url: str) -> None:
    result = run(file, "--url", url, "--secret", "s")
    assert (result.exit_code, "is no address" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["push\nX-Other: 1", "p\u0153sh", "timer:1", "a" * 101])
def test_a_name_that_no_receiver_takes_is_not_sent(listener: Listener, file: Path, name: str) -> None:
    clean = dict.fromkeys(("HEPHAESTUS_WEBHOOK_SECRETS", "HEPHAESTUS_WEBHOOK_SECRETS_FILE"))
    options = [str(file), "--url", listener.url, "--secret", "secret"]
    for arguments in ([name, *options], ["ping", *options, "--delivery", name]):
        result = CliRunner(env=clean).invoke(send, arguments)
        assert (result.exit_code, "such as check_run" in result.stderr) == (2, True)
    assert listener.received == []
