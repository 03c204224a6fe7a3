from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.demo import demo
from app.cli.demo_leads import leads, own_command


def program(folder: Path) -> str:
    """An installed command."""
    folder.mkdir()
    file = folder / "hephaestus"
    file.touch(mode=0o755)
    return str(file)


def test_the_command_on_the_path_is_called_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [program(tmp_path / "bin")])
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert own_command() == "hephaestus"


@pytest.mark.parametrize("other", [True, False])
def test_a_command_that_the_path_does_not_lead_to_is_called_by_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, other: bool
) -> None:
    if other:
        program(tmp_path / "bin")
    program(tmp_path / "my env")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["my env/hephaestus"])
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert own_command() == "'my env/hephaestus'"


def test_a_module_is_called_with_the_python_that_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/app/__main__.py"])
    assert own_command() == f"{sys.executable} -m app"


def test_a_kept_ledger_is_looked_into_with_that_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/hephaestus"])
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = list(leads("http://127.0.0.1:1", None, folder=tmp_path, stays=False))[-1]
    assert kept.text == f"HEPHAESTUS_DATA_DIR={tmp_path}/data .venv/bin/hephaestus deliveries list"


def test_descriptions_that_are_asked_for_and_not_there_are_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(demo, ["--once", "--contract", str(tmp_path)])
    assert result.exit_code == 2
    assert f"{tmp_path}/github-openapi" in result.stderr
