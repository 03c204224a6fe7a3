"""What happens to installations at GitHub's own pages: made, suspended, given other repositories, removed."""

from __future__ import annotations

from collections.abc import Iterable

from app.standin.github.records import Account, Installation, Json
from app.standin.github.shapes import accounts
from app.standin.github.state import GitHub, Repository


def _brief(repositories: Iterable[Repository]) -> list[Json]:
    return [
        {
            "id": r.id,
            "node_id": accounts.node_id("R", r.id),
            "name": r.name,
            "full_name": r.full_name,
            "private": r.private,
        }
        for r in repositories
    ]


def _tell(
    github: GitHub, one: Installation, event: str, action: str, sender: Account, **more: object
) -> None:
    payload: Json = {"installation": accounts.installation(github, one), **more}
    github.emit(event, action, payload, None, sender=sender, app_id=one.app.id)


def covered(github: GitHub, one: Installation) -> list[Repository]:
    """The repositories of an installation."""
    return [r for r in github.repositories.values() if github.covers(one, r)]


def created(github: GitHub, one: Installation, sender: Account) -> None:
    """Tells the App that it was installed: `installation.created`."""
    listed = _brief(covered(github, one))
    _tell(github, one, "installation", "created", sender, repositories=listed, requester=None)


def suspend(github: GitHub, one: Installation, sender: Account) -> None:
    """Stops the installation: its tokens answer 403 from now on."""
    one.suspended_at, one.suspended_by = github.now(), sender
    _tell(github, one, "installation", "suspend", sender, repositories=_brief(covered(github, one)))


def unsuspend(github: GitHub, one: Installation, sender: Account) -> None:
    """Lets the installation go on."""
    one.suspended_at, one.suspended_by = None, None
    _tell(github, one, "installation", "unsuspend", sender, repositories=_brief(covered(github, one)))


def delete(github: GitHub, one: Installation, sender: Account) -> None:
    """Removes the installation with its tokens."""
    listed = _brief(covered(github, one))
    del github.installations[one.id]
    for value in [v for v, token in github.tokens.items() if token.installation is one]:
        del github.tokens[value]
    _tell(github, one, "installation", "deleted", sender, repositories=listed)


def grant(github: GitHub, one: Installation, permissions: dict[str, str], sender: Account) -> None:
    """Accepts new permissions; tokens minted before do not gain them."""
    one.permissions = {**one.permissions, **permissions}
    listed = _brief(covered(github, one))
    _tell(github, one, "installation", "new_permissions_accepted", sender, repositories=listed)


def select(github: GitHub, one: Installation, chosen: list[Repository], sender: Account) -> None:
    """Limits the installation to the chosen repositories: `installation_repositories.added` and `.removed`."""
    before = covered(github, one)
    one.repository_ids = {r.id for r in chosen}
    after = covered(github, one)
    added, removed = [r for r in after if r not in before], [r for r in before if r not in after]
    for action, moved in (("added", added), ("removed", removed)):
        if moved:
            lists = {"repositories_added": _brief(added if action == "added" else [])}
            lists["repositories_removed"] = _brief(removed if action == "removed" else [])
            selection = {"repository_selection": "selected", "requester": None}
            _tell(github, one, "installation_repositories", action, sender, **selection, **lists)
