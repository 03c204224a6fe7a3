"""Files as understood, by their content: the same bytes are parsed once in a process, however often they are read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

from pydantic import BaseModel

from app.config.loader import ParsedFile, parse_sections
from app.errors import InvalidInput
from app.ports.compute import Compute
from app.ports.policies import ConfigError

KEPT = 512
"""Files are small and most repositories of an organisation share one text; the meaning of a text belongs to nobody."""


class ParsedFiles:
    """What files say. `sections` are those of all capabilities: a mistake in one makes the file invalid."""

    def __init__(self, sections: Mapping[str, type[BaseModel]], compute: Compute) -> None:
        self._sections = dict(sections)
        self._compute = compute
        self._known: OrderedDict[bytes, ParsedFile] = OrderedDict()

    async def parse(self, raw: bytes) -> ParsedFile:
        """The file's sections, or its errors; never raises for its content."""
        key = hashlib.sha256(raw).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        try:
            parsed = await self._compute.run(parse_sections, raw, self._sections)
        except InvalidInput as error:  # the work was killed: that says nothing lasting about the bytes
            return ParsedFile((), (ConfigError(1, 1, "", error.message),))
        self._known[key] = parsed
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return parsed
