"""The other origin, as the blob host behind GitHub: short-lived signed links to bytes, and no tokens, please.

Other modules hand out links: `github.part(Downloads).link(github, data, …)` → URL for a 302.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

from app.standin.github.call import GITHUB
from app.standin.github.state import GitHub

MINUTE_S = 60


@dataclass(slots=True)
class Download:
    """Bytes behind a link, made when fetched."""

    data: Callable[[], bytes]
    content_type: str
    filename: str


@dataclass(slots=True)
class Downloads:
    """All links handed out so far, and the key that signs them."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    known: dict[str, Download] = field(default_factory=dict)

    def link(
        self,
        github: GitHub,
        data: bytes | Callable[[], bytes],
        *,
        filename: str,
        content_type: str = "application/octet-stream",
        lifetime_s: int = MINUTE_S,
    ) -> str:
        """A signed address of the bytes that dies after `lifetime_s` seconds."""
        name = f"{secrets.token_hex(12)}/{quote(filename)}"
        self.known[name] = Download(data if callable(data) else lambda: data, content_type, filename)
        expires = str(int(github.clock().timestamp()) + lifetime_s)
        return f"{github.downloads_url}/{name}?se={expires}&sig={self.sign(name, expires)}"

    def sign(self, name: str, expires: str) -> str:
        """The signature over a name and its end."""
        return hmac.new(self.key, f"{name}\n{expires}".encode(), hashlib.sha256).hexdigest()


def create_app(github: GitHub) -> web.Application:
    """The blob host as an application of its own."""
    app = web.Application()
    app[GITHUB] = github
    app.router.add_get("/{token}/{filename:.+}", fetch)
    return app


def _complaint(status: int, code: str, message: str) -> web.Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(text=body, status=status, content_type="application/xml")


async def fetch(request: web.Request) -> web.Response:
    """The bytes; 400 when a token was sent along, 403 for a wrong or dead signature, as the blob host answers."""
    github = request.app[GITHUB]
    downloads = github.part(Downloads)
    if "Authorization" in request.headers:
        return _complaint(
            400, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format."
        )
    name = request.rel_url.raw_path.lstrip("/")
    expires, signature = request.query.get("se", ""), request.query.get("sig", "")
    genuine = hmac.compare_digest(downloads.sign(name, expires).encode(), signature.encode())
    if not genuine or int(expires) <= github.clock().timestamp():
        return _complaint(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    found = downloads.known.get(name)
    if found is None:
        return _complaint(404, "BlobNotFound", "The specified blob does not exist.")
    disposition = f'attachment; filename="{quote(found.filename)}"'
    return web.Response(
        body=found.data(), content_type=found.content_type, headers={"Content-Disposition": disposition}
    )
