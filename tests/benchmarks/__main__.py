"""`make bench`: every measurement, one after the other; the output is Markdown."""

from __future__ import annotations

import sys

from tests.benchmarks import machine, peers, receiver, service


def main() -> None:
    """Prints the tables; says which peers could not be measured and why."""
    out = sys.stdout
    out.write(f"Measured {machine.description()}\n\n## Accepting deliveries\n\n")
    absent = peers.missing()
    if absent:
        out.write(f"Without the peers from npm: {absent}\n\n")
    results = receiver.measure((*receiver.OURS, *(() if absent else peers.NAMES)))
    out.write("\n".join(receiver.table(results)) + "\n")
    if met := receiver.bars(results):
        out.write("\n| bar | measured | to reach | met |\n|---|---|---|---|\n" + "\n".join(met) + "\n")
    out.flush()
    out.write("\n## The whole service before the stand-in GitHub\n\n")
    out.write("\n".join(service.table(service.measure())) + "\n")


if __name__ == "__main__":
    main()
