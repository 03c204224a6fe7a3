"""Home, the webhooks that were sent (with a button that sends one again), and the log of the API."""

from __future__ import annotations

import json
from html import escape

from aiohttp import web
from yarl import URL

from app.standin.github import answers
from app.standin.github.call import GITHUB
from app.standin.github.contract import Contract
from app.standin.github.deliveries import Delivery, Hooks
from app.standin.github.hooks import deliver_raw, redeliver
from app.standin.github.pages.html import button, framed, link, table


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
    rows = [
        (
            link(f"/_/deliveries/{one.id}", one.sent.guid),
            escape(f"{one.sent.event}.{one.sent.action}" if one.sent.action else one.sent.event),
            f'<span class="{"good" if one.is_success else "bad"}">{escape(f"{one.status_code} {one.status}")}</span>',
            f"{one.duration_s * 1000:.0f} ms",
            "again" if one.sent.redelivery else "",
        )
        for one in reversed(request.app[GITHUB].part(Hooks).deliveries)
    ]
    return framed("Deliveries", table(("delivery", "event", "answer", "took", ""), rows))


def _delivery(request: web.Request) -> Delivery:
    number = int(request.match_info["delivery_id"])
    found = next((d for d in request.app[GITHUB].part(Hooks).deliveries if d.id == number), None)
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
    one = _delivery(request)
    name = f"{one.sent.event}.{one.sent.action}" if one.sent.action else one.sent.event
    again, tamper = f"/_/deliveries/{one.id}/redeliver", f"/_/deliveries/{one.id}/tamper"
    body = (
        f"<p>{escape(name)}, {one.delivered_at:%Y-%m-%d %H:%M:%S} UTC, {one.duration_s * 1000:.0f} ms</p>"
        f"<p>{button(again, 'Redeliver')}{button(tamper, 'Tamper and redeliver', risky=True)}</p>"
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
    """Sends a webhook again under the same GUID; only from a form of these pages."""
    _from_a_page(request)
    redeliver(request.app[GITHUB].part(Hooks), _delivery(request))
    return web.Response(status=303, headers={"Location": "/_/deliveries"})


async def send_tampered(request: web.Request) -> web.Response:
    """Sends a webhook with one field more under the old signature, and shows what the App says to that."""
    _from_a_page(request)
    one = _delivery(request)
    body = one.sent.body.replace(b"{", b'{"tampered":true,', 1)
    answer = await deliver_raw(one.sent.app.webhook_url, body, one.request_headers)
    shown = (
        f"<p>The body now begins with <code>{escape(body[:40].decode('utf-8', 'replace'))}…</code>;"
        " the signature is still that of the original.</p>"
        f"<h2>Answer: {answer.status_code} {escape(answer.status)}</h2><pre>{escape(answer.body)}</pre>"
        "<p>GitHub did not send this: it is in no list of deliveries.</p>"
    )
    way = [("/_/deliveries", "deliveries"), (f"/_/deliveries/{one.id}", one.sent.guid)]
    return framed("Tampered delivery", shown, way=way)


async def calls(request: web.Request) -> web.Response:
    """The last calls of the API, newest first, each with what the contract check says of it."""
    contract = request.app[GITHUB].part(Contract)
    rows = [
        (
            escape(f"{one.method} {one.path}"),
            str(one.status),
            escape(one.caller),
            f"{one.duration_s * 1000:.0f} ms",
            escape("; ".join([one.verdict, *(d.what for d in one.deviations)])),
        )
        for one in reversed(contract.calls)
    ]
    return framed(
        "API log",
        f"<p>{escape(contract.summary())}</p>" + table(("call", "", "by", "took", "contract"), rows),
    )
