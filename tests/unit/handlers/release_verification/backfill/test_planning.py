"""The plan signs what has no evidence and is known well enough; everything else is refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.release import Grade
from handlers.release_verification.backfill.documents import canonical, digest_of, document, id_of
from handlers.release_verification.backfill.models import AssetClass, Doubt, Item, Level
from handlers.release_verification.backfill.planning import batches
from handlers.release_verification.section import Backfill
from tests.unit.handlers.release_verification.backfill.items import MISSING, inventory, planned, several


def test_an_asset_without_evidence_is_signed() -> None:
    plan = planned(MISSING)
    assert [(each.name, each.sha256, each.level) for each in plan.items] == [
        ("tool.tar.gz", MISSING.sha256, Level.E1)
    ]
    assert plan.refused == ()


@pytest.mark.parametrize(
    "item",
    [
        replace(MISSING, stands=AssetClass.VERIFIED),
        replace(MISSING, stands=AssetClass.EXEMPT),
        replace(MISSING, grade=Grade.BACKFILLED),
    ],
)
def test_what_needs_nothing_or_has_it_already_is_neither_signed_nor_refused(item: Item) -> None:
    plan = planned(item)
    assert (plan.items, plan.refused) == ((), ())


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (replace(MISSING, stands=AssetClass.PRESENT_INVALID, code="TAMPERED"), "PRESENT_INVALID"),
        (replace(MISSING, stands=AssetClass.UNSUPPORTED), "UNSUPPORTED"),
        (replace(MISSING, sha256=None), "UNSUPPORTED"),
        (replace(MISSING, commit=None), "UNSUPPORTED"),
        (replace(MISSING, doubts=(Doubt("TAG_MOVED", "it named another"),)), "TAG_MOVED"),
        (replace(MISSING, level=Level.E0), "EVIDENCE"),
    ],
)
def test_what_must_not_be_papered_over_is_refused_by_name(item: Item, code: str) -> None:
    plan = planned(item)
    assert plan.items == ()
    assert [each.code for each in plan.refused] == [code]


@pytest.mark.parametrize(("uploader", "is_signed"), [("Maker", True), ("thief", False), (None, False)])
def test_only_what_the_named_accounts_uploaded_is_signed(uploader: str | None, is_signed: bool) -> None:  # noqa: FBT001 (a table)
    plan = planned(replace(MISSING, uploader=uploader), policy=Backfill(uploaders=("maker",)))
    assert bool(plan.items) is is_signed
    assert [each.code for each in plan.refused] == ([] if is_signed else ["UPLOADER"])


def test_a_policy_may_do_with_the_bytes_of_today() -> None:
    assert planned(replace(MISSING, level=Level.E0), policy=Backfill(least_evidence="E0")).items


def test_a_run_signs_a_hundred_assets() -> None:
    assert [len(each) for each in batches(planned(*several(201)))] == [100, 100, 1]


def test_the_digest_of_a_plan_is_that_of_its_canonical_bytes_and_changes_with_each_fact() -> None:
    plan, other = planned(MISSING), planned(replace(MISSING, asset_id=6))
    assert digest_of(plan) == digest_of(planned(MISSING)) != digest_of(other)
    assert id_of(plan) == digest_of(plan)[:16]
    assert b" " not in canonical(inventory())
    assert document(inventory())["kind"] == "hephaestus/backfill-inventory"
