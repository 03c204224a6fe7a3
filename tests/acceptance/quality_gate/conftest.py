"""One stage for all stories of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.quality_gate.stage import Stage, staged


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The stories of those tests of the module that are run."""
    items = [item for item in request.session.items if item.path == request.path]
    functions = [item.function for item in items if isinstance(item, pytest.Function)]
    stories = [function.story for function in functions if hasattr(function, "story")]
    async with staged(tmp_path_factory.mktemp("stage"), stories) as found:
        yield found
