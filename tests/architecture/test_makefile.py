"""What a stranger types first: the Makefile's targets say what is missing, and narrow when asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import OF_THE_SERVICE

ROOT = Path(__file__).parents[2]
INHERITED = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS", "VENV", "PYTHON", "CI")
MAKE = shutil.which("make") or "make"


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of make as a person would start it, whatever started these tests."""
    environment = {name: value for name, value in os.environ.items() if name not in INHERITED}
    command = [MAKE, "--directory", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def python(folder: Path, *, has_no: str) -> Path:
    """A Python that lacks one module, and can make an environment all the same up to the point where it needs it."""
    path = folder / "python"
    path.write_text(
        f"""#!/bin/sh
case "$*" in
  *"{has_no}"*) exit 1 ;;
  "-m venv "*) mkdir -p "$3/bin" && ln -s {sys.executable} "$3/bin/python" && exit 1 ;;
  *) exec {sys.executable} "$@" ;;
esac
"""
    )
    path.chmod(0o755)
    return path


def test_a_python_without_ensurepip_is_told_the_package_that_has_it_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    venv = tmp_path / "venv"
    ran = make("setup", f"PYTHON={python(tmp_path, has_no='ensurepip')}", f"VENV={venv}")
    assert ran.returncode != 0
    assert "apt install python3-venv" in ran.stdout
    assert not venv.exists()


def test_an_environment_that_could_not_be_made_is_taken_away_again(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    ran = make("setup", f"PYTHON={python(tmp_path, has_no='nothing')}", f"VENV={venv}")
    assert ran.returncode != 0
    assert not venv.exists()


def test_a_narrowed_run_of_the_tests_is_one_run_without_floors() -> None:
    ran = make("--dry-run", "test", "ARGS=-k name")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("-m pytest") == 1
    assert "-m pytest -k name" in ran.stdout
    assert "coverage" not in ran.stdout


@pytest.mark.parametrize("floor", ["coverage report\n", "--fail-under=100"])
def test_the_whole_run_of_the_tests_holds_the_floors_of_coverage(floor: str) -> None:
    ran = make("--dry-run", "test")
    assert ran.returncode == 0, ran.stderr
    assert floor in ran.stdout


def test_the_tests_of_every_folder_of_the_service_are_run_each_once() -> None:
    runs = [line for line in make("--dry-run", "test").stdout.splitlines() if "-m pytest" in line]
    others, *service = runs
    assert "-m 'not service'" in others
    folders = " ".join(OF_THE_SERVICE)
    marks = [line.partition(f"-m pytest {folders} -m ")[2] for line in service]
    assert [mark.partition(" -n ")[0] for mark in marks] == ["'not alone and not waits'", "waits", "alone"]


def test_every_module_named_policy_is_held_to_whole_coverage() -> None:
    held = [line for line in make("--dry-run", "test").stdout.splitlines() if "--fail-under=100" in line]
    patterns = held[0].partition("--include='")[2].partition("'")[0].split(",")
    found = [
        path.relative_to(ROOT) for top in ("app", "handlers") for path in (ROOT / top).rglob("policy.py")
    ]
    assert found
    assert [path for path in found if not any(path.match(pattern) for pattern in patterns)] == []
