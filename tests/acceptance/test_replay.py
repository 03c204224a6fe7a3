"""What an operator does with stored deliveries: looks at them, rehearses one, lets the service work on one again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.bootstrap.operating import load_settings, read_deliveries
from app.bootstrap.replaying import NoService, rehearse_delivery, replay_delivery
from app.cli.deliveries import deliveries
from app.domain.delivery import DeliveryState
from app.errors import NotFound, SettingsError
from app.settings import Settings
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a service that has judged a release and is stopped."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    command = [sys.executable, "-m", "app", "demo", "--once", "--scene", "2", "--keep", str(folder)]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
    subprocess.run(command, cwd=REPOSITORY, env=env, check=True, capture_output=True, timeout=110)
    return folder / "data"


def run(data: Path, *arguments: str) -> Result:
    return CliRunner(env={"HEPHAESTUS_DATA_DIR": str(data)}).invoke(deliveries, list(arguments))


def published(data: Path) -> str:
    rows = [
        json.loads(line) for line in run(data, "list", "--event", "release", "--json").stdout.splitlines()
    ]
    return next(str(row["delivery"]) for row in rows if row["action"] == "published")


def test_a_ledger_that_is_kept_is_for_its_owner_alone(data: Path) -> None:
    assert [path.name for path in data.rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_dry_run_prints_the_effects_of_the_same_decision(data: Path) -> None:
    guid = published(data)
    result = run(data, "replay", guid, "--dry-run", "--json")
    told = json.loads(result.stdout)
    (handler,) = told["handlers"]
    effect, watch = handler["effects"]
    assert watch["kind"] == "wake_at"
    row = json.loads(run(data, "show", guid, "--json").stdout)
    assert (result.exit_code, told["delivery"], told["dry_run"]) == (0, guid, True)
    assert told["attempts"] == row["attempts"] == 1
    assert (handler["verdict"], handler["verdict_then"]) == ("fail", "fail")
    assert (effect["kind"], effect["state"]) == ("publish_check_run", "planned")
    assert "anvil-1.0.0-windows.bin" in effect["content"]["title"]


def test_a_dry_run_changes_nothing(data: Path) -> None:
    before = run(data, "list", "--json").stdout
    assert run(data, "replay", published(data), "--dry-run").exit_code == 0
    assert run(data, "list", "--json").stdout == before


def test_what_was_ignored_is_ignored_again_with_the_reason(data: Path) -> None:
    rows = [
        json.loads(line) for line in run(data, "list", "--state", "ignored", "--json").stdout.splitlines()
    ]
    result = run(data, "replay", rows[0]["delivery"], "--dry-run", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"], told["error"]) == (0, "ignored", rows[0]["error"])


def test_show_prints_one_delivery_and_an_unknown_one_is_wrong_usage(data: Path) -> None:
    shown = run(data, "show", published(data), "--json")
    assert json.loads(shown.stdout)["handlers"][0]["effects"] == [
        {"kind": "publish_check_run", "state": "applied", "reason": None},
        {"kind": "wake_at", "state": "applied", "reason": None},
    ]
    assert run(data, "show", "unheard-of").exit_code == 2


async def test_without_a_service_the_row_is_taken_back(data: Path) -> None:
    settings = Settings.load({"HEPHAESTUS_DATA_DIR": str(data)}, credentials=False)
    before = await read_deliveries(settings)
    guid = next(row.id for row in before if row.action == "published")
    with pytest.raises(NoService, match="nothing was changed"):
        await replay_delivery(settings, guid, taken_up_within_s=0.3)
    assert await read_deliveries(settings) == before


async def test_an_unknown_delivery_cannot_be_rehearsed(data: Path) -> None:
    settings = Settings.load({"HEPHAESTUS_DATA_DIR": str(data)}, credentials=False)
    with pytest.raises(NotFound):
        await rehearse_delivery(settings, "unheard-of")


@pytest.mark.parametrize("command", [["list"], ["show", "1"], ["replay", "1"], ["replay", "1", "--dry-run"]])
def test_a_ledger_that_is_not_there_is_named_and_not_made(tmp_path: Path, command: list[str]) -> None:
    result = run(tmp_path / "data", *command)
    assert "there is no ledger at" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no database at all, but of some length", "not a database"), (b"", "hephaestus migrate")],
)
def test_a_ledger_that_cannot_be_read_is_named_with_what_to_do(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "hephaestus.db").write_bytes(content)
    for command in (["list"], ["show", "1"], ["replay", "1", "--dry-run"]):
        result = run(tmp_path, *command)
        assert isinstance(result.exception, SettingsError)
        assert words in str(result.exception)
        assert str(tmp_path / "hephaestus.db") in str(result.exception)


async def test_the_running_service_takes_a_replay_up_and_writes_no_second_check_run(tmp_path: Path) -> None:
    from app.bootstrap.service import running_service
    from app.cli.demo import environment
    from app.cli.demo_scenes import SCENES, Stage
    from app.cli.demo_world import build
    from app.standin.github.server import running

    world = build(tmp_path / "git", "secret")
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, "secret"))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            lines = [line async for line in SCENES[2](Stage(world, github.url))]
            runs = len(world.repository.check_runs)
            guid = next(str(line.facts["delivery"]) for line in lines if line.kind == "delivery")
            row = await replay_delivery(settings, guid)
    assert (row.state, row.source.value) == (DeliveryState.DONE, "operator")
    assert [(one.handler, one.verdict) for one in row.handlers] == [("release_verification", "fail")]
    assert len(world.repository.check_runs) == runs


def test_settings_of_an_operator_need_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPHAESTUS_DATA_DIR", str(tmp_path))
    assert load_settings(credentials=False).apps == ()
