"""`hephaestus send` against a listener of the test's own: exact bytes, the right signature, the receiver's answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.send import send

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
