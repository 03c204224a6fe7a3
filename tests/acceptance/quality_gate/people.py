"""People of a scene, and the buttons that they press."""

from __future__ import annotations

from app.standin.github.checks import request_action
from app.standin.github.records import Account
from tests.acceptance.quality_gate.stage import Proposal, Scene


def person(scene: Scene, name: str, role: str) -> Account:
    """Somebody with this role, whom no other scene knows."""
    account = scene.world.github.add_account(f"{name}-{scene.repository.id}")
    scene.repository.collaborators[account.id] = role
    return account


def press(scene: Scene, one: Proposal, label: str, who: Account) -> None:
    """Somebody presses a button of our check run."""
    run = scene.check(one)
    (identifier,) = (each["identifier"] for each in run.actions if each["label"] == label)
    request_action(scene.repository, run, identifier, who)
