"""A key is believed in its window only: a retired authority or log does not sign for ever."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.adapters.sigstore.trust import TrustedRoots
from app.domain.release import Outcome
from app.standin.sigstore import Form, LocalSigstore
from tests.unit.app.adapters.sigstore.minted import REKOR_FORMS, ask, attest, pinned


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def with_window(world: LocalSigstore, key: str, begins_s: int, ends_s: int) -> TrustedRoots:
    """The root with one window, in seconds from the signature, for all of a kind."""
    root: dict[str, Any] = json.loads(world.trusted_root_json())
    start, end = (written(world.signed_at + timedelta(seconds=each)) for each in (begins_s, ends_s))
    for each in root[key]:
        holder = each if "validFor" in each else each["publicKey"]
        holder["validFor"] = {"start": start, "end": end}
    return TrustedRoots(pinned(json.dumps(root).encode()))


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("key", ["certificateAuthorities", "tlogs", "ctlogs"])
@pytest.mark.parametrize(("begins_s", "ends_s", "code"), [(-9, -1, "TIME"), (-9, 0, "VERIFIED")])
def test_what_was_retired_before_the_signature_is_not_believed(
    world: LocalSigstore, form: Form, key: str, begins_s: int, ends_s: int, code: str
) -> None:
    outcome = ask(world, attest(world, form), roots=with_window(world, key, begins_s, ends_s))
    assert outcome.code == code


def test_another_authority_in_its_window_does_not_make_up_for_the_retired_one(world: LocalSigstore) -> None:
    root = json.loads(world.trusted_root_json())
    other = json.loads(LocalSigstore.create().trusted_root_json())["certificateAuthorities"]
    root["certificateAuthorities"][0]["validFor"]["end"] = written(world.signed_at - timedelta(seconds=1))
    root["certificateAuthorities"] += other
    roots = TrustedRoots(pinned(json.dumps(root).encode()))
    outcome = ask(world, attest(world), roots=roots)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")
    assert outcome.trusted_root_sha256 == roots.public_good.sha256


def test_a_root_without_windows_is_believed_at_any_time(world: LocalSigstore) -> None:
    root = json.loads(world.trusted_root_json())
    for each in root["tlogs"] + root["ctlogs"]:
        del each["publicKey"]["validFor"]
    assert ask(world, attest(world), roots=TrustedRoots(pinned(json.dumps(root).encode()))).code == "VERIFIED"


@pytest.mark.parametrize("window", [{"start": "soon"}, {"start": "2020-01-01T00:00:00"}, 5, {"start": 5}])
def test_a_window_that_cannot_be_read_is_no_window(world: LocalSigstore, window: object) -> None:
    root = json.loads(world.trusted_root_json())
    root["certificateAuthorities"][0]["validFor"] = window
    outcome = ask(world, attest(world), roots=TrustedRoots(pinned(json.dumps(root).encode())))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"tlogs": 5}', b'{"tlogs": [5]}', b'{"a": 1, "a": 2}'])
def test_a_root_that_cannot_be_read_refuses(world: LocalSigstore, raw: bytes) -> None:
    outcome = ask(world, attest(world), roots=TrustedRoots(pinned(raw)))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")
