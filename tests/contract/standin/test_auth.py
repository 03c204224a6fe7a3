from __future__ import annotations

import base64
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from app.standin.github.keys import key_pair

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

UNDECODABLE = "A JSON web token could not be decoded"
EXPIRY = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
FAR = "'Expiration time' claim ('exp') is too far in the future"
ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"


async def test_an_app_is_known_by_its_id_and_by_its_client_id(world: World) -> None:
    for issuer in (str(world.app.id), world.app.client_id):
        reply = await world.call("GET", "/app", token=world.jwt(iss=issuer))
        assert (reply.status, reply.body["slug"]) == (200, "hephaestus")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": int(time.time()) - 5}, EXPIRY),
        ({"exp": int(time.time()) + 3600}, FAR),
        ({"iat": int(time.time()) + 600}, ISSUED),
    ],
)
async def test_a_jwt_with_wrong_times_is_refused_in_githubs_words(
    world: World, claims: dict[str, Any], message: str
) -> None:
    reply = await world.call("GET", "/app", token=world.jwt(**claims))
    assert (reply.status, reply.body["message"]) == (401, message)


async def test_a_jwt_signed_with_another_key_is_refused(world: World) -> None:
    now = int(time.time())
    claims = {"iat": now - 60, "exp": now + 60, "iss": str(world.app.id)}
    forged = jwt.encode(claims, key_pair()[0], algorithm="RS256")
    for token in (
        forged,
        "not.a.jwt",
        jwt.encode(claims, "a secret of thirty-two characters", algorithm="HS256"),
    ):
        reply = await world.call("GET", "/app", token=token)
        assert (reply.status, reply.body["message"]) == (401, UNDECODABLE)


async def test_a_jwt_of_an_unknown_app_is_not_found(world: World) -> None:
    reply = await world.call("GET", "/app", token=world.jwt(iss="99"))
    assert (reply.status, reply.body["message"]) == (404, "Integration not found")


async def test_a_jwt_opens_no_repository(world: World) -> None:
    assert (await world.call("GET", "/repos/forge/anvil", token=world.jwt())).status == 401


async def test_a_token_is_long_opaque_and_lives_an_hour(world: World) -> None:
    token = await world.token()
    assert token.startswith(f"ghs_{world.app.id}_")
    assert len(token) > 450
    assert "." in token
    assert (await world.call("GET", "/installation/repositories", token=token)).status == 200
    world.clock.offset = timedelta(minutes=61)
    reply = await world.call("GET", "/installation/repositories", token=token)
    assert (reply.status, reply.body["message"]) == (401, "Bad credentials")


async def test_an_unknown_token_is_refused_even_where_none_is_needed(world: World) -> None:
    assert (await world.call("GET", "/repos/forge/anvil", token="ghs_bad")).status == 401
    assert (await world.call("GET", "/repos/forge/anvil")).status == 200


async def test_a_fresh_token_is_refused_until_it_is_replicated(world: World) -> None:
    world.github.settings.token_replication_delay = timedelta(seconds=2)
    token = await world.token()
    assert (await world.call("GET", "/repos/forge/anvil", token=token)).status == 401
    world.clock.offset = timedelta(seconds=3)
    assert (await world.call("GET", "/repos/forge/anvil", token=token)).status == 200


async def test_a_narrowed_token_reaches_only_its_repository_with_its_permission(world: World) -> None:
    world.github.add_repository("forge/secret", {"a": "b"}, private=True)
    narrow = await world.token(repository_ids=[world.anvil.id], permissions={"contents": "read"})
    assert (await world.call("GET", "/repos/forge/anvil/contents/README.md", token=narrow)).status == 200
    assert (await world.call("GET", "/repos/forge/secret", token=narrow)).status == 404
    refused = await world.call(
        "POST", "/repos/forge/anvil/issues", token=narrow, json={"title": "no permission"}
    )
    assert (refused.status, refused.body["message"]) == (403, "Resource not accessible by integration")
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "issues=write"
    seen = await world.call("GET", "/installation/repositories", token=narrow)
    assert [r["full_name"] for r in seen.body["repositories"]] == ["forge/anvil"]


@pytest.mark.parametrize("asked", [{"workflows": "write"}, {"attestations": "write"}])
async def test_a_permission_that_was_not_granted_cannot_be_asked_for(
    world: World, asked: dict[str, str]
) -> None:
    path = f"/app/installations/{world.installation.id}/access_tokens"
    reply = await world.call("POST", path, token=world.jwt(), json={"permissions": asked})
    assert reply.status == 422
    assert reply.body["message"] == "The permissions requested are not granted to this installation."


async def test_a_repository_outside_the_installation_cannot_be_asked_for(world: World) -> None:
    other = world.github.add_repository("elsewhere/tongs", {"a": "b"}, private=True)
    path = f"/app/installations/{world.installation.id}/access_tokens"
    reply = await world.call("POST", path, token=world.jwt(), json={"repository_ids": [other.id]})
    assert reply.status == 422
    token = await world.token()
    assert (await world.call("GET", "/repos/elsewhere/tongs", token=token)).status == 404


async def test_a_suspended_installation_says_so(world: World) -> None:
    token = await world.token()
    world.installation.suspended_at = world.github.now()
    reply = await world.call("GET", "/repos/forge/anvil", token=token)
    assert (reply.status, reply.body["message"]) == (403, "This installation has been suspended")


async def test_a_revoked_token_is_dead(world: World) -> None:
    token = await world.token()
    assert (await world.call("DELETE", "/installation/token", token=token)).status == 204
    assert (await world.call("GET", "/repos/forge/anvil", token=token)).status == 401


async def test_installations_are_found_by_repository_and_by_account(world: World) -> None:
    for path in ("/repos/forge/anvil/installation", "/orgs/forge/installation"):
        reply = await world.call("GET", path, token=world.jwt())
        assert reply.body["id"] == world.installation.id
    listed = await world.call("GET", "/app/installations", token=world.jwt())
    assert [one["id"] for one in listed.body] == [world.installation.id]


@pytest.mark.parametrize(
    "body",
    [
        {"permissions": "all"},
        {"permissions": {"contents": "much"}},
        {"repository_ids": ["one"]},
        {"repositories": "x"},
    ],
)
async def test_a_narrowing_of_the_wrong_shape_is_refused(world: World, body: dict[str, Any]) -> None:
    path = f"/app/installations/{world.installation.id}/access_tokens"
    assert (await world.call("POST", path, token=world.jwt(), json=body)).status == 422
    world.forgive_requests()


async def test_a_body_that_is_no_json_object_is_refused(world: World) -> None:
    path = f"{world.server.url}/app/installations/{world.installation.id}/access_tokens"
    for data, message in ((b"{", "Problems parsing JSON"), (b"[]", "Body should be a JSON object")):
        headers = {"Authorization": f"Bearer {world.jwt()}", "Content-Type": "application/json"}
        async with world.session.post(path, data=data, headers=headers) as response:
            assert (response.status, (await response.json())["message"]) == (400, message)
    world.forgive_requests()


async def test_installations_of_other_apps_are_not_found(world: World) -> None:
    other = world.github.add_app("other", owner="smith", permissions={}, events=[])
    theirs = world.github.add_installation(other, "forge")
    for path in (f"/app/installations/{theirs.id}", "/app/installations/0", "/orgs/nobody/installation"):
        assert (await world.call("GET", path, token=world.jwt())).status == 404
    assert (
        await world.call("GET", f"/app/installations/{world.installation.id}", token=world.jwt())
    ).status == 200


async def test_people_see_and_do_what_their_permission_allows(world: World) -> None:
    world.anvil.private = True
    reader, stranger = world.github.add_account("reader"), world.github.add_account("stranger")
    world.anvil.collaborators[reader.id] = "read"
    mine, theirs = world.github.add_user_token(reader), world.github.add_user_token(stranger)
    seen = await world.call("GET", "/repos/forge/anvil", token=mine)
    assert (seen.body["permissions"]["pull"], seen.body["permissions"]["push"]) == (True, False)
    assert (await world.call("GET", "/repos/forge/anvil", token=theirs)).status == 404
    assert (await world.call("GET", "/repos/forge/anvil")).status == 404
    body = {"ref": "refs/heads/x", "sha": world.anvil.git.resolve("main")}
    assert (await world.call("POST", "/repos/forge/anvil/git/refs", token=mine, json=body)).status == 403
    permission = await world.call("GET", "/repos/forge/anvil/collaborators/reader/permission", token=mine)
    assert permission.body["message"] == "Must have push access to view collaborator permission."
    assert (await world.call("GET", "/user", token=mine)).body["login"] == "reader"
    assert (await world.call("GET", "/user", token=await world.token())).status == 403


async def test_a_users_token_ends_and_basic_credentials_are_read(world: World) -> None:
    short = world.github.add_user_token(world.anvil.owner, lifetime=timedelta(minutes=1))
    basic = base64.b64encode(f"x-access-token:{short}".encode()).decode()
    for header, status in ((f"Basic {basic}", 200), ("Basic ???", 401), ("Digest x", 401)):
        assert (await world.call("GET", "/repos/forge/anvil", Authorization=header)).status == status
    world.clock.offset = timedelta(minutes=2)
    assert (await world.call("GET", "/repos/forge/anvil", token=short)).status == 401


async def test_the_bots_account_is_found_by_login(world: World) -> None:
    reply = await world.call("GET", "/users/hephaestus[bot]", token=await world.token())
    assert (reply.body["id"], reply.body["type"]) == (world.app.bot.id, "Bot")
    assert (await world.call("GET", "/users/nobody")).status == 404
