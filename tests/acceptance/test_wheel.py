"""What a stranger installs: the wheel alone carries all that the commands need, with nothing of the repository at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


def run(*command: str, cwd: Path, **environ: str) -> str:
    """What it wrote to standard output; it has nothing from our environment but the path."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environ},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our package from its wheel; built and installed without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"), cwd=REPOSITORY)
    (wheel,) = (folder / "dist").glob("*.whl")
    alone = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--no-warn-script-location")
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        *alone,
        "--target",
        str(folder / "site"),
        str(wheel),
        cwd=folder,
    )
    return folder / "site"


def hephaestus(installed: Path, cwd: Path, *arguments: str) -> str:
    """Runs the installed command. `-S` leaves out the .pth file that would lead an editable install to the repository."""
    packages = os.pathsep.join([str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    command = (sys.executable, "-S", str(installed / "bin" / "hephaestus"), *arguments)
    return run(*command, cwd=cwd, PYTHONPATH=packages)


def test_the_wheel_knows_its_signatures(installed: Path, tmp_path: Path) -> None:
    lines = hephaestus(installed, tmp_path, "signatures", "list", "--json").splitlines()
    shipped = [path for path in (REPOSITORY / "manifests" / "playbooks").iterdir() if path.is_dir()]
    assert len(lines) == len(shipped)
    assert "gha.artifact-deprecated" in {json.loads(line)["signature"] for line in lines}


@pytest.mark.slow
def test_the_demo_plays_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    lines = [
        json.loads(line) for line in hephaestus(installed, tmp_path, "demo", "--once", "--json").splitlines()
    ]
    assert (lines[-1]["kind"], lines[-1]["ok"]) == ("summary", True)


def test_the_wheel_brings_no_tests_and_leaves_nothing_out(installed: Path) -> None:
    ours = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert ours == {"app", "bin", "handlers", "manifests"}
    for package in ("app", "handlers", "manifests"):
        tracked = run("git", "ls-files", package, cwd=REPOSITORY).split()
        assert [name for name in tracked if not (installed / name).exists()] == []
