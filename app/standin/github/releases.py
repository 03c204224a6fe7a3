"""Releases: list, read, create, edit, delete; and the API that seeds them."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from app.standin.github import answers, release_assets
from app.standin.github.answers import answer, empty, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, text
from app.standin.github.records import Account, Json
from app.standin.github.release_assets import may_push, reach
from app.standin.github.releasing import (
    Immutability,
    Release,
    add_asset,
    all_of,
    check_tag,
    latest,
    publish,
    remove_asset,
    tell,
)
from app.standin.github.shapes import releases as shapes
from app.standin.github.shapes.repositories import page_of
from app.standin.github.state import Repository

LATEST_CHOICES = ("true", "false", "legacy")


def routes() -> list[web.RouteDef]:
    """The routes of releases and of their assets."""
    base = "/repos/{owner}/{repo}/releases"
    return [
        web.get(base, requires("contents")(list_releases)),
        web.post(base, requires("contents", "write")(create_release)),
        web.get(f"{base}/latest", requires("contents")(latest_release)),
        web.get(f"{base}/tags/{{tag:.+}}", requires("contents")(release_by_tag)),
        web.get(f"{base}/{{release_id:\\d+}}", requires("contents")(get_release)),
        web.patch(f"{base}/{{release_id:\\d+}}", requires("contents", "write")(update_release)),
        web.delete(f"{base}/{{release_id:\\d+}}", requires("contents", "write")(delete_release)),
        web.get("/repos/{owner}/{repo}/immutable-releases", requires("administration")(immutability)),
        *release_assets.routes(),
    ]


def _json(call: Call, one: Release) -> Json:
    return shapes.release(call.repository, one)


async def list_releases(call: Call) -> web.Response:
    """All releases, newest first; drafts only for those who may push."""
    found = [r for r in all_of(call.repository) if not r.draft or may_push(call)]
    return paged(call.request, call.github.api_url, found, lambda one: _json(call, one))


async def get_release(call: Call) -> web.Response:
    """One release with its assets."""
    return answer(_json(call, reach(call)))


async def latest_release(call: Call) -> web.Response:
    """The latest full release."""
    found = latest(call.repository)
    if found is None:
        raise answers.not_found()
    return answer(_json(call, found))


async def release_by_tag(call: Call) -> web.Response:
    """The published release of a tag."""
    tag = call.part("tag")
    found = next((r for r in all_of(call.repository) if r.tag_name == tag and not r.draft), None)
    if found is None:
        raise answers.not_found()
    return answer(_json(call, found))


def _flag(body: Json, name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise answers.invalid_request(f"For 'properties/{name}', {value!r} is not a boolean.")
    return value


def _make_latest(body: Json, default: str) -> str:
    chosen = text(body, "make_latest") or default
    if chosen not in LATEST_CHOICES:
        raise answers.field_error("Release", "make_latest", "invalid")
    if body.get("make_latest") == "true" and (body.get("draft") or body.get("prerelease")):
        raise answers.custom_error("Release", "Latest release cannot be draft or prerelease.")
    return chosen


async def create_release(call: Call) -> web.Response:
    """A new release: published at once, or a draft whose tag is made when it is published."""
    body, repository, now = await call.body(), call.repository, call.github.now()
    one = Release(
        call.github.next_id(),
        needed_text(body, "tag_name"),
        text(body, "target_commitish") or repository.default_branch,
        call.actor,
        now,
        now,
        name=text(body, "name"),
        body=text(body, "body"),
        prerelease=_flag(body, "prerelease", default=False),
        make_latest=_make_latest(body, "true"),
    )
    if not one.tag_name.strip():
        raise answers.field_error("Release", "tag_name", "missing_field")
    if _flag(body, "generate_release_notes", default=False):
        notes = f"**Full Changelog**: {page_of(repository)}/commits/{one.tag_name}"
        one.body = f"{one.body}\n\n{notes}" if one.body else notes
    if not _flag(body, "draft", default=False):
        publish(repository, one, call.actor)
    repository.releases[one.id] = one
    tell(repository, one, "created", call.actor)
    shown = _json(call, one)
    return answer(shown, status=201, headers={"Location": shown["url"]})


async def update_release(call: Call) -> web.Response:
    """Edits a release; `draft: false` publishes one, `prerelease: false` makes a full release of it."""
    one, body, repository = reach(call), await call.body(), call.repository
    draft = _flag(body, "draft", default=one.draft)
    prerelease = _flag(body, "prerelease", default=one.prerelease)
    make_latest = _make_latest(body, one.make_latest)
    tag = text(body, "tag_name") or one.tag_name
    if one.immutable and (tag != one.tag_name or draft):
        raise answers.custom_error("Release", "Cannot change the tag of an immutable release.")
    check_tag(repository, one, tag) if tag != one.tag_name else None
    changes = _edit(one, body, tag)
    if "make_latest" in body and make_latest != one.make_latest:
        changes["make_latest"] = {"to": make_latest == "true"}
    promoted = one.prerelease and not prerelease and not one.draft
    one.prerelease, one.make_latest, one.updated_at = prerelease, make_latest, call.github.now()
    _tell_changes(call, one, changes, promoted=promoted, draft=draft)
    return answer(_json(call, one))


def _edit(one: Release, body: Json, tag: str) -> Json:
    """Writes the texts and says what they were, as `release.edited` does."""
    changes: Json = {}
    for name in ("name", "body"):
        old, new = getattr(one, name), text(body, name) if name in body else getattr(one, name)
        if new != old:
            changes[name] = {"from": old or ""}
            setattr(one, name, new)
    if tag != one.tag_name:
        changes["tag_name"] = {"from": one.tag_name}
        one.tag_name = tag
    one.target_commitish = text(body, "target_commitish") or one.target_commitish
    return changes


def _tell_changes(call: Call, one: Release, changes: Json, *, promoted: bool, draft: bool) -> None:
    repository = call.repository
    if one.draft and not draft:
        publish(repository, one, call.actor)
        return
    if draft and not one.draft:
        one.draft, one.published_at = True, None
        tell(repository, one, "unpublished", call.actor)
        return
    if changes:
        tell(repository, one, "edited", call.actor, changes=changes)
    if promoted:
        tell(repository, one, "released", call.actor)


async def delete_release(call: Call) -> web.Response:
    """Deletes a release; its tag stays."""
    one = reach(call)
    del call.repository.releases[one.id]
    tell(call.repository, one, "deleted", call.actor)
    return empty()


async def immutability(call: Call) -> web.Response:
    """Whether releases of this repository are locked when published; 404 when they are not."""
    if call.repository.id not in call.github.part(Immutability).repositories:
        raise answers.not_found()
    return answer({"enabled": True, "enforced_by_owner": False})


# Seeding


def lock_releases(repository: Repository) -> None:
    """From now on every release that is published here is immutable."""
    repository.github.part(Immutability).repositories.add(repository.id)


def repository_release(
    repository: Repository,
    tag: str,
    assets: Mapping[str, bytes | str] | None = None,
    *,
    target: str | None = None,
    name: str | None = None,
    body: str | None = None,
    author: Account | None = None,
    prerelease: bool = False,
) -> Release:
    """Publishes a release with its assets, at a branch or sha (the default branch's tip if not said).

    The tag is made if it is new; `release.published`, `.released` (or `.prereleased`) and `.created` go out, with
    all the assets in them, as when a person publishes a draft. Raises: answers.Refusal for what GitHub refuses.
    """
    github, now, who = repository.github, repository.github.now(), author or repository.owner
    one = Release(
        github.next_id(), tag, target or repository.default_branch, who, now, now, name or tag, body,
        prerelease=prerelease,
    )  # fmt: skip
    for filename, data in (assets or {}).items():
        add_asset(repository, one, filename, data.encode() if isinstance(data, str) else data, who)
    publish(repository, one, who)
    repository.releases[one.id] = one
    tell(repository, one, "created", who)
    return one


def replace_asset(repository: Repository, one: Release, name: str, data: bytes) -> None:
    """Swaps an asset's bytes behind its name, which sends no webhook. Raises: Refusal for an immutable release."""
    old = next(file for file in one.assets.values() if file.name == name)
    remove_asset(repository, one, old)
    add_asset(repository, one, name, data, old.uploader, content_type=old.content_type)
