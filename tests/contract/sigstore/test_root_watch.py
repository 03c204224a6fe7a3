"""Upkeep of roots, over real ones: files in a folder and a TUF repository on loopback."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.roots import ConfiguredRoots
from app.domain.trust import RootSource
from app.settings_trust import TrustSettings
from app.telemetry.metrics import Metrics
from app.testing.clock import FrozenClock
from app.upkeep.roots import AGAIN_AFTER, JITTER_S, REFRESH_EVERY, RootWatch
from tests.contract.sigstore.tuf_repository import DAY, FIRST, SECOND, Installation, Repository
from tests.unit.app.adapters.sigstore.rooted import NOW, root

LONGEST_PAUSE = REFRESH_EVERY + timedelta(seconds=JITTER_S)


def number(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"hephaestus_trusted_root_{name}", labels)


def refreshes(watch: RootWatch, result: str) -> float | None:
    return number(watch.metrics, "refreshes_total", result=result)


def advance(watch: RootWatch, by: timedelta) -> None:
    assert isinstance(watch.clock, FrozenClock)
    watch.clock.advance(by)


@pytest.fixture
def watch(installation: Installation) -> RootWatch:
    return RootWatch(installation.roots(), installation.clock, Metrics())


@pytest.fixture
def imported(tmp_path: Path) -> RootWatch:
    """One that has nowhere to refresh from, and a root that was imported now."""
    store, clock = RootStore(tmp_path), FrozenClock(NOW)
    store.keep(root(), RootSource.IMPORT, NOW)
    return RootWatch(ConfiguredRoots(TrustSettings(), store, clock), clock, Metrics())


async def test_a_service_that_never_refreshed_does_so_at_once_and_then_once_a_day(
    watch: RootWatch, installation: Installation, repository: Repository
) -> None:
    await watch.turn()
    assert refreshes(watch, "taken") == 1
    asked = len(repository.asked)
    installation.clock.advance(REFRESH_EVERY - timedelta(minutes=1))
    await watch.turn()
    assert len(repository.asked) == asked
    installation.clock.advance(LONGEST_PAUSE)
    await watch.turn()
    assert refreshes(watch, "unchanged") == 1


async def test_a_restart_asks_nobody_before_it_is_time(
    installation: Installation, repository: Repository
) -> None:
    await installation.roots().refresh()
    asked = len(repository.asked)
    again = RootWatch(installation.roots(), installation.clock, Metrics())
    await again.turn()
    assert len(repository.asked) == asked
    installation.clock.advance(LONGEST_PAUSE)
    await again.turn()
    assert refreshes(again, "unchanged") == 1


async def test_a_failure_is_counted_and_tried_again_after_an_hour(
    watch: RootWatch,
    installation: Installation,
    repository: Repository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch.turn()
    repository.publish(SECOND, ends=NOW - 900 * DAY)
    installation.clock.advance(LONGEST_PAUSE)
    await watch.turn()
    assert refreshes(watch, "failed") == 1
    assert "trusted_root_not_refreshed" in [each.message for each in caplog.records]
    await watch.turn()
    assert refreshes(watch, "failed") == 1
    repository.publish(SECOND)
    installation.clock.advance(AGAIN_AFTER)
    await watch.turn()
    assert refreshes(watch, "taken") == 2


async def test_what_somebody_imports_is_taken_up_by_a_running_service(tmp_path: Path) -> None:
    store, clock = RootStore(tmp_path), FrozenClock(NOW)
    roots = ConfiguredRoots(TrustSettings(), store, clock)
    watch = RootWatch(roots, clock, Metrics())
    await watch.turn()
    assert roots.current().github is None
    store.keep(root(FIRST), RootSource.IMPORT, NOW)
    await watch.turn()
    assert roots.current().github == root(FIRST)


async def test_a_root_that_somebody_changed_on_disk_is_not_taken_up(
    imported: RootWatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    RootStore(tmp_path).path_of(root().sha256).write_bytes(SECOND)
    await imported.turn()
    assert [each.message for each in caplog.records] == ["trusted_root_not_taken_up"]
    assert [each.sha256 for each in imported.roots.facts[1:]] == [root().sha256]


async def test_the_age_of_each_root_is_a_metric(imported: RootWatch) -> None:
    advance(imported, 2 * DAY)
    await imported.turn()
    assert number(imported.metrics, "confirmed_seconds", domain="github") == (2 * DAY).total_seconds()
    left = number(imported.metrics, "left_seconds", domain="github")
    ends_at = imported.roots.facts[1].ends_at
    assert ends_at is not None
    assert left == (ends_at - imported.clock.now()).total_seconds()
    assert number(imported.metrics, "confirmed_seconds", domain="public-good") is not None


def reminders(caplog: pytest.LogCaptureFixture) -> int:
    return [each.message for each in caplog.records].count("trusted_root_old")


async def test_an_old_root_is_a_warning_once_a_day(
    imported: RootWatch, caplog: pytest.LogCaptureFixture
) -> None:
    advance(imported, 100 * DAY)
    await imported.turn()
    await imported.turn()
    (github,) = [said for said in imported.warnings if "of github" in said]
    assert "was last confirmed 100 days ago" in github
    first = reminders(caplog)
    assert first == len(imported.warnings)
    advance(imported, DAY)
    await imported.turn()
    assert reminders(caplog) == 2 * first


async def test_a_root_that_is_well_is_no_warning(imported: RootWatch) -> None:
    await imported.turn()
    assert imported.warnings == ()
