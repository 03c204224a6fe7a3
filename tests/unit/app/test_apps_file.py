from __future__ import annotations

from pathlib import Path

import pytest

from app.apps_file import read_apps
from app.errors import SettingsError

KEY = "-----BEGIN RSA PRIVATE KEY-----\nmade up\n-----END RSA PRIVATE KEY-----"
ONE = f'[[app]]\nid = 1\nprivate_key = """{KEY}"""\nwebhook_secrets = ["secret-one"]\n'
FILES = '[[app]]\nid = 2\nprivate_key_file = "two.pem"\nwebhook_secrets_file = "two.secrets"\n'


def written(folder: Path, content: str) -> Path:
    path = folder / "apps.toml"
    path.write_text(content, encoding="utf-8")
    return path


def test_apps_come_in_order_with_their_own_keys_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "two.pem").write_text(KEY, encoding="utf-8")
    (tmp_path / "two.secrets").write_text("newest\nolder\n", encoding="utf-8")
    first, second = read_apps(
        written(tmp_path, f'{ONE}\n{FILES}github_url = "https://git.example/api/v3/"\n')
    )
    assert (first.app_key, first.webhook_secret_bytes) == ("api.github.com/1", (b"secret-one",))
    assert (second.app_key, second.webhook_secret_bytes) == ("git.example/2", (b"newest", b"older"))
    assert second.private_key.get_secret_value() == KEY


def test_the_same_id_at_two_githubs_is_two_apps(tmp_path: Path) -> None:
    two = ONE.replace("secret-one", "secret-two")
    apps = read_apps(written(tmp_path, f'{ONE}github_url = "https://git.example/api/v3"\n{two}'))
    assert [app.app_key for app in apps] == ["git.example/1", "api.github.com/1"]


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    shown = repr(read_apps(written(tmp_path, ONE)))
    assert "secret-one" not in shown
    assert "made up" not in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[app]", "is not TOML"),
        ("", "app: Field required"),
        ("app = []", "app: Tuple should have at least 1 item"),
        (ONE + "extra = 1\n", "app.1.extra: Extra inputs are not permitted"),
        (ONE.replace("id = 1", 'id = "1"'), "app.1.id: Input should be a valid integer"),
        (ONE.replace("id = 1", "id = true"), "app.1.id: Input should be a valid integer"),
        (ONE.replace("id = 1", "id = 0"), "app.1.id: Input should be greater than or equal to 1"),
        (ONE.replace("id = 1\n", ""), "app.1.id: Field required"),
        (ONE.replace("-----BEGIN", "begin"), "app.1.private_key is not a PEM key"),
        (
            ONE + 'private_key_file = "x"\n',
            "app.1.private_key is set twice: keep it, or app.1.private_key_file",
        ),
        (
            ONE + 'webhook_secrets_file = "x"\n',
            "app.1: webhook_secrets and webhook_secrets_file are both set",
        ),
        (ONE.replace('["secret-one"]', "[]"), "app.1.webhook_secrets is empty"),
        (ONE.replace('["secret-one"]', '["a", ""]'), "app.1.webhook_secrets is empty or has an empty secret"),
        (ONE.replace('webhook_secrets = ["secret-one"]', ""), "app.1.webhook_secrets is missing"),
        (ONE + 'github_url = "git.example"\n', "app.1.github_url"),
        (ONE + 'github_url = "https://me:made up@git.example"\n', "app.1.github_url"),
        (ONE + 'github_url = "https://git.example|x"\n', "app.1.github_url"),
        (ONE + 'github_url = "https://api.GitHub.com/"\n' + ONE, "the App api.github.com/1 is there twice"),
        (
            ONE + ONE.replace("id = 1", "id = 2").replace('["', '["newer", "'),
            "api.github.com/1 and api.github.com/2 share a webhook secret; give each its own",
        ),
        (ONE + ONE, "the App api.github.com/1 is there twice"),
        (FILES, "app.1.private_key_file names"),
    ],
)
def test_a_mistake_is_named_with_file_app_and_field(tmp_path: Path, content: str, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(SettingsError) as refused:
        read_apps(path)
    assert str(refused.value).startswith(f"HEPHAESTUS_APPS_FILE names {path}: ")
    assert said in str(refused.value)
    assert "secret-one" not in str(refused.value)
    assert "made up" not in str(refused.value)
