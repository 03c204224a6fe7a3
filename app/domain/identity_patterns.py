"""Patterns of identities: literals with `*` for a part of one path segment, compiled to an anchored expression.

`https://github.com/acme/forge/.github/workflows/release-*.yml@refs/tags/v*` admits exactly what it looks like: a `*` never stands
for a `/`, an `@` or a `:`, the whole text must fit, upper and lower case differ, and no other character has a meaning. Regular
expressions are not offered: unanchored ones, dots and prefixes are how other tools admitted strangers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

WILD = "*"
PART = "[^/@:\\s]+"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class IdentityPattern:
    """A pattern as it was written; `admits` says whether an identity fits it as a whole."""

    text: str

    def admits(self, identity: str) -> bool:
        """Whether the whole identity fits; never for one that is longer than an identity is."""
        return len(identity) <= LONGEST and _compiled(self.text).fullmatch(identity) is not None


@lru_cache(maxsize=256)
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(PART.join(re.escape(piece) for piece in text.split(WILD)))
