"""Read-only pages for people below `/_`: what happened at this GitHub, without signing in and without scripts.

Everybody who can reach the port sees everything, private repositories too: the server listens on loopback.
"""

from __future__ import annotations

from aiohttp import web

from app.standin.github.pages import activity, changes, leads, repositories


def routes() -> list[web.RouteDef]:
    """The routes of all the pages."""
    return [*activity.routes(), *leads.routes(), *repositories.routes(), *changes.routes()]
