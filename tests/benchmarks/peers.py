"""The peers from npm, at exact versions; where Node.js or the registry cannot be had the benchmark goes on without them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "npm"
NAMES = ("octokit", "probot")
INSTALL = (
    "npm",
    "install",
    "--no-save",
    "--package-lock=false",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)


def missing() -> str | None:
    """Why the peers cannot be measured here, or None once they are installed."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if (FOLDER / "node_modules" / "probot").is_dir():
        return None
    done = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=300)
    return None if done.returncode == 0 else f"npm could not install them: {done.stderr.strip()[-200:]}"


def command(name: str) -> tuple[str, ...]:
    """The command that starts a peer."""
    return ("node", str(FOLDER / f"{name}.mjs"))
