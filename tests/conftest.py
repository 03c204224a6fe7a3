"""Fixtures for every test: the public corpora, and golden files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure: pytest's own timeout ends what hangs.
settings.register_profile("hephaestus", deadline=None)
settings.load_profile("hephaestus")

REPOSITORY = Path(__file__).resolve().parent.parent
CORPUS = REPOSITORY.parent / "shared" / "corpus"
OF_THE_SERVICE = ("tests/acceptance", "tests/integration")
"""Folders whose tests start the whole service."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden from what is produced now"
    )


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of public corpora; a test that uses it carries the marker `corpus`."""
    return CORPUS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by folder: unit tests get no socket; who starts the whole service needs the machine for itself (`make test`)."""
    for item in items:
        if item.path.is_relative_to(REPOSITORY / "tests" / "unit"):
            item.add_marker("disable_socket")
        if any(item.path.is_relative_to(REPOSITORY / folder) for folder in OF_THE_SERVICE):
            item.add_marker("service")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("corpus") and not CORPUS.is_dir():
        if os.environ.get("HEPHAESTUS_CORPUS") == "required":
            pytest.fail(f"the corpus is required (HEPHAESTUS_CORPUS=required) and {CORPUS} is absent")
        pytest.skip("needs the public corpora in ../shared/corpus")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with `tests/golden/<name>`; `--update-golden` writes it."""
    return Golden(update=bool(request.config.getoption("--update-golden")))


class Golden:
    """Golden files, reviewed like code."""

    def __init__(self, *, update: bool) -> None:
        self._update = update

    def check(self, name: str, actual: str) -> None:
        path = REPOSITORY / "tests" / "golden" / name
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
        assert actual == path.read_text(encoding="utf-8")
