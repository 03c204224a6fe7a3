"""Home, the webhooks that were sent (with a button that sends one again), and the log of the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from html import escape

from aiohttp import web
from yarl import URL

from app.standin.github import answers
from app.standin.github.call import GITHUB
from app.standin.github.contract import Contract
from app.standin.github.deliveries import Delivery, Hooks
from app.standin.github.hooks import deliver_raw, redeliver
from app.standin.github.pages.html import button, framed, link, narrow, table


def routes() -> list[web.RouteDef]:
    """The routes of these pages."""
    one = "/_/deliveries/{delivery_id:\\d+}"
    return [
        web.get("/", to_home),
        web.get("/_", home),
        web.get("/_/", home),
        web.get("/_/deliveries", deliveries),
        web.get(one, delivery),
        web.post(f"{one}/redeliver", send_again),
        web.post(f"{one}/tamper", send_tampered),
        web.get("/_/calls", calls),
    ]


async def to_home(_: web.Request) -> web.Response:
    """Sends a browser that opens the origin itself to the pages."""
    return web.Response(status=302, headers={"Location": "/_/"})


async def home(request: web.Request) -> web.Response:
    """All repositories, and the way to deliveries and calls."""
    github = request.app[GITHUB]
    names = [r.full_name for r in github.repositories.values()]
    items = "".join(f"<li>{link(f'/_/{name}', name)}</li>" for name in names)
    hooks, contract = len(github.part(Hooks).deliveries), github.part(Contract)
    more = (
        f"<p>{link('/_/deliveries', f'{hooks} webhook deliveries')}</p>"
        f"<p>{link('/_/calls', 'API log')}: {escape(contract.summary())}</p>"
    )
    return framed("Repositories", f"<ul>{items}</ul>{more}")


async def deliveries(request: web.Request) -> web.Response:
    """The webhooks, newest first."""
    hooks = request.app[GITHUB].part(Hooks)
    body = _listed(hooks.deliveries)
    if hooks.foreign:
        strangers = f"<h2>Not sent by this GitHub: forged, or altered on the way</h2>{_listed(hooks.foreign)}"
        body = f"{strangers}<h2>Sent by this GitHub</h2>{body}"
    return framed("Deliveries", body)


def _listed(some: Sequence[Delivery]) -> str:
    rows = [
        (
            link(f"/_/deliveries/{one.id}", one.sent.guid),
            escape(_name(one)) + (" (again)" if one.sent.redelivery else ""),
            f'<span class="{"good" if one.is_success else "bad"} narrow">{escape(_answer(one))}</span>',
            f'<code class="answer">{escape(_said(one))}</code>',
            narrow(f"{one.duration_s * 1000:.0f} ms"),
        )
        for one in reversed(some)
    ]
    return table(("delivery", "event", "answer", "the App said", "took"), rows)


def _name(one: Delivery) -> str:
    return f"{one.sent.event}.{one.sent.action}" if one.sent.action else one.sent.event


def _answer(one: Delivery) -> str:
    return f"{one.status_code} OK" if one.is_success else f"{one.status_code or 'none'}"


def _said(one: Delivery) -> str:
    """The word of the App's answer: what became of the delivery, or why it was refused."""
    try:
        content = json.loads(one.response_body)
    except ValueError:
        return ""
    return str(content.get("status") or content.get("error") or "") if isinstance(content, dict) else ""


def _delivery(request: web.Request, *, foreign: bool = False) -> Delivery:
    """A delivery of GitHub's, or also a foreign one. Raises: Refusal 404."""
    number, hooks = int(request.match_info["delivery_id"]), request.app[GITHUB].part(Hooks)
    known: list[Delivery] = [*hooks.deliveries, *(hooks.foreign if foreign else ())]
    found = next((one for one in known if one.id == number), None)
    if found is None:
        raise answers.not_found()
    return found


def _headers(headers: dict[str, str]) -> str:
    return escape("\n".join(f"{name}: {value}" for name, value in headers.items()))


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "replace")


async def delivery(request: web.Request) -> web.Response:
    """One webhook: the request with its exact body, and the answer; buttons send it again, as it was or altered."""
    one = _delivery(request, foreign=True)
    again, tamper = f"/_/deliveries/{one.id}/redeliver", f"/_/deliveries/{one.id}/tamper"
    buttons = button(again, "Redeliver") + button(tamper, "Tamper and redeliver", risky=True)
    if one in request.app[GITHUB].part(Hooks).foreign:
        buttons = "This GitHub did not send this: body and signature do not belong together, and the API does not know it."
    body = (
        f"<p>{escape(_name(one))}, {one.delivered_at:%Y-%m-%d %H:%M:%S} UTC, {one.duration_s * 1000:.0f} ms</p>"
        f"<p>{buttons}</p>"
        f"<h2>Answer: {one.status_code} {escape(one.status)}</h2><pre>{escape(one.response_body)}</pre>"
        f"<pre>{_headers(one.response_headers)}</pre>"
        f"<h2>Request to {escape(one.url)}</h2><pre>{_headers(one.request_headers)}</pre>"
        f"<pre>{escape(_readable(one.sent.body))}</pre>"
        "<details><summary>The exact bytes that were signed</summary>"
        f'<pre class="wrapped">{escape(one.sent.body.decode("utf-8", "replace"))}</pre></details>'
    )
    return framed(f"Delivery {one.sent.guid}", body, way=[("/_/deliveries", "deliveries")])


def _from_a_page(request: web.Request) -> None:
    """Raises: Refusal 403 where another site's form asks."""
    origin = request.headers.get("Origin")
    if origin is not None and (origin == "null" or URL(origin).authority != request.host):
        raise answers.forbidden("Only a page of this server may ask for that.")


async def send_again(request: web.Request) -> web.Response:
    """Sends a webhook again under the same GUID, and leads to what the App said; only from a form of these pages."""
    _from_a_page(request)
    one, hooks = _delivery(request), request.app[GITHUB].part(Hooks)
    before = len(hooks.deliveries)
    redeliver(hooks, one)
    with suppress(TimeoutError):
        await asyncio.wait_for(hooks.waiting.join(), hooks.timeout_s + 1)
    again = (new for new in hooks.deliveries[before:] if new.sent.guid == one.sent.guid)
    where = next((f"/_/deliveries/{new.id}" for new in again), "/_/deliveries")
    return web.Response(status=303, headers={"Location": where})


async def send_tampered(request: web.Request) -> web.Response:
    """Sends a webhook with one field more under the old signature, and leads to what the App says to that."""
    _from_a_page(request)
    one = _delivery(request)
    body = one.sent.body.replace(b"{", b'{"tampered":true,', 1)
    forged = await deliver_raw(request.app[GITHUB], replace(one.sent, body=body), one.request_headers)
    return web.Response(status=303, headers={"Location": f"/_/deliveries/{forged.id}"})


async def calls(request: web.Request) -> web.Response:
    """The last calls of the API, newest first, each with what the contract check says of it."""
    contract = request.app[GITHUB].part(Contract)
    rows = [
        (
            f'<span class="long">{escape(f"{one.method} {one.path}")}</span>',
            narrow(str(one.status)),
            narrow(one.caller),
            narrow(f"{one.duration_s * 1000:.0f} ms"),
            escape("; ".join([one.verdict, *(d.what for d in one.deviations)])),
        )
        for one in reversed(contract.calls)
    ]
    return framed(
        "API log",
        f"<p>{escape(contract.summary())}</p>" + table(("call", "status", "by", "took", "contract"), rows),
    )
