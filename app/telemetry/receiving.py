"""The span of a receipt, as a middleware that is there only while traces are on: off, the receiver pays nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from app.telemetry import traces

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One span a POST, below the caller's where it sent a traceparent; probes have none.

    The handler sees our own span in that header, so that what it keeps leads the trace on.
    """
    if request.method != "POST":
        return await handler(request)
    route = request.match_info.route.resource
    where = route.canonical if route is not None else "(unknown)"
    facts = {"http.request.method": request.method, "http.route": where}
    parent = request.headers.get("traceparent", "")
    with traces.span(f"receive {where}", facts, kind="server", parent=parent):
        headers = request.headers.copy()
        headers["traceparent"] = traces.traceparent()
        answer = await handler(request.clone(headers=headers))
        traces.note({"http.response.status_code": answer.status})
        return answer
