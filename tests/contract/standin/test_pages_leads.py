"""Pages that other pages and the API's `html_url`s lead to, and the button that tampers with a delivery."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from app.standin.github.hooks import Hooks, idle
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"
CI = ".github/workflows/ci.yml"


def addresses(value: Any) -> set[str]:  # noqa: ANN401 (any JSON)
    """All `html_url`s and `avatar_url`s below a JSON value."""
    if isinstance(value, list):
        return set().union(*map(addresses, value))
    if not isinstance(value, dict):
        return set()
    own = {v for k, v in value.items() if k in {"html_url", "avatar_url"} and isinstance(v, str)}
    return own.union(*map(addresses, value.values()))


async def test_every_page_that_the_api_names_is_there(world: World) -> None:
    world.anvil.commit("topic", {"a.txt": "new\n"}, "Topic")
    world.anvil.open_pull("Add a", "topic")
    head = world.anvil.git.ref("refs/heads/main")
    assert head is not None
    complete_run(world.anvil, CI, head, [PlannedJob("test", "failure", log="2026-11-20T08:15:01Z no")])
    repository_release(world.anvil, "v1.0", {"a.whl": "bytes"})
    token = await world.token()
    found: set[str] = set()
    for path in (
        "",
        "/pulls/1",
        f"/commits/{head}",
        "/actions/runs",
        f"/commits/{head}/check-runs",
        "/releases",
    ):
        found |= addresses((await world.call("GET", BASE + path, token=token)).body)
    assert len(found) > 8
    missing = [url for url in found if (await world.call("GET", url)).status not in {200, 302}]
    assert missing == []


async def test_a_commit_shows_its_message_and_difference(world: World) -> None:
    sha = world.anvil.commit("main", {"a.txt": "<new>\n"}, "Add <a>\n\nBecause.")
    reply = await world.call("GET", f"/_/forge/anvil/commit/{sha}")
    text = reply.body.decode()
    assert "<h1>Add &lt;a&gt;</h1>" in text
    assert '<span class="add">+&lt;new&gt;</span>' in text


async def test_tampering_sends_other_bytes_under_the_old_signature(world: World) -> None:
    received: list[tuple[bytes, str]] = []

    async def hook(request: web.Request) -> web.Response:
        received.append((await request.read(), request.headers["X-Hub-Signature-256"]))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        world.app.webhook_secret = "secret"
        world.app.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        world.anvil.commit("topic", {"a.txt": "new\n"}, "Topic")
        await idle(world.github)
        sent = list(world.github.part(Hooks).deliveries)
        path = f"/_/deliveries/{sent[0].id}/tamper"
        assert (await world.call("POST", path, Origin="https://evil.example")).status == 403
        shown = await world.call("POST", path, Origin=world.server.url)
    finally:
        await runner.cleanup()
    body, signature = received[-1]
    expected = hmac.new(world.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert json.loads(body)["tampered"] is True
    assert signature != f"sha256={expected}"
    hooks = world.github.part(Hooks)
    (forged,) = hooks.foreign
    assert (shown.status, shown.headers["Location"]) == (303, f"/_/deliveries/{forged.id}")
    text = (await world.call("GET", shown.headers["Location"])).body.decode()
    assert "Answer: 202" in text
    assert "This GitHub did not send this" in text
    assert "Redeliver" not in text
    assert hooks.deliveries == sent


async def test_what_is_not_there_has_no_page(world: World) -> None:
    for path in (
        "/_/nobody",
        "/_/apps/nothing",
        "/_/forge/anvil/commit/1234567",
        "/_/forge/anvil/actions/runs/9",
        "/_/forge/anvil/blob/main/nothing.txt",
        "/_/forge/anvil/issues/9",
    ):
        assert (await world.call("GET", path)).status == 404
