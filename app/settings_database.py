"""Which databases we can use, told by the address alone: nobody is asked yet, and no message shows it, for the password."""

from __future__ import annotations

import re

from app.errors import SettingsError

NAME = "HEPHAESTUS_DATABASE_URL"
SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
PORTS = 65_535
_ADDRESS = re.compile(
    r"""(?: [^:/@]* (?: :[^@]* )? @ )?  # user:password@
        (?: \[[0-9A-Fa-f:.%]+\] | (?P<host> [^:/?\[\]]* ) )
        (?: : (?P<port> [^/?@]* ) )?
        (?: / [^?]* )?
        (?P<options> \?.* )?""",
    re.VERBOSE,
)
"""As SQLAlchemy takes an address apart, which lets a password hold more than RFC 3986 does."""
_PASSWORD = re.compile(r"[?&][a-z]*password=")


def database_url(url: str) -> str:
    """The address of a SQLite file or of a PostgreSQL database.

    Raises:
        SettingsError: it is neither.
    """
    if url.startswith(SQLITE):
        _check_file(url.removeprefix(SQLITE))
    elif url.startswith(POSTGRES):
        _check_server(url.partition("://")[2])
    else:
        raise SettingsError(f"{NAME} must begin with sqlite:/// or postgresql://")
    return url


def _check_file(path: str) -> None:
    if path in {"", ":memory:"}:
        raise SettingsError(
            f"{NAME} names no file, and memory forgets at every restart: write sqlite:/// and the path of a file"
        )
    if "?" in path:
        raise SettingsError(f"{NAME} has options after a ?: write sqlite:/// and the path of a file alone")


def _check_server(rest: str) -> None:
    found = _ADDRESS.fullmatch(rest)
    if found is None:
        raise SettingsError(f"{NAME} is no address: write postgresql://user:password@host:port/database")
    port = found["port"] or ""
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= PORTS):
        raise SettingsError(
            f"{NAME} has a port that is no whole number up to {PORTS}: write postgresql://user:password@host:port/database"
        )
    if "@" in (found["host"] or ""):
        raise SettingsError(f"{NAME} has more than one @: write one within the user or password as %40")
    if _PASSWORD.search(found["options"] or ""):
        raise SettingsError(
            f"{NAME} has a password among its options, where messages would show it: write it before the host, as "
            "postgresql://user:password@host:port/database"
        )
