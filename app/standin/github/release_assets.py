"""Assets of releases: uploaded to the uploads host, downloaded from the other origin."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from app.standin.github import answers
from app.standin.github.answers import answer, empty, paged
from app.standin.github.auth import PERSON_LEVELS, reaches, requires
from app.standin.github.call import Call, needed_text, text
from app.standin.github.downloads import Downloads
from app.standin.github.records import LEVELS, Json
from app.standin.github.releasing import (
    Asset,
    Release,
    add_asset,
    all_of,
    check_unlocked,
    clean_name,
    remove_asset,
)
from app.standin.github.shapes import releases as shapes

LINK_LIFETIME_S = 300


def routes() -> list[web.RouteDef]:
    """The routes of assets, and the address that people download from."""
    base = "/repos/{owner}/{repo}/releases"
    one = f"{base}/assets/{{asset_id:\\d+}}"
    return [
        web.get(f"{base}/{{release_id:\\d+}}/assets", requires("contents")(list_assets)),
        web.post(f"{base}/{{release_id:\\d+}}/assets", requires("contents", "write")(upload)),
        web.get(one, requires("contents")(get_asset)),
        web.patch(one, requires("contents", "write")(update_asset)),
        web.delete(one, requires("contents", "write")(delete_asset)),
        web.get("/_/{owner}/{repo}/releases/download/{tag:.+}/{name}", requires("contents")(download)),
    ]


def may_push(call: Call) -> bool:
    """Whether the caller may push, which it takes to see drafts."""
    caller = call.caller
    if caller.kind == "installation":
        return reaches(call.github, caller, call.repository) and caller.has("contents", "write")
    if caller.account is None:
        return False
    return PERSON_LEVELS[call.repository.permission_of(caller.account)] >= LEVELS["write"]


def reach(call: Call) -> Release:
    """The release of the path. Raises: Refusal 404, also for a draft out of sight."""
    found: Release | None = call.repository.releases.get(call.number("release_id"))
    if found is None or (found.draft and not may_push(call)):
        raise answers.not_found()
    return found


def _reach_asset(call: Call) -> tuple[Release, Asset]:
    number = call.number("asset_id")
    for one in all_of(call.repository):
        if number in one.assets and (not one.draft or may_push(call)):
            return one, one.assets[number]
    raise answers.not_found()


def _json(call: Call, one: Release, file: Asset) -> Json:
    return shapes.asset(call.repository, one, file)


async def list_assets(call: Call) -> web.Response:
    """The assets of one release."""
    one = reach(call)
    files = list(one.assets.values())
    return paged(call.request, call.github.api_url, files, lambda file: _json(call, one, file))


async def upload(call: Call) -> web.Response:
    """Takes the bytes of a new asset; only the uploads host does."""
    if call.request.host != URL(call.github.uploads_url).authority:
        raise answers.not_found()
    one, name = reach(call), call.query("name")
    if not name:
        raise answers.field_error("ReleaseAsset", "name", "missing_field")
    file = add_asset(
        call.repository,
        one,
        name,
        await call.request.read(),
        call.actor,
        content_type=call.request.content_type,
        label=call.query("label") or None,
    )
    return answer(_json(call, one, file), status=201)


async def get_asset(call: Call) -> web.Response:
    """About an asset; with `Accept: application/octet-stream` a short-lived link to its bytes."""
    one, file = _reach_asset(call)
    if "application/octet-stream" in call.request.headers.get("Accept", ""):
        return _redirect(call, file)
    return answer(_json(call, one, file))


def _redirect(call: Call, file: Asset) -> web.Response:
    file.download_count += 1
    url = call.github.part(Downloads).link(
        call.github,
        file.data,
        filename=file.name,
        content_type=file.content_type,
        lifetime_s=LINK_LIFETIME_S,
    )
    return web.Response(status=302, headers={"Location": url})


async def update_asset(call: Call) -> web.Response:
    """Renames or relabels."""
    (one, file), body = _reach_asset(call), await call.body()
    check_unlocked(one)
    name = clean_name(needed_text(body, "name")) if "name" in body else file.name
    if any(other is not file and other.name == name for other in one.assets.values()):
        raise answers.field_error("ReleaseAsset", "name", "already_exists")
    file.name, file.updated_at = name, call.github.now()
    file.label = text(body, "label") if "label" in body else file.label
    return answer(_json(call, one, file))


async def delete_asset(call: Call) -> web.Response:
    """Deletes an asset for good."""
    remove_asset(call.repository, *_reach_asset(call))
    return empty()


async def download(call: Call) -> web.Response:
    """What `browser_download_url` leads to: a published release's asset by tag and name."""
    tag, name = call.part("tag"), call.part("name")
    for one in all_of(call.repository):
        for file in one.assets.values() if one.tag_name == tag and not one.draft else ():
            if file.name == name:
                return _redirect(call, file)
    raise answers.not_found()
