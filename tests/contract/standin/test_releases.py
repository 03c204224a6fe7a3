from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.standin.github.releases import lock_releases, replace_asset, repository_release
from tests.contract.standin.conftest import Reply
from tests.contract.standin.test_payloads import complaints

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil/releases"
WHEEL = b"PK\x03\x04 a wheel"


async def create(world: World, **fields: object) -> Reply:
    body = {"tag_name": "v1.0", **fields}
    return await world.call("POST", BASE, token=await world.token(), json=body)


async def upload(world: World, release_id: int, name: str, data: bytes, origin: str = "") -> Reply:
    token = await world.token()
    place = f"{origin or world.server.uploads_url}{BASE}/{release_id}/assets"
    async with world.session.post(
        place,
        params={"name": name},
        data=data,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/zip"},
    ) as response:
        return Reply(response.status, response.headers, await response.json())


async def test_a_seeded_release_shows_digest_and_size_of_each_asset(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"anvil.whl": WHEEL, "notes.txt": "hello"})
    reply = await world.call("GET", f"{BASE}/{one.id}", token=await world.token())
    files = {file["name"]: (file["size"], file["digest"]) for file in reply.body["assets"]}
    assert files["anvil.whl"] == (len(WHEEL), f"sha256:{hashlib.sha256(WHEEL).hexdigest()}")
    assert files.keys() == {"anvil.whl", "notes.txt"}
    assert (reply.body["draft"], reply.body["immutable"]) == (False, False)


async def test_publishing_makes_the_tag_and_tells_with_all_assets(world: World) -> None:
    repository_release(world.anvil, "v1.0", {"anvil.whl": WHEEL})
    assert world.anvil.git.ref("refs/tags/v1.0") == world.anvil.git.ref("refs/heads/main")
    assert world.events("release") == ["published", "released", "created"]
    told = next(e for e in world.github.events if (e.name, e.action) == ("release", "published"))
    assert [file["name"] for file in told.payload["release"]["assets"]] == ["anvil.whl"]


async def test_an_asset_is_downloaded_from_another_origin_without_a_token(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"anvil.whl": WHEEL})
    (number,) = one.assets
    token = await world.token()
    link = await world.call("GET", f"{BASE}/assets/{number}", token=token, accept="application/octet-stream")
    assert link.status == 302
    place = link.headers["Location"]
    assert place.startswith(world.server.downloads_url)
    assert (await world.call("GET", place)).body == WHEEL
    assert (await world.call("GET", place, token=token)).status == 400
    world.clock.offset = timedelta(seconds=301)
    assert (await world.call("GET", place)).status == 403


async def test_the_address_for_people_leads_to_the_bytes(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"anvil.whl": WHEEL})
    shown = await world.call("GET", f"{BASE}/{one.id}", token=await world.token())
    link = await world.call("GET", shown.body["assets"][0]["browser_download_url"])
    assert (await world.call("GET", link.headers["Location"])).body == WHEEL
    missing = world.server.url + "/_/forge/anvil/releases/download/v1.0/other.whl"
    assert (await world.call("GET", missing)).status == 404


async def test_a_draft_is_uploaded_to_and_then_published(world: World) -> None:
    draft = await create(world, draft=True, body="First.")
    assert (draft.status, draft.body["draft"], draft.body["tarball_url"]) == (201, True, None)
    assert world.anvil.git.ref("refs/tags/v1.0") is None
    file = await upload(world, draft.body["id"], "my wheel.whl", WHEEL)
    assert (file.status, file.body["name"], file.body["content_type"]) == (
        201, "my.wheel.whl", "application/zip"
    )  # fmt: skip
    path = f"{BASE}/{draft.body['id']}"
    published = await world.call("PATCH", path, token=await world.token(), json={"draft": False})
    assert published.body["published_at"] is not None
    assert world.anvil.git.ref("refs/tags/v1.0") is not None
    assert world.events("release") == ["created", "published", "released"]


async def test_a_draft_is_hidden_from_those_who_may_not_push(world: World) -> None:
    draft = await create(world, draft=True)
    reader = await world.token(permissions={"contents": "read"})
    assert (await world.call("GET", BASE, token=reader)).body == []
    assert (await world.call("GET", f"{BASE}/{draft.body['id']}", token=reader)).status == 404
    assert (await world.call("GET", f"{BASE}/tags/v1.0", token=await world.token())).status == 404
    assert len((await world.call("GET", BASE, token=await world.token())).body) == 1


async def test_assets_are_taken_by_the_uploads_host_alone(world: World) -> None:
    one = repository_release(world.anvil, "v1.0")
    assert (await upload(world, one.id, "a.txt", b"a", world.server.url)).status == 404
    assert (await upload(world, one.id, "a.txt", b"a")).status == 201


async def test_an_asset_name_is_taken_once_and_no_file_is_empty(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"a.txt": "a"})
    again = await upload(world, one.id, "a.txt", b"b")
    assert (again.status, again.body["errors"][0]["code"]) == (422, "already_exists")
    assert (await upload(world, one.id, "b.txt", b"")).status == 422


async def test_an_asset_is_renamed_and_deleted(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"a.txt": "a", "b.txt": "b"})
    token, (first, _) = await world.token(), one.assets
    path = f"{BASE}/assets/{first}"
    renamed = await world.call("PATCH", path, token=token, json={"name": "c.txt", "label": "C"})
    assert (renamed.body["name"], renamed.body["label"]) == ("c.txt", "C")
    taken = await world.call("PATCH", path, token=token, json={"name": "b.txt"})
    assert taken.status == 422
    assert (await world.call("DELETE", path, token=token)).status == 204
    assert (await world.call("GET", path, token=token)).status == 404


async def test_swapping_an_asset_sends_no_webhook_but_shows_in_its_digest(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"anvil.whl": WHEEL})
    token, before = await world.token(), len(world.github.events)
    old = await world.call("GET", f"{BASE}/{one.id}", token=token)
    replace_asset(world.anvil, one, "anvil.whl", b"other bytes")
    new = await world.call("GET", f"{BASE}/{one.id}", token=token)
    assert old.body["assets"][0]["digest"] != new.body["assets"][0]["digest"]
    assert len(world.github.events) == before


async def test_an_immutable_release_keeps_assets_and_tag_for_ever(world: World) -> None:
    lock_releases(world.anvil)
    one = repository_release(world.anvil, "v1.0", {"a.txt": "a"})
    token, (file,) = await world.token(), one.assets
    assert one.immutable
    assert (await upload(world, one.id, "b.txt", b"b")).status == 422
    assert (await world.call("DELETE", f"{BASE}/assets/{file}", token=token)).status == 422
    path = f"{BASE}/{one.id}"
    assert (await world.call("PATCH", path, token=token, json={"tag_name": "v2"})).status == 422
    edited = await world.call("PATCH", path, token=token, json={"body": "Notes."})
    assert edited.body["body"] == "Notes."
    assert (await world.call("DELETE", path, token=token)).status == 204
    again = await create(world)
    assert again.body["errors"][0]["message"] == "tag_name was used by an immutable release"


async def test_a_taken_tag_and_an_unknown_target_are_refused(world: World) -> None:
    assert (await create(world)).status == 201
    again = await create(world)
    assert again.body["errors"][0] == {
        "resource": "Release", "field": "tag_name", "code": "already_exists"
    }  # fmt: skip
    lost = await create(world, tag_name="v2", target_commitish="nowhere")
    assert lost.body["errors"][0]["field"] == "target_commitish"
    assert [r.tag_name for r in world.anvil.releases.values()] == ["v1.0"]


async def test_editing_says_what_was_there_before(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", body="Old.", prerelease=True)
    path, token = f"{BASE}/{one.id}", await world.token()
    await world.call("PATCH", path, token=token, json={"body": "New.", "prerelease": False})
    told = next(e for e in world.github.events if e.action == "edited")
    assert told.payload["changes"] == {"body": {"from": "Old."}}
    assert world.events("release") == ["published", "prereleased", "created", "edited", "released"]


async def test_latest_is_a_full_release_and_the_tag_finds_it(world: World) -> None:
    token = await world.token()
    assert (await world.call("GET", f"{BASE}/latest", token=token)).status == 404
    await create(world)
    await create(world, tag_name="v2-rc1", prerelease=True)
    await create(world, tag_name="v0.9.1", make_latest="false")
    assert (await world.call("GET", f"{BASE}/latest", token=token)).body["tag_name"] == "v1.0"
    assert (await world.call("GET", f"{BASE}/tags/v2-rc1", token=token)).body["prerelease"] is True


@pytest.mark.corpus
async def test_the_life_of_a_release_is_githubs_shape(world: World, corpus: Path) -> None:
    bundle = json.loads((corpus / "webhooks/schemas/webhooks.bundle.json").read_bytes())
    token = await world.token()
    one = repository_release(world.anvil, "v1.0", {"a.txt": "a"}, body="Old.", prerelease=True)
    path = f"{BASE}/{one.id}"
    for change in ({"body": "New."}, {"prerelease": False}, {"draft": True}):
        await world.call("PATCH", path, token=token, json=change)
    await world.call("DELETE", path, token=token)
    assert set(world.events("release")) == {
        "published", "prereleased", "created", "edited", "released", "unpublished", "deleted"
    }  # fmt: skip
    found = [line for event in world.github.events for line in complaints(bundle, world, event)]
    assert not found, "\n".join(dict.fromkeys(found))
