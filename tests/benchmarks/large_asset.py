"""One asset of 1 GB, hashed and verified, beside hashing alone; in a process of its own, whose memory is measured."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.adapters.sigstore import offline_verifier
from app.cli.release_requests import Line, ask
from app.domain.release import Outcome, VerificationRequest
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from tests.benchmarks.processes import REPOSITORY, python

SIZE_BYTES = 1_000_000_000
PIECE_BYTES = 4_000_000
ROUNDS = 5
MB = 1_000_000
LIMIT_MB, LEAST = 90, 0.85
SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)


@dataclass(frozen=True)
class Large:
    """Seconds to hash and verify, seconds to hash alone (the best of each), and the peak of memory in bytes."""

    ours_s: float
    alone_s: float
    peak_bytes: int


def measure() -> Large:
    """Writes the file and signs it here; a fresh process reads it."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as name:
        folder = Path(name)
        sha256 = written(folder / "large.bin")
        world = LocalSigstore.create()
        signed = world.attest([("large.bin", sha256)], SLSA, {}, IDENTITY)
        (folder / "large.bin.sigstore.json").write_bytes(signed)
        (folder / "root.json").write_bytes(world.trusted_root_json())
        command = python("tests.benchmarks.large_asset", str(folder))
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return Large(**json.loads(done.stdout))


def written(path: Path) -> str:
    """Writes the asset; its digest."""
    digest, piece = hashlib.sha256(), os.urandom(PIECE_BYTES)
    with path.open("wb") as file:
        for _ in range(SIZE_BYTES // PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


async def read(folder: Path) -> Large:
    """Both in turn, over and over: what `release verify` does with an asset, and `hashlib.file_digest` of the same file."""
    verifier = offline_verifier(folder / "root.json")
    ours, alone = [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with (folder / "large.bin").open("rb") as file:
            hashlib.file_digest(file, "sha256")
        alone.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        line = Line(
            artifact="large.bin",
            bundle="large.bin.sigstore.json",
            identity=IDENTITY.san,
            issuer=IDENTITY.issuer,
        )
        question = ask(line, folder).question
        assert isinstance(question, VerificationRequest)
        outcome = await verifier.verify(question)
        assert outcome.outcome is Outcome.VERIFIED, outcome.reason
        ours.append(time.perf_counter() - begin)
    return Large(min(ours), min(alone), peak_bytes())


def peak_bytes() -> int:
    """The most resident memory of this process so far; `getrusage` would count what its parent had when it began."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def table(found: Large) -> Iterable[str]:
    """Markdown."""
    yield "| 1 GB | s | MB/s | peak MB |"
    yield "|---|---|---|---|"
    rows = (("hashed and verified", found.ours_s), ("hashlib.file_digest alone", found.alone_s))
    for (name, seconds), peak in zip(rows, (f"{found.peak_bytes / MB:.0f}", "-"), strict=True):
        yield f"| {name} | {seconds:.2f} | {SIZE_BYTES / seconds / MB:.0f} | {peak} |"


def bars(found: Large) -> Iterable[str]:
    """Rows of what is to be reached."""
    speed, peak = found.alone_s / found.ours_s, found.peak_bytes / MB
    yield (
        f"| speed of a 1 GB asset beside hashlib.file_digest | {speed:.2f} | >= {LEAST} "
        f"| {'yes' if speed >= LEAST else 'no'} |"
    )
    yield f"| peak memory with it, MB | {peak:.0f} | <= {LIMIT_MB} | {'yes' if peak <= LIMIT_MB else 'no'} |"


if __name__ == "__main__":
    result = asyncio.run(read(Path(sys.argv[1])))
    sys.stdout.write(
        json.dumps({"ours_s": result.ours_s, "alone_s": result.alone_s, "peak_bytes": result.peak_bytes})
    )
