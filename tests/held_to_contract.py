"""Every call of every test is held to GitHub's own descriptions, where these are at hand."""

from __future__ import annotations

from collections.abc import Iterable

from app.standin.github.contract import Contract
from app.standin.github.state import GitHub
from tests.conftest import CORPUS


def hold(github: GitHub) -> None:
    """From now on each call to this stand-in is judged."""
    github.part(Contract).use(CORPUS)


def kept(githubs: Iterable[GitHub], *, described: bool = True) -> None:
    """Fails where a request or an answer was not as described; with `described` also where no description holds a call."""
    broken: set[str] = set()
    for github in githubs:
        contract = github.part(Contract)
        broken |= {str(one) for one in contract.deviations}
        if described:
            broken |= {f"{call}: no description holds this call" for call in contract.outside}
    assert not broken, "\n".join(sorted(broken))
