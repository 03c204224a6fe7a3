"""`hephaestus release receipts` and `release verify --receipt` as public interfaces: from a ledger to a third party."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.adapters.sigstore import offline_verifier
from app.cli.release import release
from app.cli.release_receipts import as_text, exit_code
from app.dispatch import plan
from app.domain.delivery import Source, delivery_of
from app.domain.ids import DeliveryId
from app.domain.receipts import ReplayedReceipt
from app.domain.release import Outcome as Said
from app.domain.repo import Target
from app.ports.handler import Lane
from app.ports.ledger import Routed
from app.standin.sigstore import LocalSigstore
from app.testing.clock import FrozenClock
from handlers.builtin import RELEASE_VERIFICATION
from tests.unit.handlers.release_verification.published import (
    APP,
    IDENTITY,
    NOW,
    OTHER,
    REPOSITORY,
    SUBJECT,
    TOOL,
    gathered,
    signed,
)

HOSTILE = "..\N{FULLWIDTH SOLIDUS}passwd \x1b[2J"
GUID = "72d3162e"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a service that verified a release with one good and one unsigned asset; `root.json` beside."""
    folder = tmp_path_factory.mktemp("kept")
    sigstore = LocalSigstore.create(NOW - timedelta(minutes=5))
    (folder / "root.json").write_bytes(sigstore.trusted_root_json())
    asyncio.run(verified(folder, sigstore))
    return folder


async def verified(folder: Path, sigstore: LocalSigstore) -> None:
    url = f"sqlite:///{folder / 'hephaestus.db'}"
    migrate(url)
    database = Database(url)
    ledger = SqlLedger(database, FrozenClock(NOW))
    delivery = delivery_of(APP, DeliveryId(GUID), Source.GITHUB, "release", b"{}", NOW)
    await ledger.accept(delivery)
    pair = Routed("release_verification", Lane.GATE, Target(SUBJECT, REPOSITORY))
    await ledger.route(delivery, "published", [pair], NOW)
    (job,) = await ledger.admit(NOW, 10, 10)
    await ledger.start(job, NOW)
    published = signed(sigstore)
    published.files[HOSTILE] = OTHER
    evidence = await gathered(published, offline_verifier(folder / "root.json"), folder)
    made = plan.make(RELEASE_VERIFICATION, evidence, RELEASE_VERIFICATION.decide(evidence))
    await ledger.commit_plan(job, made)
    await ledger.finish(job, NOW)
    await database.close()


def run(kept: Path, *arguments: str) -> Result:
    return CliRunner(env={"HEPHAESTUS_DATA_DIR": str(kept)}).invoke(release, [*arguments])


def printed(kept: Path) -> list[str]:
    return run(kept, "receipts", "octo/tool", "v1.0.0").stdout.splitlines()


def judged(kept: Path, tmp_path: Path, content: str, *more: str) -> Result:
    file = tmp_path / "receipt.json"
    file.write_text(content, encoding="utf-8")
    return CliRunner().invoke(
        release,
        ["verify", "--receipt", str(file), "--trusted-root", str(kept / "root.json"), "--json", *more],
    )


def test_a_release_has_a_receipt_for_each_asset_by_its_tag_and_by_its_delivery(kept: Path) -> None:
    by_tag, by_delivery = printed(kept), run(kept, "receipts", GUID)
    assert [json.loads(each)["asset"]["name"] for each in by_tag] == ["tool", HOSTILE]
    assert by_delivery.exit_code == 0
    assert by_delivery.stdout.splitlines() == by_tag


def test_files_of_receipts_lie_where_they_are_asked_for_whatever_the_assets_are_called(
    kept: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run(kept, "receipts", "octo/tool", "v1.0.0", "--out", str(out)).exit_code == 0
    names = sorted(each.name for each in out.iterdir())
    assert [name.split("-")[0] for name in names] == ["_passwd_2J", "tool"]
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("arguments", [("octo/tool", "v9"), ("unknown",), ("octo/tool",), (GUID, "v1.0.0")])
def test_what_is_not_there_is_wrong_usage(kept: Path, arguments: tuple[str, ...]) -> None:
    assert run(kept, "receipts", *arguments).exit_code == 2


def test_receipts_of_another_app_are_not_meant(kept: Path) -> None:
    assert run(kept, "receipts", "octo/tool", "v1.0.0", "--app", "h/1").exit_code == 2


def test_a_third_party_comes_to_the_same_with_the_artifact_in_hand(kept: Path, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_bytes(TOOL)
    result = judged(kept, tmp_path, printed(kept)[0], "--artifact", str(tool))
    said = json.loads(result.stdout)
    assert (result.exit_code, said["same"], said["outcome"]) == (0, True, "verified")
    assert said["signers"] == [IDENTITY.san]
    assert said["versions"]["verifier"]["now"].startswith("sha256:")


def test_a_refusal_that_comes_out_the_same_is_still_a_refusal(kept: Path, tmp_path: Path) -> None:
    result = judged(kept, tmp_path, printed(kept)[1])
    said = json.loads(result.stdout)
    assert (result.exit_code, said["same"], said["code"]) == (1, True, "UNCOVERED")


def test_all_receipts_of_a_release_are_judged_at_once(kept: Path, tmp_path: Path) -> None:
    result = judged(kept, tmp_path, "\n".join(printed(kept)))
    assert result.exit_code == 1
    assert [json.loads(line)["same"] for line in result.stdout.splitlines()] == [True, True]


def test_another_artifact_is_not_what_the_receipt_is_about(kept: Path, tmp_path: Path) -> None:
    result = judged(kept, tmp_path, printed(kept)[0], "--digest", f"sha256:{'a' * 64}")
    assert result.exit_code == 1
    assert "the receipt is about" in json.loads(result.stdout)["differences"][0]


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("", ()),
        ("{}", ()),
        ("{}\n{}", ("--digest", f"sha256:{'a' * 64}")),
        ("{}", ("--artifact", "/nowhere")),
        ("{}", ("--digest", "md5:1")),
        ("{}", ("--identity", "somebody")),
    ],
)
def test_what_cannot_be_judged_is_wrong_usage(
    kept: Path, tmp_path: Path, content: str, more: tuple[str, ...]
) -> None:
    assert judged(kept, tmp_path, content, *more).exit_code == 2


SAME = ReplayedReceipt(
    repository="octo/tool",
    tag="v1",
    commit="1" * 40,
    asset="tool",
    sha256="a" * 64,
    outcome=Said.VERIFIED,
    code="VERIFIED",
    grade="provenance-verified",
    signers=("somebody",),
    differences=(),
    undecided=(),
    roots=(("b" * 64,), ("b" * 64,)),
    versions=(("sigstore", "4.5.1", "4.5.1"),),
)


@pytest.mark.parametrize(
    ("replayed", "code"),
    [
        (SAME, 0),
        (replace(SAME, outcome=Said.REJECTED), 1),
        (replace(SAME, outcome=Said.UNSUPPORTED), 3),
        (replace(SAME, differences=("it is not",)), 1),
        (replace(SAME, undecided=("nobody knows",)), 3),
        (replace(SAME, undecided=("nobody knows",), differences=("it is not",)), 1),
    ],
)
def test_the_exit_code_says_what_the_receipt_says_only_where_that_is_so(
    replayed: ReplayedReceipt, code: int
) -> None:
    assert exit_code(replayed) == code


def test_people_are_told_who_signed_what_differs_and_which_root_and_program_it_was() -> None:
    told = replace(
        SAME,
        differences=("it is not",),
        undecided=("nobody knows",),
        roots=(("b" * 64,), ("c" * 64,)),
        versions=(("sigstore", "4.5.1", "5.0"), ("verifier", "", "x")),
    )
    text = as_text(told)
    assert text.startswith(f"different: tool (sha256:{'a' * 64}) of octo/tool v1: verified VERIFIED")
    for line in (
        "must have been signed by somebody",
        "different: it is not",
        "undecided: nobody knows",
        f"trusted root then sha256:{'b' * 64}; now sha256:{'c' * 64}",
        "sigstore was 4.5.1, is 5.0",
        "verifier was unknown, is x",
    ):
        assert f"\n  {line}" in text
