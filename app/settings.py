"""Settings: alone reads the environment. Every mistake is one message that names the variable and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.apps_file import PEM, AppSettings, github_address, read_apps
from app.domain.modes import Modes
from app.errors import SettingsError
from app.settings_database import PORTS, SQLITE, database_url
from app.settings_files import exists, protect, read_env_file
from app.settings_modes import read_modes
from app.settings_trust import TrustSettings, trust

Source = Mapping[str, str]
PREFIX = "HEPHAESTUS_"
IDS = 2**63 - 1
DIGITS = 19
RETENTION_DAYS = (4, 36_500)
"""GitHub redelivers for three days: what is forgotten sooner would be done twice."""
SESSION_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class Login:
    """How people log in on run pages: the App's OAuth client, and the key that signs sessions."""

    client_id: str
    client_secret: SecretStr
    session_key: SecretStr


@dataclass(frozen=True)
class Settings:
    """What the service was told; secrets do not show themselves in `repr`. `apps` is empty where credentials were not read."""

    apps: tuple[AppSettings, ...]
    data_dir: Path
    database_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    admin_bind: tuple[str, int] = ("127.0.0.1", 9464)
    public_url: str = ""
    modes: Modes = field(default_factory=Modes)
    retention_days: int = 30
    receipt_days: int = 3_650
    max_waiting: int = 50_000
    trust: TrustSettings = field(default_factory=TrustSettings)
    ca_bundle: str = ""
    login: Login | None = None
    executor_id: str = "serve"
    log_format: Literal["json", "text"] = "json"
    log_level: str = "info"
    traces: str = ""
    """Where spans go: `console`, an OTLP address, or nowhere."""

    @property
    def database_files(self) -> tuple[Path, ...]:
        """The SQLite files, ours and the engine's; none with PostgreSQL."""
        urls = (self.database_url, self.engine_url)
        return tuple(Path(url.removeprefix(SQLITE)) for url in urls if url.startswith(SQLITE))

    @property
    def engine_url(self) -> str:
        """The engine's own, disposable database: beside ours on PostgreSQL, a file of its own with SQLite."""
        if self.database_url.startswith("sqlite"):
            return f"sqlite:///{self.data_dir / 'engine.db'}"
        return self.database_url

    @classmethod
    def load(cls, environ: Source, env_file: Path | None = None, *, credentials: bool = True) -> Settings:
        """The settings of `environ`, over those of `env_file` or of `.env` in the data directory.

        With `credentials` False (commands for which the database is enough) the Apps are not read and may be missing, and the
        data directory is left as it is, also where it is not there.

        Raises:
            SettingsError: something is missing or wrong.
        """
        data_dir = Path(environ.get(f"{PREFIX}DATA_DIR") or "hephaestus-data").absolute()
        file = env_file or data_dir / ".env"
        values = {**read_env_file(file), **environ} if env_file or exists(file) else dict(environ)
        data_dir = Path(values.get(f"{PREFIX}DATA_DIR") or data_dir).absolute()
        if credentials:
            protect(data_dir)
        url = values.get(f"{PREFIX}DATABASE_URL") or f"sqlite:///{data_dir / 'hephaestus.db'}"
        return cls(
            apps=apps(values) if credentials else (),
            data_dir=data_dir,
            database_url=database_url(url),
            host=without_brackets(values.get(f"{PREFIX}HOST") or "127.0.0.1"),
            port=number(values, "PORT", 8080, most=PORTS),
            admin_bind=admin_bind(values),
            public_url=web_address(values, "PUBLIC_URL", ""),
            modes=read_modes(values, observe=one_of(values, "MODE", ("act", "observe")) == "observe"),
            retention_days=number(
                values, "RETENTION_DAYS", 30, least=RETENTION_DAYS[0], most=RETENTION_DAYS[1]
            ),
            receipt_days=number(values, "RECEIPT_DAYS", 3_650, least=1, most=RETENTION_DAYS[1]),
            max_waiting=number(values, "MAX_WAITING", 50_000, least=1),
            trust=trust(values, web_address(values, "GITHUB_TUF_URL", "")),
            ca_bundle=values.get(f"{PREFIX}CA_BUNDLE") or "",
            login=login(values) if credentials else None,
            executor_id=values.get(f"{PREFIX}EXECUTOR_ID") or "serve",
            log_format=cast("Literal['json', 'text']", one_of(values, "LOG_FORMAT", ("json", "text"))),
            log_level=one_of(values, "LOG_LEVEL", ("info", "debug", "warning", "error")),
            traces=trace_exporter(values),
        )


def apps(values: Source) -> tuple[AppSettings, ...]:
    """The App of the environment, or those of the file that `HEPHAESTUS_APPS_FILE` names, which replaces it."""
    file = values.get(f"{PREFIX}APPS_FILE") or ""
    if file:
        return read_apps(Path(file))
    url = values.get(f"{PREFIX}GITHUB_URL") or "https://api.github.com"
    try:
        address = github_address(url)
    except ValueError as exc:
        raise SettingsError(f"{PREFIX}GITHUB_URL is no address of a GitHub: {exc}") from exc
    ident = number(values, "APP_ID", None, least=1, most=IDS)
    return (AppSettings(ident, private_key(values), webhook_secrets(values), address),)


def login(values: Source) -> Login | None:
    """All three or none."""
    client_id = values.get(f"{PREFIX}CLIENT_ID") or ""
    given = {
        "CLIENT_ID": client_id,
        "CLIENT_SECRET": secret(values, "CLIENT_SECRET"),
        "SESSION_KEY": secret(values, "SESSION_KEY"),
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    if missing:
        raise SettingsError(f"{PREFIX}{missing[0]} is missing: login on run pages needs {', '.join(given)}")
    if len(given["SESSION_KEY"]) < SESSION_KEY_CHARACTERS:
        raise SettingsError(
            f"{PREFIX}SESSION_KEY is shorter than {SESSION_KEY_CHARACTERS} characters: make one with openssl rand -hex 32"
        )
    return Login(client_id, SecretStr(given["CLIENT_SECRET"]), SecretStr(given["SESSION_KEY"]))


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


def number(values: Source, name: str, default: int | None, *, least: int = 0, most: int | None = None) -> int:
    """A whole number, at least `least` and at most `most`."""
    text = values.get(f"{PREFIX}{name}") or ""
    if not text and default is not None:
        return default
    if not text.isdecimal() or len(text) > DIGITS:
        what = f"is {text[: DIGITS + 1]!r}" if text else "is missing"
        raise SettingsError(f"{PREFIX}{name} {what}: set it to a whole number")
    if int(text) < least:
        raise SettingsError(f"{PREFIX}{name} is {text}: {least} is the smallest whole number it may be")
    if most is not None and int(text) > most:
        raise SettingsError(f"{PREFIX}{name} is {text}: {most} is the largest whole number it may be")
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
    return whole_address(f"{PREFIX}{name}", text) if text else ""


def whole_address(name: str, text: str) -> str:
    """An http(s) address with a host."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise SettingsError(f"{name} is {text!r}: write a whole address such as https://host.example")
    return text


def admin_bind(values: Source) -> tuple[str, int]:
    """The host and port of `host:port`; IPv6 as `[::1]:9464`."""
    text = values.get(f"{PREFIX}ADMIN_BIND") or "127.0.0.1:9464"
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or len(port) > DIGITS or int(port) > PORTS:
        raise SettingsError(f"{PREFIX}ADMIN_BIND is {text!r}: write host:port, such as 127.0.0.1:9464")
    return without_brackets(host), int(port)


def without_brackets(host: str) -> str:
    """An IPv6 address as sockets want it."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def trace_exporter(values: Source) -> str:
    """What OpenTelemetry's own variables say, as far as we follow them: off, to the console, or OTLP over HTTP.

    Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    exporter = (values.get("OTEL_TRACES_EXPORTER") or "").lower()
    whole, base = values.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), values.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    off = exporter == "none" or (values.get("OTEL_SDK_DISABLED") or "").lower() == "true"
    if off or not (exporter or whole or base):
        return ""
    if exporter == "console":
        return "console"
    if exporter not in {"", "otlp"}:
        raise SettingsError(f"OTEL_TRACES_EXPORTER is {exporter!r}: use one of otlp, console, none")
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if (values.get(name) or "http/protobuf") != "http/protobuf":
            raise SettingsError(
                f"{name} is {values[name]!r}: only http/protobuf is spoken here; collectors listen at port 4318"
            )
    if whole:
        return whole_address("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", whole)
    collector = whole_address("OTEL_EXPORTER_OTLP_ENDPOINT", base or "http://localhost:4318")
    return f"{collector.rstrip('/')}/v1/traces"
