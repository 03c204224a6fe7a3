from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from app.standin.github.contract import Contract
from app.standin.github.deliveries import Delivery, Hooks, Outgoing
from app.standin.github.hooks import idle
from app.standin.github.releases import repository_release

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


async def page(world: World, path: str, status: int = 200) -> str:
    reply = await world.call("GET", path)
    assert reply.status == status
    return str(reply.body.decode())


async def checked(world: World, title: str = "Unused import") -> tuple[int, str]:
    """A failed check run with one annotation, made through the API: its id and commit."""
    sha = world.anvil.git.ref("refs/heads/main")
    note = {
        "path": "anvil/strike.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "failure",
        "title": "F401",
        "message": "<os> is imported but unused",
    }
    made = await world.call(
        "POST",
        f"{BASE}/check-runs",
        token=await world.token(),
        json={
            "name": "gate",
            "head_sha": sha,
            "conclusion": "failure",
            "output": {"title": title, "summary": "One finding.", "annotations": [note]},
        },
    )
    assert made.status == 201, made.body
    return int(made.body["id"]), str(sha)


def delivered(world: World) -> Delivery:
    sent = Outgoing(world.app, "guid-1", "push", None, b'{"a": "<b>"}', None, None)
    one = Delivery(
        world.github.next_id(), sent, "http://127.0.0.1:1/hook", world.github.now(), 0.02, "OK", 202,
        {"X-GitHub-Event": "push"}, {"Server": "x"}, "<accepted>",
    )  # fmt: skip
    world.github.part(Hooks).deliveries.append(one)
    return one


async def test_the_origin_leads_to_a_home_that_says_what_it_is(world: World) -> None:
    start = await world.call("GET", "/")
    assert (start.status, start.headers["Location"]) == (302, "/_/")
    text = await page(world, "/_/")
    assert "stand-in, not GitHub" in text
    assert 'href="/_/forge/anvil"' in text
    assert "<script" not in text


async def test_a_repository_shows_its_commits_with_their_check_marks(world: World) -> None:
    number, sha = await checked(world)
    text = await page(world, "/_/forge/anvil")
    assert sha[:7] in text
    assert "Initial commit" in text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", text)
    assert "<th>author</th>" in text
    assert f'<a href="/_/forge/anvil/runs/{number}">✗ gate</a>' in text


async def test_a_check_run_shows_annotations_beside_the_source_and_escapes_them(world: World) -> None:
    number, _ = await checked(world, "<script>alert(1)</script>")
    text = await page(world, f"/_/forge/anvil/runs/{number}")
    assert "&gt;    1 import os" in text
    assert "&lt;os&gt; is imported but unused" in text
    assert "<script" not in text


async def test_the_address_that_the_api_gives_of_a_check_run_is_its_page(world: World) -> None:
    number, _ = await checked(world)
    shown = await world.call("GET", f"{BASE}/check-runs/{number}", token=await world.token())
    assert "gate: Unused import" in await page(world, shown.body["html_url"])


async def test_a_pull_request_shows_its_difference(world: World) -> None:
    world.anvil.commit("topic", {"a.txt": "<new>\n"}, "Topic")
    world.anvil.open_pull("Add <a>", "topic")
    text = await page(world, "/_/forge/anvil/pull/1")
    assert "#1 Add &lt;a&gt;" in text
    assert "+&lt;new&gt;" in text


async def test_a_release_shows_its_assets_and_the_verdicts_on_its_commit(world: World) -> None:
    one = repository_release(world.anvil, "v1.0", {"a.whl": "bytes"})
    await checked(world)
    text = await page(world, "/_/forge/anvil/releases/tag/v1.0")
    (file,) = one.assets.values()
    assert file.digest in text
    assert "✗ gate" in text


async def test_a_delivery_shows_request_and_answer_and_can_be_sent_again(world: World) -> None:
    one = delivered(world)
    world.app.webhook_url = f"{world.server.url}/_/nobody-listens-here"
    assert "guid-1" in await page(world, "/_/deliveries")
    text = await page(world, f"/_/deliveries/{one.id}")
    assert "{&quot;a&quot;: &quot;&lt;b&gt;&quot;}" in text
    assert "&lt;accepted&gt;" in text
    again = await world.call("POST", f"/_/deliveries/{one.id}/redeliver", Origin=world.server.url)
    latest = world.github.part(Hooks).deliveries[-1]
    assert (again.status, again.headers["Location"]) == (303, f"/_/deliveries/{latest.id}")
    assert (latest.sent.guid, latest.sent.redelivery, latest.url) == ("guid-1", True, world.app.webhook_url)


async def test_the_list_of_deliveries_shows_what_the_app_said(world: World) -> None:
    for said in ('{"status": "duplicate"}', '{"error": "<signature>", "message": "no"}', "[]", "oops"):
        one = replace(delivered(world), response_body=said)
        world.github.part(Hooks).deliveries[-1] = one
    text = await page(world, "/_/deliveries")
    assert re.findall(r'<code class="answer">(.*?)</code>', text) == [
        "",
        "",
        "&lt;signature&gt;",
        "duplicate",
    ]


async def test_what_a_stranger_sent_is_listed_apart(world: World) -> None:
    real = delivered(world)
    forged = replace(real, id=world.github.next_id(), status_code=401, status="Invalid HTTP Response: 401")
    world.github.part(Hooks).foreign.append(forged)
    strangers, _, github = (await page(world, "/_/deliveries")).partition("<h2>Sent by this GitHub</h2>")
    assert (f"/_/deliveries/{real.id}" in github, f"/_/deliveries/{forged.id}" in github) == (True, False)
    assert (f"/_/deliveries/{real.id}" in strangers, f"/_/deliveries/{forged.id}" in strangers) == (
        False,
        True,
    )
    assert (await world.call("POST", f"/_/deliveries/{forged.id}/redeliver")).status == 404


async def test_another_site_cannot_have_a_webhook_sent_again(world: World) -> None:
    one = delivered(world)
    for origin in ("https://evil.example", "null"):
        reply = await world.call("POST", f"/_/deliveries/{one.id}/redeliver", Origin=origin)
        assert reply.status == 403
    await idle(world.github)
    assert world.github.part(Hooks).deliveries == [one]


async def test_the_log_shows_each_call_and_how_it_was_judged(world: World) -> None:
    await world.call("GET", BASE, token=await world.token())
    text = await page(world, "/_/calls")
    assert f"GET {BASE}" in text
    (verdict,) = {call.verdict for call in world.github.part(Contract).calls if call.path == BASE}
    assert f"<td>{verdict}</td>" in text
    assert "<th>status</th>" in text


async def test_what_does_not_exist_has_no_page(world: World) -> None:
    for path in (
        "/_/forge/nothing",
        "/_/forge/anvil/pull/9",
        "/_/forge/anvil/runs/9",
        "/_/forge/anvil/releases/tag/v9",
        "/_/deliveries/9",
    ):
        assert (await world.call("GET", path)).status == 404
