from __future__ import annotations

import json
from datetime import UTC, datetime

from app.adapters.sigstore.root_windows import outline
from app.domain.trust import AuthorityKind
from tests.unit.app.adapters.sigstore.rooted import SINCE, changed, github, public


def ending(end: str) -> bytes:
    """GitHub's root with this end for the window of its certificates."""
    (authority,) = json.loads(github())["certificateAuthorities"]
    window = {**authority["validFor"], "end": end}
    return changed(github(), certificateAuthorities=[{**authority, "validFor": window}])


def test_each_authority_is_named_with_its_window() -> None:
    found = outline(github())
    assert [each.kind for each in found.windows] == list(AuthorityKind)
    assert {each.subject for each in found.windows} == {"CN=Internal Services Root,O=GitHub\\, Inc."}
    assert {each.start for each in found.windows} == {SINCE}
    assert found.organizations == ("GitHub, Inc.",)
    assert not found.has_logs


def test_a_window_ends_where_the_root_says_so() -> None:
    assert outline(ending("2026-12-01T00:00:00Z")).windows[0].end == datetime(2026, 12, 1, tzinfo=UTC)


def test_a_window_ends_with_the_first_certificate_at_the_latest() -> None:
    open_end = outline(github()).windows[0].end
    assert (
        outline(ending("2999-01-01T00:00:00Z")).windows[0].end == open_end < datetime(2999, 1, 1, tzinfo=UTC)
    )


def test_the_public_root_has_logs_and_its_own_authorities() -> None:
    found = outline(public())
    assert found.has_logs
    assert found.organizations == ("sigstore.dev",)
