from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import cramjam
import pytest

from app.standin.github.attestations import add_attestation

if TYPE_CHECKING:
    from tests.contract.standin.conftest import Reply, World

DIGEST = "sha256:" + "ab" * 32
BASE = f"/repos/forge/anvil/attestations/{DIGEST}"
PROVENANCE = "https://slsa.dev/provenance/v1"


def bundle(predicate_type: str = PROVENANCE) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "anvil.whl", "digest": {"sha256": "ab" * 32}}],
        "predicateType": predicate_type,
        "predicate": {},
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {},
        "dsseEnvelope": {"payload": payload, "payloadType": "application/vnd.in-toto+json"},
    }


async def listed(world: World, query: str = "", **headers: str) -> Reply:
    return await world.call("GET", f"{BASE}{query}", token=await world.token(), **headers)


async def test_the_bundle_lies_snappy_compressed_at_another_origin(world: World) -> None:
    add_attestation(world.anvil, bundle())
    (one,) = (await listed(world)).body["attestations"]
    assert (one["bundle"], one["repository_id"]) == (None, world.anvil.id)
    assert one["bundle_url"].startswith(world.server.downloads_url)
    blob = await world.call("GET", one["bundle_url"])
    assert blob.headers["Content-Type"] == "application/x-snappy"
    assert json.loads(bytes(cramjam.snappy.decompress_raw(blob.body))) == bundle()


async def test_the_bundles_origin_refuses_a_token(world: World) -> None:
    add_attestation(world.anvil, bundle())
    (one,) = (await listed(world)).body["attestations"]
    assert (await world.call("GET", one["bundle_url"], token=await world.token())).status == 400


async def test_the_newer_version_of_the_api_has_no_bundle_field(world: World) -> None:
    add_attestation(world.anvil, bundle())
    reply = await listed(world, **{"X-GitHub-Api-Version": "2026-03-10"})
    assert "bundle" not in reply.body["attestations"][0]


async def test_a_digest_that_nobody_attested_is_404(world: World) -> None:
    assert (await listed(world)).status == 404


async def test_the_predicate_type_filters_by_short_and_by_full_name(world: World) -> None:
    release = "https://in-toto.io/attestation/release/v0.2"
    first, second = add_attestation(world.anvil, bundle()), add_attestation(world.anvil, bundle(release))
    for asked, expected in (
        ("provenance", [first]), ("release", [second]), (release, [second]), ("sbom", []), ("x", []),
    ):  # fmt: skip
        found = (await listed(world, f"?predicate_type={asked}")).body["attestations"]
        assert [f"/{one.id}.json.sn" in f["bundle_url"] for one, f in zip(expected, found, strict=True)] == [
            True
        ] * len(expected)


async def test_pages_are_followed_by_their_links_newest_first(world: World) -> None:
    stored = [add_attestation(world.anvil, bundle()) for _ in range(3)]
    reply, seen = await listed(world, "?per_page=2"), []
    assert 'rel="prev"' not in reply.headers["Link"]
    seen += reply.body["attestations"]
    following = reply.headers["Link"].partition(">")[0].lstrip("<")
    reply = await world.call("GET", following, token=await world.token())
    assert 'rel="prev"' in reply.headers["Link"]
    assert 'rel="next"' not in reply.headers["Link"]
    seen += reply.body["attestations"]
    names = [one["bundle_url"].partition("?")[0].rpartition("/")[2] for one in seen]
    assert names == [f"{one.id}.json.sn" for one in reversed(stored)]
    assert (await listed(world, "?after=nonsense")).status == 422


async def test_reading_takes_the_permission_and_storing_takes_write(world: World) -> None:
    add_attestation(world.anvil, bundle())
    bare = await world.token(permissions={"contents": "read"})
    assert (await world.call("GET", BASE, token=bare)).status == 403
    place = "/repos/forge/anvil/attestations"
    refused = await world.call("POST", place, token=await world.token(), json={"bundle": bundle()})
    assert refused.status == 403
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "attestations=write"


async def test_a_stored_bundle_is_listed_under_its_subject(world: World) -> None:
    person = world.github.add_user_token(world.anvil.owner)
    place = "/repos/forge/anvil/attestations"
    made = await world.call("POST", place, token=person, json={"bundle": bundle()})
    assert made.status == 201
    assert len((await listed(world)).body["attestations"]) == 1
    bad = await world.call("POST", place, token=person, json={"bundle": {"mediaType": "x"}})
    assert bad.status == 422


async def test_a_broken_bundle_can_be_seeded_under_any_digest(world: World) -> None:
    with pytest.raises(ValueError, match="statement"):
        add_attestation(world.anvil, b"{}")
    add_attestation(world.anvil, b"not json", digests=[DIGEST], predicate_type=PROVENANCE)
    (one,) = (await listed(world)).body["attestations"]
    blob = await world.call("GET", one["bundle_url"])
    assert bytes(cramjam.snappy.decompress_raw(blob.body)) == b"not json"


async def test_an_organisation_lists_in_bulk_what_the_caller_may_see(world: World) -> None:
    hidden = world.github.add_repository("forge/hidden", {"a": "b"}, private=True)
    add_attestation(world.anvil, bundle())
    add_attestation(hidden, bundle())
    none = "sha256:" + "00" * 32
    asked = {"subject_digests": [DIGEST, none]}
    path = "/orgs/forge/attestations/bulk-list"
    reply = await world.call("POST", path, token=await world.token(), json=asked)
    found = reply.body["attestations_subject_digests"]
    assert (len(found[DIGEST]), found[none]) == (2, None)
    assert reply.body["page_info"] == {"has_next": False, "has_previous": False}
    stranger = await world.call("POST", path, json=asked)
    assert len(stranger.body["attestations_subject_digests"][DIGEST]) == 1
    one = await world.call("GET", f"/orgs/forge/attestations/{DIGEST}")
    assert len(one.body["attestations"]) == 1
    assert (await world.call("GET", f"/users/nobody/attestations/{DIGEST}")).status == 404
