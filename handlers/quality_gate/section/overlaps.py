"""What two globs of paths have in common, as far as their letters show it without looking at any file. Pure.

Where it cannot be seen, files are taken to be shared.
"""

from __future__ import annotations

import re

WILD = re.compile(r"[*?\[\]]")
EVERYTHING = "**"


def are_apart(one: str, other: str) -> bool:
    """Whether it is certain that no file is meant by both: they begin with other folders, or end with other letters."""
    heads, tails = (_head(one), _head(other)), (_tail(one), _tail(other))
    begin = heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])
    end = tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])
    return not (begin and end)


def is_inside(glob: str, folder: str) -> bool:
    """Whether it is certain that every file of the glob is one of the other, which must be a whole folder, or everything."""
    if folder in (glob, EVERYTHING):
        return True
    root = folder.removesuffix(EVERYTHING)
    return root.endswith("/") and root != folder and not WILD.search(root) and _head(glob).startswith(root)


def _head(glob: str) -> str:
    """What every path that is meant begins with; a glob without a folder means names in all folders."""
    return WILD.split(glob, maxsplit=1)[0] if "/" in glob else ""


def _tail(glob: str) -> str:
    """What every path that is meant ends with."""
    return WILD.split(glob)[-1]
