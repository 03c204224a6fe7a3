"""Which programs judge: for receipts, so that who judges again can tell why it comes out otherwise."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

PROGRAM = "hephaestus-github-app"


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """The names and versions: ours, the library's, and the digest of the code of this package."""
    code = sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        code.update(sha256(module.read_bytes()).digest())
    return (
        ("hephaestus", version(PROGRAM)),
        ("sigstore", version("sigstore")),
        ("verifier", f"sha256:{code.hexdigest()}"),
    )
