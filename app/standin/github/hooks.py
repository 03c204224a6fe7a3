"""The App's own webhook over the API: its settings, its deliveries, and asking for one again."""

from __future__ import annotations

import json
from dataclasses import replace

from aiohttp import web
from yarl import URL

from app.standin.github import answers, auth
from app.standin.github.answers import PER_PAGE, PER_PAGE_LIMIT, Refusal, answer, stamp
from app.standin.github.call import Call, text
from app.standin.github.deliveries import Delivery, Hooks, Mischief
from app.standin.github.records import App, Json
from app.standin.github.sender import deliver_raw, idle, sending

__all__ = ["Delivery", "Hooks", "Mischief", "deliver_raw", "idle", "redeliver", "routes", "sending"]

_CURSOR = "v1_"


def routes() -> list[web.RouteDef]:
    """The routes of the App's webhook; all need its JWT."""
    one = "/app/hook/deliveries/{delivery_id}"
    return [
        web.get("/app/hook/config", auth.as_app(get_config)),
        web.patch("/app/hook/config", auth.as_app(update_config)),
        web.get("/app/hook/deliveries", auth.as_app(list_deliveries)),
        web.get(one, auth.as_app(get_delivery)),
        web.post(f"{one}/attempts", auth.as_app(redeliver_one)),
    ]


def _app(call: Call) -> App:
    if call.caller.app is None:
        raise answers.bad_credentials()
    return call.caller.app


def _config(call: Call) -> Json:
    app = _app(call)
    kept = {"content_type": "json", "insecure_ssl": "0", **call.github.part(Hooks).config.get(app.id, {})}
    return {**kept, **({"secret": "********"} if app.webhook_secret else {}), "url": app.webhook_url}


async def get_config(call: Call) -> web.Response:
    """Where webhooks go; the secret is never shown."""
    return answer(_config(call))


async def update_config(call: Call) -> web.Response:
    """Changes address, secret, content type or certificate check."""
    app, body = _app(call), await call.body()
    app.webhook_url = text(body, "url") or app.webhook_url
    app.webhook_secret = text(body, "secret") or app.webhook_secret
    kept = call.github.part(Hooks).config.setdefault(app.id, {})
    kept |= {name: body[name] for name in ("content_type", "insecure_ssl") if name in body}
    return answer(_config(call))


def _item(one: Delivery) -> Json:
    return {
        "id": one.id,
        "guid": one.sent.guid,
        "delivered_at": stamp(one.delivered_at),
        "redelivery": one.sent.redelivery,
        "duration": one.duration_s,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.sent.event,
        "action": one.sent.action,
        "installation_id": one.sent.installation_id,
        "repository_id": one.sent.repository_id,
        "throttled_at": None,
    }


def _after(call: Call, found: list[Delivery]) -> list[Delivery]:
    """The part of a newest-first list behind the cursor. Raises: Refusal 400 for a cursor that is none."""
    cursor = call.query("cursor")
    if not cursor:
        return found
    number = cursor.removeprefix(_CURSOR)
    if not cursor.startswith(_CURSOR) or not number.isdecimal():
        raise Refusal(400, "Invalid cursor.")
    return [one for one in found if one.id <= int(number)]


async def list_deliveries(call: Call) -> web.Response:
    """Deliveries, newest first; the next page is reached by the cursor in `Link` alone."""
    found = call.github.part(Hooks).of(_app(call), call.github.now())
    wanted = call.query("status")
    if wanted not in {"", "success", "failure"}:
        raise answers.invalid_request(f'"{wanted}" is not a member of ["success", "failure"].')
    found = [one for one in found if not wanted or one.is_success is (wanted == "success")]
    size = call.query("per_page", str(PER_PAGE))
    count = min(max(int(size), 1), PER_PAGE_LIMIT) if size.isdecimal() else PER_PAGE
    behind = sorted(_after(call, found), key=lambda one: -one.id)
    headers = {}
    if len(behind) > count:
        here = URL(call.github.api_url).join(URL(call.request.path_qs, encoded=True))
        headers["Link"] = f'<{here.update_query(cursor=f"{_CURSOR}{behind[count].id}")}>; rel="next"'
    return answer([_item(one) for one in behind[:count]], headers=headers)


def _delivery(call: Call) -> Delivery:
    number = call.number("delivery_id")
    for one in call.github.part(Hooks).of(_app(call), call.github.now()):
        if one.id == number:
            return one
    raise answers.not_found()


async def get_delivery(call: Call) -> web.Response:
    """One delivery with what was sent and what came back."""
    one = _delivery(call)
    return answer(
        {
            **_item(one),
            "url": one.url,
            "request": {"headers": one.request_headers, "payload": json.loads(one.sent.body)},
            "response": {"headers": one.response_headers, "payload": one.response_body},
        }
    )


def redeliver(hooks: Hooks, one: Delivery) -> None:
    """Sends a delivery again: same GUID and bytes, a number of its own, to where webhooks go now."""
    hooks.waiting.put_nowait(replace(one.sent, redelivery=True, delay_s=0.0))


async def redeliver_one(call: Call) -> web.Response:
    """Accepts to send a delivery again; it goes out after the answer."""
    redeliver(call.github.part(Hooks), _delivery(call))
    return answer({}, status=202)
