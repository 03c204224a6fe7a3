"""What the figures were measured on; without it they say little."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def description() -> str:
    """Date, processors, load and versions, in one line."""
    today = datetime.now(UTC).date().isoformat()
    return (
        f"{today}; {processor()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; "
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, Node.js {node()}"
    )


def processor() -> str:
    """The kind that Linux names."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def node() -> str:
    """The version of Node.js, or that there is none."""
    try:
        done = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "absent"
    return done.stdout.strip()
