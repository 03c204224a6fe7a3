"""The file of `HEPHAESTUS_APPS_FILE`: several Apps in one process, as TOML.

    [[app]]
    id = 12
    private_key_file = "first.pem"           # or private_key
    webhook_secrets = ["newest", "older"]    # or webhook_secrets_file, one a line
    github_url = "https://api.github.com"    # the default

Files are named relative to this one. Anything unknown or missing stops the start with the App and the field's name. No two
Apps may share a webhook secret: an event belongs to the App whose secret verified it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from app.domain.ids import AppKey
from app.errors import SettingsError

VARIABLE = "HEPHAESTUS_APPS_FILE"
PEM = "-----BEGIN"
ADDRESS = re.compile(
    r"(?P<origin>https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?)(?P<path>(/[a-z0-9._~-]+)*)/?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class AppSettings:
    """One App at one GitHub; secrets do not show themselves in `repr`. `webhook_secrets`: newest first, at least one."""

    app_id: int
    private_key: SecretStr
    webhook_secrets: tuple[SecretStr, ...]
    github_url: str

    @property
    def app_key(self) -> AppKey:
        """GitHub's host and the App's id."""
        return AppKey(f"{urlsplit(self.github_url).netloc}/{self.app_id}")

    @property
    def webhook_secret_bytes(self) -> tuple[bytes, ...]:
        """The active secrets, newest first."""
        return tuple(secret.get_secret_value().encode() for secret in self.webhook_secrets)


def github_address(text: str) -> str:
    """The base of a GitHub's API in the one form that keys are made of: a host has no case.

    Raises ValueError that says what to write.
    """
    parts = ADDRESS.fullmatch(text)
    if parts is None:
        raise ValueError("write a whole address such as https://host.example/api/v3, without user or query")
    origin = parts["origin"].lower()
    return origin.removesuffix(":443" if origin.startswith("https:") else ":80") + parts["path"]


class _App(BaseModel):
    """One `[[app]]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)

    id: Annotated[int, Field(ge=1)]
    private_key: SecretStr | None = None
    private_key_file: str | None = None
    webhook_secrets: tuple[SecretStr, ...] | None = None
    webhook_secrets_file: str | None = None
    github_url: Annotated[str, AfterValidator(github_address)] = "https://api.github.com"


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app: Annotated[tuple[_App, ...], Field(min_length=1)]


def read_apps(path: Path) -> tuple[AppSettings, ...]:
    """The Apps of the file, in its order. Raises SettingsError that names the file, the App and the field."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise _wrong(path, f"cannot be read: {exc}. Check the path and its permissions") from exc
    except tomllib.TOMLDecodeError as exc:
        raise _wrong(path, f"is not TOML: {exc}") from exc
    try:
        file = _File.model_validate_json(_as_json(content))
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        raise _wrong(path, f"{where or 'app'}: {first['msg']}") from exc
    apps = tuple(_app(path, number, one) for number, one in enumerate(file.app, start=1))
    _check_distinct(path, apps)
    return apps


def _as_json(content: dict[str, Any]) -> str:
    """JSON, so that an array of TOML is a tuple of the model also in strict mode; dates become text, which no field is."""
    import json

    return json.dumps(content, default=str)


def _app(path: Path, number: int, one: _App) -> AppSettings:
    key = _secret(path, f"app.{number}.private_key", one.private_key, one.private_key_file)
    if PEM not in key:
        raise _wrong(
            path, f"app.{number}.private_key is not a PEM key: use the whole .pem file that GitHub gave"
        )
    if one.webhook_secrets is not None and one.webhook_secrets_file is not None:
        raise _wrong(path, f"app.{number}: webhook_secrets and webhook_secrets_file are both set; keep one")
    secrets: Sequence[str]
    if one.webhook_secrets is not None:
        secrets = [secret.get_secret_value() for secret in one.webhook_secrets]
    else:
        secrets = _secret(path, f"app.{number}.webhook_secrets", None, one.webhook_secrets_file).split()
    if not secrets or not all(secret.strip() for secret in secrets):
        raise _wrong(path, f"app.{number}.webhook_secrets is empty or has an empty secret")
    return AppSettings(one.id, SecretStr(key), tuple(SecretStr(secret) for secret in secrets), one.github_url)


def _secret(path: Path, name: str, direct: SecretStr | None, file: str | None) -> str:
    if (direct is None) == (file is None):
        said = "is missing: set it, or" if direct is None else "is set twice: keep it, or"
        raise _wrong(path, f"{name} {said} {name}_file")
    if direct is not None:
        return direct.get_secret_value()
    named = path.parent / str(file)
    try:
        return named.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise _wrong(path, f"{name}_file names {named}, which cannot be read: {exc}") from exc


def _check_distinct(path: Path, apps: Sequence[AppSettings]) -> None:
    """Everything that is kept begins with the App's key, and the secret says whose an event is."""
    keys = [app.app_key for app in apps]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise _wrong(path, f"the App {twice} is there twice; name each App once")
    owners: dict[bytes, AppKey] = {}
    for app in apps:
        for secret in app.webhook_secret_bytes:
            other = owners.setdefault(secret, app.app_key)
            if other != app.app_key:
                raise _wrong(path, f"{other} and {app.app_key} share a webhook secret; give each its own")


def _wrong(path: Path, what: str) -> SettingsError:
    return SettingsError(f"{VARIABLE} names {path}: {what}")
