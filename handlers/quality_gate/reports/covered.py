"""The coverage of all report files of a run, by format: what a report calls a file is found in the repository. Pure."""

from __future__ import annotations

from collections import defaultdict

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.reports.tree import Located, Tree, is_installed, normalised
from handlers.quality_gate.reports.variants import Variants

SHOWN = 5
MAX_NAME = 200
AGREED_PERCENT = 90
"""Of the lines that any report knows: what two reports of one file must share, or it is told."""


class Covered:
    """Takes the coverage of report files one after the other. `tree` None: paths stay as the reports give them."""

    def __init__(self, tree: Tree | None) -> None:
        self._tree = tree
        self._maps: dict[str, LineMap] = {}
        self._variants: dict[str, Variants] = defaultdict(Variants)
        self._disagreed: dict[str, None] = {}
        self._outside: dict[str, None] = {}
        self._left_out: dict[str, LineMap] = {}

    def add(self, report_format: str, lines: LineMap) -> tuple[str, ...]:
        """One report; the reasons not to believe which files it speaks of."""
        target, variants = self._maps.setdefault(report_format, LineMap()), self._variants[report_format]
        if self._tree is None:
            for name, file in lines.files.items():
                variants.see(name, target.file(name).valid, file.valid)
            target.add(lines)
            return ()
        places = {name: self._tree.locate(name, lines.sources) for name in lines.files}
        meant, problems = _meant(places)
        for name, path in meant.items():
            before, now = target.file(path), lines.files[name]
            self._compare(path, before, now)
            variants.see(path, before.valid, now.valid)
            before.add(now)
        outside = [name for name, place in places.items() if name not in meant and not place.several]
        self._outside |= dict.fromkeys(name[:MAX_NAME] for name in outside)
        if lines.files and not meant:
            problems.append("none of its files is a file of the repository")
            return tuple(problems)  # nothing of it is believed
        for name in outside:
            if not is_installed(name):
                self._left_out.setdefault(report_format, LineMap()).file(normalised(name)).add(
                    lines.files[name]
                )
        return tuple(problems)

    def _compare(self, path: str, before: FileLines, now: FileLines) -> None:
        """Reports of one run should agree on which lines of a file could run; compilers of several legs leave out a few."""
        if before.valid and now.valid:
            known = (before.valid | now.valid).bit_count()
            if (before.valid & now.valid).bit_count() * 100 < known * AGREED_PERCENT:
                self._disagreed[path[:MAX_NAME]] = None

    def maps(self) -> tuple[tuple[str, bytes], ...]:
        """The packed lines of each format."""
        return tuple((name, lines.pack()) for name, lines in sorted(self._maps.items()))

    def outside(self) -> tuple[tuple[str, bytes], ...]:
        """The packed lines of each format in files that the repository does not have, and that were not installed."""
        return tuple((name, lines.pack()) for name, lines in sorted(self._left_out.items()))

    def variants(self) -> tuple[tuple[str, bytes], ...]:
        """The packed lines of each report, of files in which reports of one format differ."""
        return tuple(
            (name, packed) for name, each in sorted(self._variants.items()) for packed in each.maps()
        )

    def problems(self) -> tuple[str, ...]:
        """Files of which too many reports say something else."""
        return tuple(text for each in self._variants.values() for text in each.problems())

    def notes(self) -> tuple[str, ...]:
        """What is left out, and what several reports do not agree on."""
        told = []
        if self._disagreed:
            few = ", ".join(list(self._disagreed)[:SHOWN])
            told.append(
                f"reports differ in which lines of {len(self._disagreed)} files could run, and count together: {few}"
            )
        if self._outside:
            few = ", ".join(list(self._outside)[:SHOWN])
            many = len(self._outside)
            told.append(f"coverage of {many} files that the repository does not have is left out: {few}")
        return tuple(told)


def _meant(places: dict[str, Located]) -> tuple[dict[str, str], list[str]]:
    """The path that each name of a report means, and the doubts.

    Of two names for one path the one that is the path itself counts: the other is somebody else's file. A report was made in one
    place, so that what its names have in front of the repository's paths is the same for all.
    """
    problems = [
        f"{name[:MAX_NAME]} may be any of {', '.join(place.several[:SHOWN])}; write longer paths"
        for name, place in places.items()
        if place.several
    ]
    exact = {place.path for place in places.values() if place.is_exact}
    meant: dict[str, str] = {}
    first: dict[str, str] = {}
    for name, place in places.items():
        if place.path is None or (place.path in exact and not place.is_exact):
            continue
        other = first.setdefault(place.path, name)
        if other != name and not place.is_exact:
            problems.append(
                f"{other[:MAX_NAME]} and {name[:MAX_NAME]} may both be {place.path}; write paths from the repository's root"
            )
        meant[name] = place.path
    cut = {places[name].cut: name for name in meant if places[name].cut}
    if len(cut) > 1:
        one, two = (f"{name[:MAX_NAME]} ({meant[name]})" for name in [cut[key] for key in sorted(cut)][:2])
        problems.append(f"{one} and {two} do not lie in one folder; write paths from the repository's root")
    return meant, problems
