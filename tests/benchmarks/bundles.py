"""Verifications of genuine bundles in one process with two threads, beside the bare library and beside its command."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.adapters.sigstore import offline_verifier
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest
from app.ports.bundles import BundleVerifier
from tests.conftest import CORPUS

THREADS = 2
ROUNDS, SECONDS = 5, 2.0
OURS, BARE, COMMAND = (
    "Hephaestus",
    "sigstore-python, its library alone",
    "sigstore verify, a process a bundle",
)
EMBEDDED = frozenset({"production", "staging"})


@dataclass(frozen=True)
class Case:
    """A genuine bundle of the public corpus and who signed it; `root` is `production`, `staging` or a file."""

    raw: bytes
    path: Path
    sha256: str
    identity: str
    issuer: str
    root: str | Path
    artifact: Path | None
    is_statement: bool


def missing() -> str:
    """Why nothing can be measured; empty where it can."""
    return "" if (CORPUS / "sigstore" / "index.json").is_file() else "the public corpus is absent"


def cases() -> list[Case]:
    """Those that the library reads as they are: PEP 740 is left out, which it knows no command for."""
    folder = CORPUS / "sigstore"
    listed = json.loads((folder / "index.json").read_bytes())["cases"]
    found = []
    for each in listed:
        if each["expected"] != "valid" or each["format"] != "sigstore-bundle":
            continue
        path = folder / each["path"]
        found.append(
            Case(
                path.read_bytes(),
                path,
                each["digest"].removeprefix("sha256:"),
                each["identity"],
                each["issuer"],
                each["trust_root"] if each["trust_root"] in EMBEDDED else folder / each["trust_root"],
                each["artifact"] and folder / each["artifact"],
                "predicate_type" in each,
            )
        )
    return found


@dataclass(frozen=True)
class Rate:
    """Verifications a second: the median of the rounds."""

    name: str
    per_s: float


def measure() -> list[Rate]:
    """The two in one process take turns; then the command, once a bundle."""
    found = cases()
    rates: dict[str, list[float]] = {OURS: [], BARE: []}
    verifiers = {case.root: offline_verifier(case.root) for case in found}
    library = bare(found)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            rates[OURS].append(asyncio.run(ours(found, verifiers)))
            rates[BARE].append(threaded(pool, [*library]))
    measured = [Rate(name, statistics.median(each)) for name, each in rates.items()]
    return [*measured, Rate(COMMAND, commanded(found))]


async def ours(found: Sequence[Case], verifiers: dict[str | Path, BundleVerifier]) -> float:
    """Verifications a second through the port that the gate asks, two at once."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    requests = [
        (
            verifiers[case.root],
            VerificationRequest(
                case.raw, Sha256Hex(case.sha256), ExpectedIdentity(case.identity, case.issuer)
            ),
        )
        for case in found
    ]
    done, begin = 0, time.perf_counter()

    async def work(offset: int) -> None:
        nonlocal done
        while time.perf_counter() - begin < SECONDS:
            for verifier, request in requests[offset::THREADS]:
                outcome = await verifier.verify(request)
                assert outcome.outcome is Outcome.VERIFIED, outcome.reason
                done += 1

    await asyncio.gather(*(work(offset) for offset in range(THREADS)))
    return done / (time.perf_counter() - begin)


def bare(found: Sequence[Case]) -> list[Callable[[], object]]:
    """What the library needs at least: parse, verify with an exact identity; no claims, no subjects, no strictness."""
    from sigstore.hashes import Hashed
    from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity
    from sigstore_models.common.v1 import HashAlgorithm

    configured = {
        "production": lambda: ClientTrustConfig.production(offline=True).trusted_root,
        "staging": lambda: ClientTrustConfig.staging(offline=True).trusted_root,
    }
    roots = {
        case.root: Verifier(
            trusted_root=configured[case.root]()
            if isinstance(case.root, str)
            else TrustedRoot.from_file(str(case.root))
        )
        for case in found
    }

    def of(case: Case) -> Callable[[], object]:
        digest = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(case.sha256))
        policy = Identity(identity=case.identity, issuer=case.issuer)
        verifier = roots[case.root]

        def verify() -> object:
            bundle = Bundle.from_json(case.raw)
            if case.is_statement:
                return verifier.verify_dsse(bundle, policy)
            verifier.verify_artifact(digest, bundle, policy)
            return None

        return verify

    return [of(case) for case in found]


def threaded(pool: ThreadPoolExecutor, works: Sequence[Callable[[], object]]) -> float:
    """Calls a second of all of them, over and over, in two threads."""
    begin = time.perf_counter()

    def loop(mine: Sequence[Callable[[], object]]) -> int:
        done = 0
        while time.perf_counter() - begin < SECONDS:
            for work in mine:
                work()
                done += 1
        return done

    futures = [pool.submit(loop, works[offset::THREADS]) for offset in range(THREADS)]
    done = sum(future.result() for future in futures)
    return done / (time.perf_counter() - begin)


def commanded(found: Sequence[Case]) -> float:
    """Bundles a second with a process each, two at once: signatures of files under roots that the command embeds.

    It refuses statements of in-toto v0.1, of which the corpus has genuine ones.
    """
    mine = [case for case in found if isinstance(case.root, str) and not case.is_statement]
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as home:
        begin = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda case: command(case, home), mine))
        return len(mine) / (time.perf_counter() - begin)


def command(case: Case, home: str) -> None:
    """Fails where the library's own command does not verify the bundle."""
    staging = ("--staging",) if case.root == "staging" else ()
    subprocess.run(
        (
            *(sys.executable, "-m", "sigstore", *staging, "verify", "identity", "--offline"),
            *("--bundle", str(case.path), "--cert-identity", case.identity),
            *("--cert-oidc-issuer", case.issuer, f"sha256:{case.sha256}"),
        ),
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "XDG_DATA_HOME": home},
    )


def table(found: Sequence[Rate]) -> Iterable[str]:
    """Markdown."""
    first = found[0].per_s
    yield "| verifier | verifications/s | beside ours |"
    yield "|---|---|---|"
    for rate in found:
        yield f"| {rate.name} | {rate.per_s:.1f} | {rate.per_s / first:.2f} |"


def bars(found: Sequence[Rate]) -> Iterable[str]:
    """Rows of what is to be reached."""
    by_name = {rate.name: rate.per_s for rate in found}
    ratio = by_name[OURS] / by_name[BARE]
    met = "yes" if ratio >= 0.9 else "no"
    yield f"| verifications/s beside bare calls of the library | {ratio:.2f} | >= 0.9 | {met} |"
