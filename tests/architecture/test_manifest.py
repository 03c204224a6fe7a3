"""The App asks for exactly the events that it handles."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from app.dispatch.payloads import HANDLED_EVENTS

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_manifest_subscribes_to_exactly_the_events_that_are_handled() -> None:
    manifest = YAML(typ="safe").load(
        (REPOSITORY / "manifests" / "github-app.yml").read_text(encoding="utf-8")
    )
    assert set(manifest["default_events"]) == HANDLED_EVENTS
