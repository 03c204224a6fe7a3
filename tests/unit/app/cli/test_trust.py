"""`hephaestus trust` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.adapters.sigstore.root_store import RootStore
from app.cli.trust import trust
from tests.unit.app.adapters.sigstore.rooted import both, github, public, root


def written(tmp_path: Path, raw: bytes) -> str:
    file = tmp_path / "roots.jsonl"
    file.write_bytes(raw)
    return str(file)


def run(tmp_path: Path, *arguments: str, answer: str = "") -> Result:
    """With the public root in a file, which is confirmed by being new; the package's is older each day."""
    (tmp_path / "public.json").write_bytes(public())
    environment = {
        "HEPHAESTUS_DATA_DIR": str(tmp_path / "data"),
        "HEPHAESTUS_TRUSTED_ROOT": str(tmp_path / "public.json"),
        "HEPHAESTUS_TRUSTED_ROOT_SHA256": root(public()).sha256,
    }
    return CliRunner().invoke(trust, arguments, input=answer, env=environment)


def imported(tmp_path: Path, raw: bytes | None = None) -> Result:
    raw = github() if raw is None else raw
    return run(tmp_path, "import", written(tmp_path, raw), "--pin", root(raw).sha256, "--json")


def test_a_root_with_its_digest_is_imported_without_a_question(tmp_path: Path) -> None:
    result = imported(tmp_path)
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert (said["domain"], said["sha256"], said["source"]) == ("github", root().sha256, "import")
    assert said["imported"] is True
    assert {each["kind"] for each in said["authorities"]} == {"certificates", "timestamps"}
    assert Path(said["place"]).read_bytes() == github()


def test_what_was_imported_is_shown_beside_the_public_root(tmp_path: Path) -> None:
    imported(tmp_path)
    result = run(tmp_path, "show", "--json")
    assert result.exit_code == 0
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["domain"] for each in shown] == ["public-good", "github"]
    assert [each["warnings"] for each in shown] == [[], []]


def test_without_a_digest_somebody_is_asked(tmp_path: Path) -> None:
    result = run(tmp_path, "import", written(tmp_path, both()), answer="y\n")
    assert result.exit_code == 0
    assert "Is this GitHub's root" in result.stderr
    assert "imported to" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("answer", "said"), [("n\n", "Is this GitHub's root"), ("", "run it again with --pin")]
)
def test_nothing_is_imported_that_nobody_confirmed(tmp_path: Path, answer: str, said: str) -> None:
    result = run(tmp_path, "import", written(tmp_path, github()), answer=answer)
    assert result.exit_code == 1
    assert said in result.stderr
    assert not RootStore(tmp_path / "data").folder.exists()


def test_a_dry_run_only_shows(tmp_path: Path) -> None:
    result = run(tmp_path, "import", written(tmp_path, github()), "--dry-run", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["imported"] is False
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("raw", "pin", "said"),
    [
        (github(), "a" * 64, f"has the SHA-256 {root().sha256}, not {'a' * 64}"),
        (public(), root(public()).sha256, "its authorities are of sigstore.dev"),
        (b"nothing", "a" * 64, "is not JSON"),
    ],
)
def test_what_is_not_the_root_that_was_meant_is_refused(
    tmp_path: Path, raw: bytes, pin: str, said: str
) -> None:
    result = run(tmp_path, "import", written(tmp_path, raw), "--pin", pin)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_digest_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "import", written(tmp_path, github()), "--pin", "12").exit_code == 2


def test_where_githubs_root_is_not_there_the_command_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, "show")
    assert result.exit_code == 0
    assert "hephaestus trust import FILE" in result.stderr


def test_without_a_tuf_root_nothing_can_be_refreshed(tmp_path: Path) -> None:
    result = run(tmp_path, "refresh")
    assert result.exit_code == 2
    assert "HEPHAESTUS_GITHUB_TUF_ROOT" in result.stderr


def test_a_repository_that_cannot_be_reached_changes_nothing(tmp_path: Path) -> None:
    bootstrap = tmp_path / "root.json"
    bootstrap.write_bytes(b"{}")
    environment = {
        "HEPHAESTUS_DATA_DIR": str(tmp_path / "data"),
        "HEPHAESTUS_GITHUB_TUF_ROOT": str(bootstrap),
    }
    result = CliRunner().invoke(trust, ["refresh"], env=environment)
    assert result.exit_code == 1
    assert "does not verify" in result.stderr


def test_a_root_that_is_old_is_told_with_what_to_do(tmp_path: Path) -> None:
    imported(tmp_path)
    pin = tmp_path / "data" / "trust" / "github.pin.json"
    said = json.loads(pin.read_bytes())
    pin.write_text(json.dumps({**said, "confirmed_at": "2025-01-01T00:00:00Z"}), encoding="utf-8")
    result = run(tmp_path, "show")
    assert result.exit_code == 1
    assert "warning: the trusted root of github was last confirmed" in result.stderr
