"""Settings: alone reads the environment. Every mistake is one message that names the variable and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.domain.ids import AppKey
from app.errors import SettingsError

Source = Mapping[str, str]
PREFIX = "HEPHAESTUS_"
PEM = "-----BEGIN"


@dataclass(frozen=True)
class Settings:
    """What the service was told; secrets do not show themselves in `repr`."""

    app_id: int
    private_key: SecretStr
    webhook_secrets: tuple[SecretStr, ...]
    data_dir: Path
    database_url: str
    github_url: str = "https://api.github.com"
    host: str = "127.0.0.1"
    port: int = 8080
    admin_bind: str = "127.0.0.1:9464"
    public_url: str = ""
    mode: Literal["act", "observe"] = "act"
    retention_days: int = 30
    trusted_root: str = "production"
    ca_bundle: str = ""
    executor_id: str = "serve"
    log_format: Literal["json", "text"] = "json"
    log_level: str = "info"
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def app_key(self) -> AppKey:
        """GitHub's host and the App's id."""
        return AppKey(f"{urlsplit(self.github_url).netloc}/{self.app_id}")

    @property
    def engine_url(self) -> str:
        """The engine's own, disposable database: beside ours on PostgreSQL, a file of its own with SQLite."""
        if self.database_url.startswith("sqlite"):
            return f"sqlite:///{self.data_dir / 'engine.db'}"
        return self.database_url

    @property
    def webhook_secret_bytes(self) -> tuple[bytes, ...]:
        """The active secrets, newest first."""
        return tuple(secret.get_secret_value().encode() for secret in self.webhook_secrets)

    @classmethod
    def load(cls, environ: Source, env_file: Path | None = None, *, credentials: bool = True) -> Settings:
        """The settings of `environ`, over those of `env_file` or of `.env` in the data directory.

        With `credentials` False (commands that only read the ledger) keys and secrets may be missing.

        Raises:
            SettingsError: something is missing or wrong.
        """
        data_dir = Path(environ.get(f"{PREFIX}DATA_DIR") or "hephaestus-data").absolute()
        file = env_file or data_dir / ".env"
        values = {**read_env_file(file), **environ} if file.is_file() else dict(environ)
        data_dir = Path(values.get(f"{PREFIX}DATA_DIR") or data_dir).absolute()
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = values.get(f"{PREFIX}DATABASE_URL") or f"sqlite:///{data_dir / 'hephaestus.db'}"
        return cls(
            app_id=number(values, "APP_ID", 0 if not credentials else None),
            private_key=private_key(values) if credentials else SecretStr(""),
            webhook_secrets=webhook_secrets(values) if credentials else (),
            data_dir=data_dir,
            database_url=database_url(url),
            github_url=web_address(values, "GITHUB_URL", "https://api.github.com"),
            host=values.get(f"{PREFIX}HOST") or "127.0.0.1",
            port=number(values, "PORT", 8080),
            admin_bind=admin_bind(values),
            public_url=web_address(values, "PUBLIC_URL", ""),
            mode=cast("Literal['act', 'observe']", one_of(values, "MODE", ("act", "observe"))),
            retention_days=number(values, "RETENTION_DAYS", 30),
            trusted_root=values.get(f"{PREFIX}TRUSTED_ROOT") or "production",
            ca_bundle=values.get(f"{PREFIX}CA_BUNDLE") or "",
            executor_id=values.get(f"{PREFIX}EXECUTOR_ID") or "serve",
            log_format=cast("Literal['json', 'text']", one_of(values, "LOG_FORMAT", ("json", "text"))),
            log_level=one_of(values, "LOG_LEVEL", ("info", "debug", "warning", "error")),
        )


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; quotes around a value and lines that begin with # are dropped."""
    values: dict[str, str] = {}
    for number_, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"{path}, line {number_}: write NAME=value")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def secret(values: Source, name: str) -> str:
    """A secret from its variable, or from the file that `..._FILE` names."""
    direct, file = values.get(f"{PREFIX}{name}"), values.get(f"{PREFIX}{name}_FILE")
    if direct and file:
        raise SettingsError(f"{PREFIX}{name} and {PREFIX}{name}_FILE are both set; keep one")
    if not file:
        return direct or ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(
            f"{PREFIX}{name}_FILE names {file}, which cannot be read: {exc}. Check the path and its permissions"
        ) from exc


def private_key(values: Source) -> SecretStr:
    """The App's private key in PEM form, also with its line ends written out, as many platforms store it."""
    text = secret(values, "PRIVATE_KEY").replace("\\n", "\n")
    if not text:
        raise SettingsError(
            f"{PREFIX}PRIVATE_KEY is missing: set {PREFIX}PRIVATE_KEY_FILE to the .pem file that GitHub gave for the App"
        )
    if PEM not in text:
        raise SettingsError(
            f"{PREFIX}PRIVATE_KEY is not a PEM key: use the whole .pem file that GitHub gave for the App"
        )
    return SecretStr(text + "\n")


def webhook_secrets(values: Source) -> tuple[SecretStr, ...]:
    """At least one, none empty: without a secret anybody could speak for GitHub."""
    parts = [part.strip() for part in secret(values, "WEBHOOK_SECRETS").split(",")]
    if parts == [""]:
        raise SettingsError(
            f"{PREFIX}WEBHOOK_SECRETS is missing or empty: set it to the webhook secret of the App (several: newest first)"
        )
    if not all(parts):
        raise SettingsError(f"{PREFIX}WEBHOOK_SECRETS has an empty secret: remove the extra comma")
    return tuple(SecretStr(part) for part in parts)


def number(values: Source, name: str, default: int | None) -> int:
    """A whole number, not negative."""
    text = values.get(f"{PREFIX}{name}") or ""
    if not text and default is not None:
        return default
    if not text.isdecimal():
        what = f"is {text!r}" if text else "is missing"
        raise SettingsError(f"{PREFIX}{name} {what}: set it to a whole number")
    return int(text)


def one_of(values: Source, name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words; the first is the default."""
    text = values.get(f"{PREFIX}{name}") or allowed[0]
    if text.lower() not in allowed:
        raise SettingsError(f"{PREFIX}{name} is {text!r}: use one of {', '.join(allowed)}")
    return text.lower()


def web_address(values: Source, name: str, default: str) -> str:
    """An http(s) address without a trailing slash."""
    text = (values.get(f"{PREFIX}{name}") or default).rstrip("/")
    if text and (urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).netloc):
        raise SettingsError(f"{PREFIX}{name} is {text!r}: write a whole address such as https://host.example")
    return text


def admin_bind(values: Source) -> str:
    """`host:port`."""
    text = values.get(f"{PREFIX}ADMIN_BIND") or "127.0.0.1:9464"
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"{PREFIX}ADMIN_BIND is {text!r}: write host:port, such as 127.0.0.1:9464")
    return text


def database_url(url: str) -> str:
    """A database we can use."""
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingsError(f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url
