"""The peers from PyPI, at exact versions in a Python of their own: nothing of them is ever in a lock of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "pypi"
REQUIREMENTS = FOLDER / "requirements.txt"
PYTHON = FOLDER / ".venv" / "bin" / "python"
INSTALL = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement")


def missing() -> str | None:
    """Why the peers cannot be measured here, or None once they are installed."""
    for command in ((sys.executable, "-m", "venv", str(FOLDER / ".venv")), (*INSTALL, str(REQUIREMENTS))):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            return f"pip could not install them: {done.stderr.strip()[-200:]}"
    return None


def titled(name: str) -> str:
    """A reader's name with the version that `requirements.txt` asks for, where it is a peer."""
    pins = dict(
        line.split("==") for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if "==" in line
    )
    peer, comma, asked = name.partition(",")
    version = pins.get(peer.replace("_", "-"))
    return f"{peer} {version}{comma}{asked}" if version else name
