"""Attestations of many digests at once: few requests, our repository's only, and none taken for all of them."""

from __future__ import annotations

from app.standin.github.attestations import add_attestation
from tests.contract.github.conftest import Client, app_keys, client, world

__all__ = ["app_keys", "client", "world"]

DIGESTS = tuple(f"sha256:{number:064x}" for number in range(250))
TAG = f"sha1:{'ab' * 20}"


def attest(client: Client, digest: str, count: int = 1, predicate_type: str = "https://p.example") -> None:
    for number in range(count):
        add_attestation(client.world.anvil, {"n": number}, digests=[digest], predicate_type=predicate_type)


def asked(client: Client) -> list[str]:
    return [one.route for one in client.seen if "attestations" in one.route]


async def test_a_hundred_digests_take_one_request(client: Client) -> None:
    attest(client, DIGESTS[0])
    attest(client, DIGESTS[249], 2)
    found = await client.reader.attestations_of(DIGESTS)
    assert [len(found[digest].found) for digest in (DIGESTS[0], DIGESTS[1], DIGESTS[249])] == [1, 0, 2]
    assert len(found) == len(DIGESTS)
    assert len(asked(client)) == 3
    assert all(route.endswith("bulk-list") for route in asked(client))


async def test_few_digests_are_asked_for_one_by_one_since_that_can_be_conditional(client: Client) -> None:
    attest(client, DIGESTS[0])
    found = await client.reader.attestations_of(DIGESTS[:2])
    assert [len(found[digest].found) for digest in DIGESTS[:2]] == [1, 0]
    assert asked(client) == ["/repos/{owner}/{repo}/attestations/{digest}"] * 2


async def test_more_than_were_asked_for_are_cut_and_said_to_be(client: Client) -> None:
    attest(client, DIGESTS[0], 4)
    for subjects in (DIGESTS[:1], DIGESTS[:9]):
        found = (await client.reader.attestations_of(subjects, limit=3))[DIGESTS[0]]
        assert (len(found.found), found.is_cut) == (3, True)


async def test_what_another_repository_of_the_owner_attested_is_not_ours(client: Client) -> None:
    other = client.world.github.add_repository("forge/bellows", {"README.md": ""})
    for repository in (other, client.world.anvil):
        add_attestation(repository, {"n": 1}, digests=[DIGESTS[0]], predicate_type="https://p.example")
    assert len((await client.reader.attestations_of(DIGESTS[:9]))[DIGESTS[0]].found) == 1


async def test_the_attestation_of_a_release_is_found_by_what_its_tag_names(client: Client) -> None:
    attest(client, TAG, predicate_type="https://in-toto.io/attestation/release/v0.2")
    attest(client, TAG)
    found = await client.reader.attestations_of((TAG,), predicate_type="release")
    assert len(found[TAG].found) == 1
