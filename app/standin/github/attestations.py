"""Attestations: listed by digest, with the bundle behind a link to the other origin and never in the answer itself.

Since July 2026 `bundle` is null for every client; `bundle_url` is a signed address of snappy-compressed JSON, at a host
that takes no tokens.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import cramjam
from aiohttp import web
from yarl import URL

from app.standin.github import answers
from app.standin.github.answers import answer
from app.standin.github.auth import as_anyone, check_access, requires
from app.standin.github.call import Call, strings
from app.standin.github.downloads import Downloads
from app.standin.github.records import Account, Json
from app.standin.github.state import Repository

LINK_LIFETIME_S = 600
BULK_LIMIT = 1024
SHORT_NAMES = {
    "provenance": ("https://slsa.dev/provenance/",),
    "sbom": ("https://spdx.dev/Document", "https://cyclonedx.org/bom"),
    "release": ("https://in-toto.io/attestation/release/",),
}
"""The filter's short names and what the predicate type then begins with."""


@dataclass(frozen=True, slots=True)
class StoredAttestation:
    """A bundle in a repository's store, as the bytes that were put there."""

    id: int
    repository: Repository
    bundle: bytes
    predicate_type: str
    initiator: str

    def matches(self, predicate_type: str) -> bool:
        """Whether the filter lets it through; no filter lets all through."""
        begins = SHORT_NAMES.get(predicate_type)
        return (
            self.predicate_type.startswith(begins) if begins else predicate_type in {"", self.predicate_type}
        )


def routes() -> list[web.RouteDef]:
    """The routes of attestations."""
    base = "/repos/{owner}/{repo}/attestations"
    return [
        web.get(f"{base}/{{digest}}", requires("attestations")(list_of_repository)),
        web.post(base, requires("attestations", "write")(create)),
        web.delete("/orgs/{login}/attestations/{number:\\d+}", as_anyone(delete)),
        *(
            route
            for kind in ("orgs", "users")
            for route in (
                web.get(f"/{kind}/{{login}}/attestations/{{digest}}", as_anyone(list_of_account)),
                web.post(f"/{kind}/{{login}}/attestations/bulk-list", as_anyone(bulk_list)),
            )
        ),
    ]


def add_attestation(
    repository: Repository,
    bundle: Json | bytes | str,
    *,
    digests: Sequence[str] | None = None,
    predicate_type: str | None = None,
    initiator: str = "user",
) -> StoredAttestation:
    """Puts a bundle into the store under its subjects' digests (`sha256:…`).

    Digests and predicate type are read from the bundle's DSSE statement unless given; give them to seed a bundle
    that is broken or lies about its subject. Raises: ValueError for a bundle that can't be read when they are needed.
    """
    raw = json.dumps(bundle).encode() if isinstance(bundle, dict) else _bytes(bundle)
    if digests is None or predicate_type is None:
        subjects, stated = _statement(raw)
        digests, predicate_type = digests or subjects, predicate_type or stated
    number = repository.github.next_id()
    one = StoredAttestation(number, repository, raw, predicate_type, initiator)
    for digest in dict.fromkeys(digests):
        repository.attestations.setdefault(digest, []).append(one)
    return one


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _statement(raw: bytes) -> tuple[list[str], str]:
    """Subjects' digests and predicate type. Raises: ValueError."""
    try:
        statement = json.loads(base64.b64decode(json.loads(raw)["dsseEnvelope"]["payload"]))
        digests = [f"{name}:{value}" for s in statement["subject"] for name, value in s["digest"].items()]
        return digests, str(statement["predicateType"])
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError("a bundle without a DSSE envelope that holds an in-toto statement") from exc


def _json(call: Call, one: StoredAttestation) -> Json:
    data = one.bundle
    url = call.github.part(Downloads).link(
        call.github,
        lambda: bytes(cramjam.snappy.compress_raw(data)),
        filename=f"{one.id}.json.sn",
        content_type="application/x-snappy",
        lifetime_s=LINK_LIFETIME_S,
    )
    shown: Json = {"repository_id": one.repository.id, "bundle_url": url, "initiator": one.initiator}
    old = call.request.headers.get("X-GitHub-Api-Version", "2022-11-28") == "2022-11-28"
    return {"bundle": None, **shown} if old else shown


async def list_of_repository(call: Call) -> web.Response:
    """The repository's attestations of a digest, newest first."""
    return _list(call, call.repository.attestations.get(call.part("digest"), []))


async def list_of_account(call: Call) -> web.Response:
    """The attestations of a digest in all repositories of an account that the caller may see."""
    found = [a for r in _visible(call) for a in r.attestations.get(call.part("digest"), [])]
    return _list(call, found)


def _list(call: Call, found: Sequence[StoredAttestation]) -> web.Response:
    """One page; GitHub answers 404 for a digest that nobody has attested."""
    if not found:
        raise answers.not_found()
    newest_first = sorted(found, key=lambda one: one.id, reverse=True)
    matching = [one for one in newest_first if one.matches(call.query("predicate_type"))]
    page, cursors = _page(call, [str(one.id) for one in matching])
    shown = {"attestations": [_json(call, one) for one in matching[page]]}
    return answer(shown, headers=_links(call, cursors))


def _page(call: Call, keys: list[str]) -> tuple[slice, dict[str, str]]:
    """Which part to show, and the cursors {after, before} of the pages beside it; a foreign cursor is refused."""
    text = call.query("per_page")
    size = min(max(int(text), 1), answers.PER_PAGE_LIMIT) if text.isdecimal() else answers.PER_PAGE
    start = 0
    if after := call.query("after"):
        start = _position(keys, after) + 1
    elif before := call.query("before"):
        start = max(_position(keys, before) - size, 0)
    shown = keys[start : start + size]
    cursors = {"after": _cursor(shown[-1])} if start + size < len(keys) else {}
    return slice(start, start + size), cursors | (
        {"before": _cursor(shown[0])} if start > 0 and shown else {}
    )


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _position(keys: list[str], cursor: str) -> int:
    position = next((i for i, key in enumerate(keys) if _cursor(key) == cursor), None)
    if position is None:
        raise answers.unprocessable("Invalid cursor")
    return position


def _links(call: Call, cursors: dict[str, str]) -> dict[str, str]:
    here = URL(call.github.api_url).join(URL(call.request.path_qs, encoded=True))
    plain = here.without_query_params("after", "before")
    links = [
        f'<{plain.update_query({name: cursors[name]})}>; rel="{rel}"'
        for rel, name in (("prev", "before"), ("next", "after"))
        if name in cursors
    ]
    return {"Link": ", ".join(links)} if links else {}


def _visible(call: Call) -> list[Repository]:
    """The account's repositories whose attestations the caller may read. Raises: Refusal 404 for no such account."""
    owner: Account | None = call.github.account(call.part("login"))
    if owner is None:
        raise answers.not_found()
    return [r for r in call.github.repositories.values() if r.owner is owner and _may_read(call, r)]


def _may_read(call: Call, repository: Repository) -> bool:
    try:
        check_access(call, repository, "attestations", "read")
    except answers.Refusal:
        return False
    return True


async def bulk_list(call: Call) -> web.Response:
    """The attestations of up to 1,024 digests, by digest; null for one that has none."""
    body, repositories = await call.body(), _visible(call)
    digests, predicate_type = strings(body, "subject_digests"), body.get("predicate_type") or ""
    if not 1 <= len(digests) <= BULK_LIMIT:
        raise answers.invalid_request(f'"subject_digests" must hold 1 to {BULK_LIMIT} digests.')
    page, cursors = _page(call, digests)
    shown: Json = {}
    for digest in digests[page]:
        found = [a for r in repositories for a in r.attestations.get(digest, []) if a.matches(predicate_type)]
        shown[digest] = [_json(call, one) for one in found] or None
    info: Json = {"has_next": "after" in cursors, "has_previous": "before" in cursors}
    info |= {
        name: cursors[key] for name, key in (("next", "after"), ("previous", "before")) if key in cursors
    }
    return answer({"attestations_subject_digests": shown, "page_info": info})


async def create(call: Call) -> web.Response:
    """Stores a bundle under its subjects' digests."""
    bundle = (await call.body()).get("bundle")
    if not isinstance(bundle, dict):
        raise answers.invalid_request('"bundle" wasn\'t supplied.')
    try:
        one = add_attestation(call.repository, bundle)
    except ValueError as exc:
        raise answers.validation_failed(str(exc)) from exc
    return answer({"id": one.id}, status=201)


async def delete(call: Call) -> web.Response:
    """Forgets an attestation; only those of organisations can be deleted."""
    owner, number = call.github.account(call.part("login")), call.number("number")
    if owner is None or owner.type != "Organization":
        raise answers.not_found()
    for repository in call.github.repositories.values():
        if repository.owner is not owner:
            continue
        if any(one.id == number for found in repository.attestations.values() for one in found):
            check_access(call, repository, "attestations", "write")
            for digest, found in repository.attestations.items():
                repository.attestations[digest] = [one for one in found if one.id != number]
            return answers.empty()
    raise answers.not_found()
