"""The end of the demo's transcript: what GitHub's descriptions say of the calls, and what a person can do next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from app.cli.demo_transcript import Line
from app.standin.github.contract import Contract
from app.standin.github.state import GitHub


def contract_line(github: GitHub) -> Line:
    """How the calls of both sides agree with GitHub's published descriptions."""
    contract = github.part(Contract)
    if not contract.is_on:
        facts: dict[str, object] = {"checked": False, "calls": contract.counts.total()}
        return Line(0, "contract", contract.summary(), facts=facts)
    details = [f"{d.method} {d.path} ({d.status}): {d.side}: {d.what}" for d in contract.deviations]
    return Line(
        0,
        "contract",
        "\n    ".join([contract.summary(), *details]),
        ok=not details,
        facts={
            "checked": True,
            "calls": contract.counts.total() - contract.counts["outside"],
            "deviations": details,
            "outside": dict(contract.outside),
        },
    )


def leads(url: str, pull: int | None, *, folder: Path | None, stays: bool) -> Iterator[Line]:
    """What a person can do next: clone, open the pages, look into the ledger that is kept in `folder`."""
    kept = folder is not None
    source = f"{folder / 'git'}/forge/anvil.git" if folder and not stays else f"{url}/forge/anvil.git"
    fetch = f" && git -C anvil fetch origin pull/{pull}/head" if pull else ""
    clone = f"git clone {quote(source)}{fetch}"
    yield Line(0, "clone", clone, facts={"command": clone, "lasts": stays or kept})
    if stays or not kept:
        yield Line(0, "pages", f"open {url}/", facts={"url": f"{url}/", "lasts": stays})
    if not (stays or kept):
        yield Line(0, "hint", "Both addresses live as long as the demo: leave out --once to use them.")
    if folder:
        look = f"HEPHAESTUS_DATA_DIR={quote(str(folder / 'data'))} {own_command()} deliveries list"
        yield Line(0, "kept", look, facts={"command": look, "folder": str(folder)})


def own_command() -> str:
    """How this program is called from here once more: `hephaestus` alone only where that is the one on the PATH."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{quote(sys.executable)} -m {quote(called.parent.name)}"
    found = shutil.which(called.name)
    is_on_path = found is not None and Path(found).resolve() == called.resolve()
    return called.name if is_on_path else quote(sys.argv[0])
