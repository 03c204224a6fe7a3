"""A PostgreSQL server of one's own, from Debian's binaries, on a free port; it is gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

DEBIAN = Path("/usr/lib/postgresql")
START_S = 20.0
SETTINGS = ("fsync=off", "max_connections=200", "log_min_messages=fatal")
"""The tests kill our processes, never the server: it need not be durable."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://hephaestus@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)


def server_or_skip() -> Iterator[Server]:
    """Body of a session fixture: a server; skips where there are no binaries, fails there under CI=true."""
    binaries = find_binaries()
    if binaries is None:
        reason = (
            "PostgreSQL's server (initdb, postgres) is not installed; on Debian: apt-get install postgresql"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_server(binaries) as server:
        yield server


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: the newest of Debian's, or the one on PATH."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if versions:
        return versions[0].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """Initialises a cluster in a temporary folder and runs it; root hands it to another user, as PostgreSQL wants."""
    folder = Path(tempfile.mkdtemp(prefix="hephaestus-postgres-"))
    user = unprivileged_user()
    if user is not None:
        os.chown(folder, user, -1)
    data, port = folder / "data", free_port()
    try:
        initialise: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "hephaestus",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(initialise, cwd=folder, user=user, check=True, capture_output=True)
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            folder,
            *options,
        ]
        process = subprocess.Popen(
            command, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            server = Server(port)
            wait_for(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(5)  # a smart shutdown waits for clients
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged_user() -> int | None:
    """Whom root runs the server as: `postgres` where Debian made it, else `nobody`."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return known.get("postgres", known["nobody"])


def free_port() -> int:
    """A port that nobody has now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Returns when the server answers."""
    end = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
