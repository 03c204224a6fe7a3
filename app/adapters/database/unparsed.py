"""How many received deliveries wait to be parsed: kept in mind, so that accepting one asks nobody."""

from __future__ import annotations


class Unparsed:
    """The number as far as this process knows it: counted now and then, and kept up to date between with what it does itself.

    Unbounded until it was counted for the first time: a command that only adds a row of its own refuses itself nothing.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._known: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether one more is one too many."""
        return self._known is not None and self._known >= self.most

    def counted(self, number: int) -> None:
        """So many there are, of all processes."""
        self._known = number

    def add(self, number: int) -> None:
        """So many came, or (negative) were parsed here."""
        if self._known is not None:
            self._known = max(0, self._known + number)
