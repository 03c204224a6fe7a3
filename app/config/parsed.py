"""Files as understood, by their content: the same bytes are parsed once in a process, however often they are read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from app.config.composing import NO_FLOORS, Layers, compose, parse_sections
from app.config.loader import ParsedFile
from app.config.organisation import Models, OrganisationFile, judge_organisation
from app.errors import InvalidInput, TransientError
from app.ports.compute import LOST, Compute
from app.ports.policies import UNJUDGED, ConfigError

KEPT = 512
"""Files are small and most repositories of an organisation share one text; the meaning of a text belongs to nobody."""
P = ParamSpec("P")
T = TypeVar("T")


class ParsedFiles:
    """What files say. `sections` are those of all capabilities: a mistake in one makes the file invalid.

    `organisations` are the sections of the organisation's file that have a floor of the capability's own.

    No method raises for what a file says. Where its readers were lost nothing is known of it, not that it is invalid: then they
    raise TransientError (`UNJUDGED`).
    """

    def __init__(self, sections: Models, compute: Compute, organisations: Models = NO_FLOORS) -> None:
        self._sections = dict(sections)
        self._organisations = dict(organisations)
        self._compute = compute
        self._known: OrderedDict[bytes, Any] = OrderedDict()

    async def parse(self, raw: bytes) -> ParsedFile:
        """The file's sections by itself, or its errors."""
        return await self._once(("file", raw), _unparsed, parse_sections, raw, self._sections)

    async def compose(self, layers: Layers) -> ParsedFile:
        """The sections of all layers together, or the errors of the lowest one."""
        key = (
            "layers",
            layers.own,
            layers.shared or b"",
            layers.organisation or b"",
            layers.label.encode(),
        )
        return await self._once(key, _unparsed, compose, layers, self._sections, self._organisations)

    async def organisation(self, raw: bytes) -> OrganisationFile:
        """What an organisation's file is."""
        return await self._once(
            ("organisation", raw), _unjudged, judge_organisation, raw, self._sections, self._organisations
        )

    async def _once(
        self,
        said: tuple[str | bytes, ...],
        killed: Callable[[str], T],
        function: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        parts = [part.encode() if isinstance(part, str) else part for part in said]
        key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
        if key in self._known:
            self._known.move_to_end(key)
            found: T = self._known[key]
            return found
        try:
            found = await self._compute.run(function, *args, **kwargs)
        except InvalidInput as error:
            if error.code in LOST:
                told = f"Hephaestus could not judge the configuration file: {error.message}"
                raise TransientError(UNJUDGED, told) from error
            return killed(error.message)  # not kept: how much memory is free may change
        self._known[key] = found
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _unparsed(why: str) -> ParsedFile:
    return ParsedFile((), (ConfigError(1, 1, "", why),))


def _unjudged(why: str) -> OrganisationFile:
    return OrganisationFile((ConfigError(1, 1, "", why),), has_floor=False, may_extend=())
