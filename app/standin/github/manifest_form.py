"""What a manifest says, checked as GitHub checks it before it shows the button."""

from __future__ import annotations

import json
from dataclasses import dataclass

from yarl import URL

from app.standin.github.records import LEVELS, Json

NAME_LIMIT = 34


class Unacceptable(Exception):
    """A manifest that GitHub would turn away; the text says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of a manifest that the stand-in acts upon."""

    name: str
    url: str
    redirect_url: str
    setup_url: str
    hook_url: str
    """Empty: no webhooks (none named, or `active: false`)."""
    permissions: dict[str, str]
    events: list[str]


def read(text: str) -> Manifest:
    """The manifest. Raises: Unacceptable with what is wrong."""
    try:
        body = json.loads(text)
    except ValueError as exc:
        raise Unacceptable(f"The manifest is not JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise Unacceptable("The manifest is not a JSON object")
    name = _text(body, "name")
    if not 0 < len(name) <= NAME_LIMIT:
        raise Unacceptable(f"Name is missing or longer than {NAME_LIMIT} characters")
    if not any(letter.isascii() and letter.isalnum() for letter in name):
        raise Unacceptable("Name needs a letter or a digit")
    hook = body.get("hook_attributes", {})
    if not isinstance(hook, dict):
        raise Unacceptable("hook_attributes is not an object")
    hook_url = _url(hook, "url", required="hook_attributes" in body)
    return Manifest(
        name=name,
        url=_url(body, "url", required=True),
        redirect_url=_url(body, "redirect_url", required=True),
        setup_url=_url(body, "setup_url", required=False),
        hook_url=hook_url if hook.get("active", True) else "",
        permissions=_permissions(body.get("default_permissions", {})),
        events=_events(body.get("default_events", [])),
    )


def _text(body: Json, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Unacceptable(f"{name} is not a text")
    return value.strip()


def _url(body: Json, name: str, *, required: bool) -> str:
    value = _text(body, name)
    if not value and not required:
        return ""
    try:
        url = URL(value)
    except ValueError as exc:
        raise Unacceptable(f"{name} is not an address: {exc}") from exc
    if url.scheme not in {"http", "https"} or not url.host:
        raise Unacceptable(f"{name} must be an address that begins with http:// or https://")
    return value


def _permissions(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(
        level in LEVELS and level != "none" for level in value.values()
    ):
        raise Unacceptable("default_permissions must give each permission read, write or admin")
    return {str(name): str(level) for name, level in value.items()}


def _events(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(event, str) for event in value):
        raise Unacceptable("default_events must be a list of events' names")
    return value
