"""Which lines that a change adds it only moved or indented anew: their text stood in a line that it removed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

BLANKS = " \t"
"""No others: a no-break space or a form feed is a character that tools report."""


def kept(added: Iterable[tuple[int, str]], removed: Iterable[str]) -> list[int]:
    """The numbers of the added lines that have the text of a removed one, in their order; each removed line stands for one.

    Indentation and the end of the line make no difference. Blanks before the end do: a line that gains some is another, because
    tools report them; one that loses them is not.
    """
    left, found = Counter(_told(each) for each in removed), list[int]()
    for number, line in added:
        text, ends_blank = _told(line)
        match = (text, ends_blank) if ends_blank or left[text, False] else (text, True)
        if left[match]:
            left[match] -= 1
            found.append(number)
    return found


def _told(line: str) -> tuple[str, bool]:
    text = line.removesuffix("\r")
    return text.strip(BLANKS), text.endswith((" ", "\t"))
