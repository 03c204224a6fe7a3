"""`hephaestus send`: sign a file's exact bytes and post them, as GitHub would."""

from __future__ import annotations

import http.client
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click

from app.receiver.signature import sign


@click.command()
@click.argument("event")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--url",
    default="http://127.0.0.1:8080/webhooks/github",
    show_default=True,
    help="Address of the receiver.",
)
@click.option(
    "--secret",
    help="Webhook secret; else the first of HEPHAESTUS_WEBHOOK_SECRETS(_FILE).",
)
@click.option("--delivery", help="GUID; a fresh one by default.")
@click.option(
    "--app-id", type=int, help="The App's id: a receiver of several Apps wants to know whose it is."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def send(
    event: str,
    file: Path,
    url: str,
    secret: str | None,
    delivery: str | None,
    app_id: int | None,
    as_json: bool,  # noqa: FBT001 (click passes flags by name)
) -> None:
    """Sign FILE's exact bytes and post them as EVENT.

    Exit codes: 0 accepted, 1 the receiver refuses, 2 wrong usage or nobody answers.
    """
    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--url must begin with http:// or https://")
    key = secret or newest_secret(os.environ)
    if not key:
        raise click.UsageError(
            "no secret: give --secret, or set HEPHAESTUS_WEBHOOK_SECRETS or ..._SECRETS_FILE"
        )
    body = file.read_bytes()
    guid = delivery or str(uuid.uuid4())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/hephaestus-send",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": sign(body, key.encode()),
        **({"X-GitHub-Hook-Installation-Target-ID": str(app_id)} if app_id is not None else {}),
    }
    require_githubs(headers)
    status, answer = post(url, body, headers)
    if as_json:
        click.echo(json.dumps({"delivery": guid, "event": event, "status": status, "answer": answer}))
    else:
        click.echo(f"{event} {guid}: {status} {answer}", err=True)
    sys.exit(0 if status == 202 else 1)  # noqa: PLR2004 (HTTP's Accepted)


def newest_secret(environ: Mapping[str, str]) -> str:
    """The first of the service's secrets, from its variable or file; empty without one."""
    from app.settings import secret

    return secret(environ, "WEBHOOK_SECRETS").partition(",")[0].strip()


def require_githubs(headers: Mapping[str, str]) -> None:
    """Raises click.UsageError for an EVENT or a GUID that no receiver would take: what cannot be a header cannot be sent."""
    from app.errors import RejectedDelivery
    from app.receiver.routes import check_headers

    try:
        check_headers(headers)
    except RejectedDelivery as exc:
        raise click.UsageError(
            f"{exc.message}: EVENT and --delivery are up to 100 letters, digits and _.:-, such as check_run"
        ) from exc


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, object]:
    """Status and JSON of the answer, also of a refusal.

    Raises:
        click.UsageError: the address is none, or what listens there does not answer in HTTP.
    """
    try:
        _ = urlsplit(url).port  # the one place that looks at its range
        return answered(urllib.request.Request(url, data=body, headers=dict(headers)))  # noqa: S310 (the caller checked the scheme)
    except (http.client.InvalidURL, ValueError) as exc:
        raise click.UsageError(f"--url {url!r} is no address: {exc}") from exc
    except (http.client.HTTPException, OSError) as exc:
        reason = exc.reason if isinstance(exc, urllib.error.URLError) else f"{type(exc).__name__}: {exc}"
        raise click.UsageError(f"nobody answers at {url} as a receiver does: {reason}") from exc


def answered(request: urllib.request.Request) -> tuple[int, object]:
    """Status and JSON of what came back."""
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 (the scheme is checked by the caller)
            return response.status, readable(response.read())
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, readable(exc.read())


def readable(body: bytes) -> object:
    """The answer's JSON, or its text."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")[:200]
