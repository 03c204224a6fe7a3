"""Work on bytes that we do not trust, done where it can be killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
LOST = frozenset({"compute.timeout", "compute.crashed"})
"""The work never ended by itself: not at the first try, and not at the second one in a new process."""


class Compute(Protocol):
    """A pool of processes with a wall-clock and a memory limit for each call."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a module-level function with picklable arguments, run in another process.

        Raises:
            InvalidInput: raised by the function itself; or `compute.timeout`, `compute.memory`, `compute.crashed` when the
                work had to be killed, the latter and a timeout at a second try too: such bytes are refused.
        """
        ...
