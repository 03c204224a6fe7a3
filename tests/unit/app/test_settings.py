from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings

KEY = "-----BEGIN RSA PRIVATE KEY-----\nmade up\n-----END RSA PRIVATE KEY-----"


def environment(folder: Path, **changes: str) -> dict[str, str]:
    values = {
        "APP_ID": "12",
        "PRIVATE_KEY": KEY,
        "WEBHOOK_SECRETS": "new,old",
        "DATA_DIR": str(folder / "data"),
    }
    return {f"HEPHAESTUS_{name}": value for name, value in (values | changes).items()}


def test_a_complete_environment_is_read_with_defaults(tmp_path: Path) -> None:
    settings = Settings.load(environment(tmp_path))
    (app,) = settings.apps
    assert (app.app_key, app.webhook_secret_bytes) == ("api.github.com/12", (b"new", b"old"))
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'hephaestus.db'}"
    assert (settings.host, settings.port, settings.retention_days) == ("127.0.0.1", 8080, 30)
    assert settings.max_waiting == 50_000


def test_the_data_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings.load(environment(tmp_path))
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    shown = repr(Settings.load(environment(tmp_path, WEBHOOK_SECRETS="very-secret")))
    assert "very-secret" not in shown
    assert "made up" not in shown


def test_the_password_of_the_database_does_not_show_itself(tmp_path: Path) -> None:
    url = "postgresql://us:very-secret@db/x"
    settings = Settings.load(environment(tmp_path, DATABASE_URL=url))
    assert settings.database_url == url
    assert "very-secret" not in repr(settings)


def test_a_secret_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "webhook").write_text("from-file\n", encoding="utf-8")
    values = environment(tmp_path, WEBHOOK_SECRETS="", WEBHOOK_SECRETS_FILE=str(tmp_path / "webhook"))
    (app,) = Settings.load(values).apps
    assert app.webhook_secret_bytes == (b"from-file",)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# mine\nHEPHAESTUS_PORT=1\nHEPHAESTUS_HOST='0.0.0.0'\n", encoding="utf-8")
    settings = Settings.load(environment(tmp_path, PORT="2"), tmp_path / "env")
    assert (settings.port, settings.host) == (2, "0.0.0.0")  # noqa: S104 - a value that is read, nothing listens


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("APP_ID", "", "whole number"),
        ("APP_ID", "twelve", "whole number"),
        ("PRIVATE_KEY", "", ".pem file"),
        ("PRIVATE_KEY", "abc", ".pem file"),
        ("WEBHOOK_SECRETS", "", "set it to the webhook secret"),
        ("WEBHOOK_SECRETS", "  ", "set it to the webhook secret"),
        ("WEBHOOK_SECRETS", "a,,b", "remove the extra comma"),
        ("PORT", "-1", "whole number"),
        ("MAX_WAITING", "0", "1 is the smallest"),
        ("PORT", "65536", "65535 is the largest"),
        ("PORT", "9" * 5_000, "whole number"),
        ("APP_ID", "0", "1 is the smallest"),
        ("APP_ID", str(2**63), "is the largest"),
        ("RETENTION_DAYS", "3", "4 is the smallest"),
        ("RETENTION_DAYS", "99999999999", "36500 is the largest"),
        ("PUBLIC_URL", "https://[", "whole address"),
        ("ADMIN_BIND", "127.0.0.1:65536", "host:port"),
        ("CLIENT_SECRET", "s", "needs CLIENT_ID, CLIENT_SECRET, SESSION_KEY"),
        ("SESSION_KEY_FILE", "/nowhere", "cannot be read"),
        ("APPS_FILE", "/nowhere/apps.toml", "cannot be read"),
        ("MODE", "look", "act, observe"),
        ("GITHUB_URL", "github.example", "whole address"),
        ("ADMIN_BIND", "9464", "host:port"),
        ("DATABASE_URL", "mysql://x", "postgresql://"),
        ("PRIVATE_KEY_FILE", "/nowhere", "keep one"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(tmp_path: Path, name: str, value: str, advice: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load(environment(tmp_path, **{name: value}))
    assert "HEPHAESTUS_" in str(refused.value)
    assert name in str(refused.value)
    assert advice in str(refused.value)


def test_login_is_off_until_client_and_session_key_are_set(tmp_path: Path) -> None:
    assert Settings.load(environment(tmp_path)).login is None
    given = {"CLIENT_ID": "Iv1", "CLIENT_SECRET": "hidden-secret", "SESSION_KEY": "hidden-key" * 4}
    login = Settings.load(environment(tmp_path, **given)).login
    assert login is not None
    assert login.client_secret.get_secret_value() == "hidden-secret"
    assert "hidden" not in repr(login)


def test_a_short_session_key_is_refused(tmp_path: Path) -> None:
    given = {"CLIENT_ID": "Iv1", "CLIENT_SECRET": "s", "SESSION_KEY": "short"}
    with pytest.raises(SettingsError, match="SESSION_KEY is shorter than 32 characters"):
        Settings.load(environment(tmp_path, **given))


def test_the_apps_of_a_file_replace_the_one_of_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "apps.toml"
    one = f'[[app]]\nid = 99\nprivate_key = """{KEY}"""\n'
    file.write_text(
        f'{one}webhook_secrets = ["s"]\n{one}webhook_secrets = ["t"]\ngithub_url = "https://git.example/api/v3"\n',
        encoding="utf-8",
    )
    settings = Settings.load(environment(tmp_path, APPS_FILE=str(file)))
    assert [(app.app_key, app.webhook_secret_bytes) for app in settings.apps] == [
        ("api.github.com/99", (b"s",)),
        ("git.example/99", (b"t",)),
    ]


def test_commands_that_only_read_the_ledger_need_no_app(tmp_path: Path) -> None:
    values = environment(tmp_path, APPS_FILE="/nowhere/apps.toml", GITHUB_URL="nonsense")
    assert Settings.load(values, credentials=False).apps == ()


@pytest.mark.parametrize("url", ["https://API.github.com/", "HTTPS://api.GitHub.com:443"])
def test_one_github_has_one_key_however_its_address_is_written(tmp_path: Path, url: str) -> None:
    (app,) = Settings.load(environment(tmp_path, GITHUB_URL=url)).apps
    assert (app.app_key, app.github_url) == ("api.github.com/12", "https://api.github.com")


def test_a_password_in_the_address_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HEPHAESTUS_GITHUB_URL") as refused:
        Settings.load(environment(tmp_path, GITHUB_URL="https://me:hidden@git.example"))
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ""),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, ""),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, ""),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "http://localhost:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/t"}, "http://c/t"),
    ],
)
def test_traces_follow_opentelemetrys_own_variables(
    tmp_path: Path, said: dict[str, str], expected: str
) -> None:
    assert Settings.load(environment(tmp_path) | said).traces == expected


@pytest.mark.parametrize(
    "said",
    [
        {"OTEL_TRACES_EXPORTER": "zipkin"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "nonsense"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "collector:4318"},
    ],
)
def test_an_exporter_that_we_do_not_have_is_refused(tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(reversed(said))):
        Settings.load(environment(tmp_path) | said)


def test_looking_at_the_ledger_leaves_the_data_directory_as_it_is(tmp_path: Path) -> None:
    Settings.load(environment(tmp_path), credentials=False)
    assert not (tmp_path / "data").exists()
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    Settings.load(environment(tmp_path), credentials=False)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o755


def test_an_address_of_ipv6_is_written_with_brackets(tmp_path: Path) -> None:
    settings = Settings.load(environment(tmp_path, ADMIN_BIND="[::1]:9464", HOST="[::]"))
    assert (settings.admin_bind, settings.host) == (("::1", 9464), "::")
