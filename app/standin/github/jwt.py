"""Checks the JSON web tokens with which Apps prove who they are: RS256 by their public key, at most ten minutes long."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from app.standin.github.answers import Refusal
from app.standin.github.records import App, Json

LONGEST = timedelta(minutes=10)
PARTS = 3

UNDECODABLE = "A JSON web token could not be decoded"
BAD_EXPIRY = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
FAR_EXPIRY = "'Expiration time' claim ('exp') is too far in the future"
BAD_ISSUE = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
MISSING_ISSUER = "'Issuer' claim ('iss') must be an Integer"


def looks_like_jwt(token: str) -> bool:
    """Whether a bearer token is to be read as a JWT; GitHub's own tokens begin with `gh?_`."""
    return token.count(".") == PARTS - 1 and not token.startswith("gh")


def verify(token: str, apps: dict[int, App], now: datetime) -> App:
    """The App that signed the token.

    Raises: Refusal 401 in GitHub's words; 404 "Integration not found" for an unknown issuer.
    """
    header, claims, signature, signed = _decode(token)
    if header.get("alg") != "RS256":
        raise Refusal(401, UNDECODABLE)
    app = _issuer(claims, apps)
    try:
        app.public_key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature as exc:
        raise Refusal(401, UNDECODABLE) from exc
    _check_times(claims, now)
    return app


def _decode(token: str) -> tuple[Json, Json, bytes, bytes]:
    try:
        raw = token.encode("ascii")
        header, claims, signature = (_unpad(part) for part in raw.split(b"."))
        head, body = json.loads(header), json.loads(claims)
    except (ValueError, binascii.Error) as exc:
        raise Refusal(401, UNDECODABLE) from exc
    if not isinstance(head, dict) or not isinstance(body, dict):
        raise Refusal(401, UNDECODABLE)
    return head, body, signature, raw.rpartition(b".")[0]


def _unpad(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _issuer(claims: Json, apps: dict[int, App]) -> App:
    issuer = claims.get("iss")
    if issuer is None:
        raise Refusal(401, MISSING_ISSUER)
    for app in apps.values():
        if str(issuer) in {str(app.id), app.client_id}:
            return app
    raise Refusal(404, "Integration not found")


def _check_times(claims: Json, now: datetime) -> None:
    moment = now.timestamp()
    expires, issued = claims.get("exp"), claims.get("iat")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or expires <= moment:
        raise Refusal(401, BAD_EXPIRY)
    if isinstance(issued, bool) or not isinstance(issued, int) or issued > moment:
        raise Refusal(401, BAD_ISSUE)
    if expires > moment + LONGEST.total_seconds():
        raise Refusal(401, FAR_EXPIRY)
