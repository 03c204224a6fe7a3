"""`make bench`: every measurement, one after the other."""

from __future__ import annotations

from tests.benchmarks import receiver

if __name__ == "__main__":
    receiver.main()
