"""`make bench`: every measurement, one after the other, or the parts that are named; the output is Markdown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import (
    bundles,
    large_asset,
    machine,
    many_artifacts,
    many_assets,
    peers,
    receiver,
    report_peers,
    reports,
    service,
)

BARS = ("", "| bar | measured | to reach | met |", "|---|---|---|---|")


def accepting() -> Iterable[str]:
    """Deliveries, beside peers from npm."""
    yield "## Accepting deliveries\n"
    absent = peers.missing()
    if absent:
        yield f"Without the peers from npm: {absent}\n"
    results = receiver.measure((*receiver.OURS, *(() if absent else peers.NAMES)))
    yield from receiver.table(results)
    if met := receiver.bars(results):
        yield from (*BARS, *met)


def reading() -> Iterable[str]:
    """Reports, beside peers from PyPI."""
    yield "## Reading reports\n"
    absent = report_peers.missing()
    if absent:
        yield f"Without the peers from PyPI: {absent}\n"
    results, growth = reports.measure(with_peers=not absent)
    yield from (*reports.table(results), "", *reports.growth_table(growth), *BARS, *reports.bars(results))


def serving() -> Iterable[str]:
    """The whole service."""
    yield "## The whole service before the stand-in GitHub\n"
    yield from service.table(service.measure())


def judging() -> Iterable[str]:
    """A pull request with many artifacts."""
    yield "## One judgement with many artifacts\n"
    yield from many_artifacts.table(many_artifacts.measure())


def verifying() -> Iterable[str]:
    """Releases: bundles beside the library and its command, a large asset, many assets."""
    yield "## Verifying releases\n"
    absent = bundles.missing()
    if absent:
        yield f"Without the bundles of the corpus: {absent}\n"
    rates = [] if absent else bundles.measure()
    if rates:
        yield from (*bundles.table(rates), "")
    large, many = large_asset.measure(), many_assets.measure()
    yield from (*large_asset.table(large), "", *many_assets.table(many), *BARS)
    if rates:
        yield from bundles.bars(rates)
    yield from (*large_asset.bars(large), *many_assets.bars(many))


PARTS: dict[str, Callable[[], Iterable[str]]] = {
    "receiver": accepting,
    "reports": reading,
    "artifacts": judging,
    "releases": verifying,
    "service": serving,
}


def main(names: list[str]) -> None:
    """Prints the tables; says which peers could not be measured and why."""
    if unknown := set(names) - PARTS.keys():
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    sys.stdout.write(f"Measured {machine.description()}\n")
    for name in names or PARTS:
        sys.stdout.write("\n" + "\n".join(PARTS[name]()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
