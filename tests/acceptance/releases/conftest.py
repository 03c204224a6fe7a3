"""One stage for all attacks of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.releases.stage import Stage, staged


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A running service before a stand-in GitHub."""
    async with staged(tmp_path_factory.mktemp("stage")) as found:
        yield found
