from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import jwt
import pytest
from yarl import URL

from app.standin.github.manifest import slug_of
from app.standin.github.manifest_form import Unacceptable, read

if TYPE_CHECKING:
    from tests.contract.standin.conftest import Reply, World

NEW = "/settings/apps/new"
MANIFEST = {
    "name": "My <Forge> App",
    "url": "https://forge.example",
    "redirect_url": "http://127.0.0.1:1/setup/callback?kept=1",
    "setup_url": "http://127.0.0.1:1/setup/done",
    "hook_attributes": {"url": "http://127.0.0.1:1/webhooks"},
    "default_permissions": {"checks": "write", "contents": "read"},
    "default_events": ["check_run", "push"],
    "public": False,
}


async def post(world: World, path: str, **fields: str) -> tuple[int, str, str]:
    """Status, text and Location of a form's answer."""
    async with world.session.post(world.server.url + path, data=fields, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def press(world: World, place: str = NEW) -> URL:
    """Opens the page and presses its button as a browser does; where that leads."""
    status, text, _ = await post(world, f"{place}?state=s+t", manifest=json.dumps(MANIFEST))
    assert status == 200, text
    fields = {
        unescape(k): unescape(v)
        for k, v in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    }
    action = re.search(r'<form method="post" action="([^"]*)"', text)
    assert action is not None
    status, text, location = await post(world, action[1], **fields)
    assert status == 302, text
    return URL(location)


async def convert(world: World, back: URL) -> Reply:
    return await world.call("POST", f"/app-manifests/{back.query['code']}/conversions")


async def test_the_page_shows_what_is_asked_for_and_runs_nothing(world: World) -> None:
    _, text, _ = await post(world, NEW, manifest=json.dumps(MANIFEST))
    assert "stand-in, not GitHub" in text
    assert "My &lt;Forge&gt; App" in text
    assert "<Forge>" not in text
    assert text.count("<button>") == 1
    assert world.github.apps.keys() == {15368, world.app.id}


async def test_the_button_leads_back_with_a_code_and_the_state(world: World) -> None:
    back = await press(world)
    assert str(back).startswith("http://127.0.0.1:1/setup/callback")
    assert (back.query["state"], back.query["kept"]) == ("s t", "1")


async def test_a_code_gives_an_app_that_can_sign_in_at_once(world: World) -> None:
    made = await convert(world, await press(world))
    assert (made.status, made.body["slug"], made.body["events"]) == (
        201, "my-forge-app", ["check_run", "push"]
    )  # fmt: skip
    assert len(made.body["webhook_secret"]) == 40
    now = int(world.clock().timestamp())
    token = jwt.encode(
        {"iat": now - 60, "exp": now + 60, "iss": made.body["client_id"]}, made.body["pem"], "RS256"
    )
    shown = await world.call("GET", "/app", token=token)
    assert shown.body["permissions"] == {"metadata": "read", "checks": "write", "contents": "read"}


async def test_a_code_works_once_and_for_an_hour(world: World) -> None:
    back = await press(world)
    assert (await convert(world, back)).status == 201
    assert (await convert(world, back)).status == 404
    late = await press_another(world)
    world.clock.offset = timedelta(hours=1, seconds=1)
    assert (await convert(world, late)).status == 404


async def press_another(world: World) -> URL:
    _, _, location = await post(world, f"{NEW}/confirmed", manifest=json.dumps({**MANIFEST, "name": "Other"}))
    return URL(location)


async def test_an_organisations_page_makes_the_app_its_own(world: World) -> None:
    made = await convert(world, await press(world, "/organizations/forge/settings/apps/new"))
    assert made.body["owner"]["login"] == "forge"


async def test_a_name_that_is_taken_is_refused(world: World) -> None:
    await press(world)
    status, text, _ = await post(world, NEW, manifest=json.dumps(MANIFEST))
    assert status == 422
    assert "Name is already taken" in text


async def test_installing_tells_the_app_and_leads_to_its_setup_address(world: World) -> None:
    made = await convert(world, await press(world))
    page = f"/_/apps/{made.body['slug']}/installations/new"
    shown = await world.call("GET", page)
    assert b"Install on forge" in shown.body
    status, _, location = await post(world, page, account="forge")
    assert status == 302
    number = int(URL(location).query["installation_id"])
    assert location.startswith("http://127.0.0.1:1/setup/done")
    assert world.github.installations[number].app.id == made.body["id"]
    assert world.events("installation") == ["created"]
    await post(world, page, account="forge")
    assert world.events("installation") == ["created"]
    assert (await post(world, page, account="nobody"))[0] == 404


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": ""}, "Name is missing"),
        ({"name": "x" * 35}, "longer than 34"),
        ({"name": "!!"}, "Name needs a letter"),
        ({"name": 7}, "name is not a text"),
        ({"url": "forge.example"}, "url must be an address"),
        ({"redirect_url": "javascript:alert(1)"}, "redirect_url must be an address"),
        ({"hook_attributes": {}}, "url must be an address"),
        ({"hook_attributes": []}, "hook_attributes is not an object"),
        ({"default_permissions": {"checks": "all"}}, "default_permissions"),
        ({"default_events": "push"}, "default_events"),
    ],
)
def test_a_manifest_that_github_would_turn_away_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(Unacceptable, match=complaint):
        read(json.dumps({**MANIFEST, **change}))


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_manifest_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(Unacceptable, match="JSON"):
        read(text)


def test_an_inactive_hook_sends_nothing() -> None:
    hook = {"url": "https://forge.example/hook", "active": False}
    assert read(json.dumps({**MANIFEST, "hook_attributes": hook})).hook_url == ""


def test_a_slug_is_the_name_in_plain_letters() -> None:
    assert slug_of("My <Forge> App!") == "my-forge-app"
