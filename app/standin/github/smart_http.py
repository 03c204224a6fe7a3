"""Git over HTTP, in and out: `git http-backend` behind the tokens of the API."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from aiohttp import web

from app.standin.github import answers, auth, pushes
from app.standin.github.answers import Refusal
from app.standin.github.call import CALLER, GITHUB, Call
from app.standin.github.git_setup import ALLOW_WORKFLOWS
from app.standin.github.moves import may_write_workflows
from app.standin.github.state import Repository

SERVICES = "info/refs|git-upload-pack|git-receive-pack"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="GitHub"'}


def routes() -> list[web.RouteDef]:
    """`/{owner}/{repo}.git/…`, also without `.git`, as GitHub serves it."""
    path = f"/{{owner}}/{{repo}}/{{service:{SERVICES}}}"
    return [web.get(path, serve), web.post(path, serve)]


@dataclass(frozen=True, slots=True)
class Reply:
    """What `git http-backend` answered, CGI headers apart."""

    status: int
    headers: dict[str, str]
    body: bytes


async def serve(request: web.Request) -> web.Response:
    """One request of git's smart protocol; a push is told like any other move of refs."""
    call = _call(request)
    service = request.match_info["service"]
    pushing = "receive-pack" in (request.query.get("service", "") if service == "info/refs" else service)
    try:
        auth.check_access(call, call.repository, "contents", "write" if pushing else "read")
    except Refusal as refusal:
        if call.caller.kind == "anonymous":
            raise Refusal(401, "Requires authentication", headers=CHALLENGE) from refusal
        raise
    before = call.repository.git.refs("refs/") if pushing else {}
    reply = await _backend(call, service, await request.read())
    if pushing and request.method == "POST":
        _tell(call, before)
    return web.Response(status=reply.status, headers=reply.headers, body=reply.body)


def _call(request: web.Request) -> Call:
    github, caller = request.app[GITHUB], request[CALLER]
    name = request.match_info["repo"].removesuffix(".git")
    found = github.repository(f"{request.match_info['owner']}/{name}")
    if (
        found is None
        and (moved := github.renamed.get(f"{request.match_info['owner']}/{name}".lower())) is not None
    ):
        found = github.repositories[moved]
    if found is None:
        # As at GitHub: who may not see a repository is asked for a password, whether it exists or not.
        raise (
            Refusal(401, "Requires authentication", headers=CHALLENGE)
            if caller.kind == "anonymous"
            else answers.not_found()
        )
    return Call(request, github, caller, found)


async def _backend(call: Call, service: str, body: bytes) -> Reply:
    request, path = call.request, call.repository.git.path
    # No HTTP_CONTENT_ENCODING: aiohttp has inflated the body already, and with the header git would answer nothing.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{path.name}/{service}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    if call.caller.actor is not None:
        environment["REMOTE_USER"] = call.caller.actor.login
    if may_write_workflows(call.caller):
        environment[ALLOW_WORKFLOWS] = "1"
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    output, _ = await process.communicate(body)
    return _parsed(output)


def _parsed(output: bytes) -> Reply:
    head, mark, body = output.partition(b"\r\n\r\n")
    if not mark:
        return Reply(500, {}, b"")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    headers = {name.strip(): value.strip() for name, _, value in lines}
    status = int(headers.pop("Status", "200").split(" ")[0])
    return Reply(status, headers, body)


def _tell(call: Call, before: dict[str, str]) -> None:
    repository: Repository = call.repository
    after = repository.git.refs("refs/")
    for ref in sorted(before.keys() | after.keys()):
        old, new = before.get(ref), after.get(ref)
        if old != new and not ref.startswith("refs/pull/"):
            pushes.ref_moved(repository, ref, old, new, call.actor)
