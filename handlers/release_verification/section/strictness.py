"""Which of two values is the stricter one, key by key; the stricter of two is never weaker than either. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.domain.identity_patterns import WILD, IdentityPattern
from handlers.release_verification.section import Signer, Until
from handlers.release_verification.section.values import OWN

Join = Callable[[Any, Any], Any]
"""The stricter of two values that are written; the first of two as strict, so that what is strict enough stays as it is."""


def ranked(*weakest_first: object) -> Join:
    """Of words in an order."""
    return lambda mine, floor: max(mine, floor, key=weakest_first.index)


def shared(mine: tuple[Any, ...], floor: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of lists of what is allowed: what both have; the floor's where that is nothing."""
    both = tuple(each for each in mine if each in floor)
    return both or floor


def counting(mine: bool | Until, floor: bool | Until) -> bool | Until:  # noqa: FBT001 (a value of the file)
    """Of how long a check only informs: the earlier end."""
    if floor is True or mine is False:
        return mine
    if floor is False or not isinstance(mine, Until):
        return floor
    return mine if mine.until <= floor.until else floor


ORDERS: dict[str, Join] = {
    "triggers": shared,
    "predicate_types": shared,
    "hosted_runners_only": ranked(False, True),  # noqa: FBT003 (values, the weaker first)
    "plain_signatures": ranked(True, False),  # noqa: FBT003 (likewise)
    "match_names": ranked(False, True),  # noqa: FBT003 (likewise)
    "reachable_from": ranked("any", "protected"),
    "new_signers": ranked("accept", "ask"),
    "no_assets": ranked("pass", "fail"),
    "watch": ranked("off", "daily"),
    "quarantine": ranked("off", "dry-run", "on"),
    "informational": counting,
    "wait_minutes": min,
}
OF_SIGNERS = ("triggers", "predicate_types", "hosted_runners_only", "plain_signatures")


def join(key: str, mine: Any, floor: Any) -> Any:  # noqa: ANN401 (values of any key)
    """The stricter of two values of a key; `floor` None asks for nothing."""
    return mine if floor is None else ORDERS[key](mine, floor)


def is_within(mine: Signer, floor: Signer) -> bool:
    """Whether nobody whom the first admits is a stranger to the second; False also where that is not certain."""
    return (
        _admits(floor, mine)
        and (mine.issuer, mine.source_repository, mine.source_ref)
        == (floor.issuer, floor.source_repository, floor.source_ref)
        and set(mine.triggers) <= set(floor.triggers)
        and set(mine.predicate_types) <= set(floor.predicate_types)
        and mine.hosted_runners_only >= floor.hosted_runners_only
        and mine.plain_signatures <= floor.plain_signatures
        and floor.builder.caller in {None, mine.builder.caller}
        and floor.builder.commit in {None, mine.builder.commit}
        and floor.claims.items() <= mine.claims.items()
    )


def _admits(floor: Signer, mine: Signer) -> bool:
    """Whether every workflow of the one is one of the other."""
    if (floor.identity, floor.workflow) == (mine.identity, mine.workflow):
        return True
    if floor.identity is not None:
        return _fits(floor.identity, mine.identity or "")
    if mine.identity is not None:
        return False
    if floor.workflow == OWN:
        return mine.workflow != OWN and "@" not in mine.workflow
    return _fits(floor.workflow, mine.workflow)


def _fits(pattern: str, text: str) -> bool:
    return WILD not in text and IdentityPattern(pattern).admits(text)
