"""What every writer does, GitHub's and the double that stands for it: refusals have the same codes too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from app.domain.effects import CheckConclusion, CheckStatus, FileChange
from app.domain.ids import CommitSha
from app.domain.pulls import PullRequest
from app.domain.release_marks import ReleaseMarks
from app.errors import Conflict, NotFound, PermanentError
from app.ports.github_writer import CheckRunDraft, EditableRelease, GitHubWriter
from app.standin.github.attestations import add_attestation
from app.standin.github.releases import repository_release
from app.testing.writer import RecordingWriter
from tests.contract.github.conftest import Client
from tests.contract.github.drafts import BUTTON, NOTE, draft
from tests.contract.github.seeds import failed_run
from tests.contract.standin.conftest import World

ABSENT = CommitSha("0" * 40)
ADDED = (FileChange("n.py", b"1\n"),)
EVERYTHING = dict.fromkeys(
    ("actions", "attestations", "checks", "contents", "issues", "pull_requests"), "write"
)
SIGNING = ".github/workflows/sign.yml"
BY_HAND = """\
name: Sign
run-name: Sign ${{ inputs.correlation }}
on:
  workflow_dispatch:
    inputs:
      correlation: {required: true}
jobs: {sign: {}}
"""


@dataclass
class Side:
    """A writer to a repository with the branch `main`.

    `fail` has a run of it fail and gives the run's id, `publish` publishes `v1` and gives the release's id,
    `add_workflow` gives the blob of one that is started by hand, `attest` the id of an attestation.
    """

    writer: GitHubWriter
    main: CommitSha
    app_id: int
    fail: Callable[[], int]
    publish: Callable[[], int]
    add_workflow: Callable[[], str]
    attest: Callable[[], int]

    async def branch(self, name: str) -> CommitSha:
        """A branch with a commit of its own."""
        await self.writer.create_branch(name, self.main)
        return await self.writer.commit_verified(name, self.main, "Add", "", ADDED)

    async def pull(self, name: str) -> PullRequest:
        """A pull request of such a branch."""
        await self.branch(name)
        return await self.writer.create_pull(title="Fix", body="Why", head=name, base="main", draft=False)


def github(client: Client) -> Side:
    main = CommitSha(client.world.anvil.git.ref("refs/heads/main") or "")
    world = client.world
    world.installation.permissions = {**world.installation.permissions, "attestations": "write"}
    return Side(
        client.writer(**EVERYTHING),
        main,
        world.app.id,
        lambda: failed_run(world).id,
        lambda: repository_release(world.anvil, "v1", {"a.txt": "a"}).id,
        lambda: signing(world),
        lambda: add_attestation(world.anvil, b"{}", digests=["sha256:" + "a" * 64], predicate_type="x").id,
    )


def signing(world: World) -> str:
    """A workflow that is started by hand, on the default branch."""
    sha = world.anvil.commit("main", {SIGNING: BY_HAND}, "Sign")
    found = world.anvil.git.entry(sha, SIGNING)
    assert found is not None
    return found.sha


def double() -> Side:
    main, run = CommitSha("a" * 40), 11
    marks = ReleaseMarks("v1", draft=False, prerelease=False, updated_at=datetime(2026, 11, 24, tzinfo=UTC))
    writer = RecordingWriter(
        app_id=7,
        branches={"main": main},
        attempts={run: 1},
        releases={21: EditableRelease(marks, immutable=False)},
    )

    def add_workflow() -> str:
        writer.blobs[SIGNING] = "b" * 40
        return writer.blobs[SIGNING]

    def attest() -> int:
        writer.attestations.add(31)
        return 31

    return Side(writer, main, 7, lambda: run, lambda: 21, add_workflow, attest)


@pytest.fixture(params=["github", "double"])
def side(request: pytest.FixtureRequest) -> Side:
    """GitHub's stand-in behind the adapter, and the double."""
    return double() if request.param == "double" else github(request.getfixturevalue("client"))


async def test_a_check_run_is_created_found_and_annotations_are_appended(side: Side) -> None:
    made = await side.writer.create_check_run(draft(side.main, NOTE))
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") == (made, 1)
    await side.writer.update_check_run(made, draft(side.main, NOTE, NOTE))
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") == (made, 3)
    assert await side.writer.find_check_run(side.main, "gate", "other") is None
    assert await side.writer.find_check_run(side.main, "other", "digest-1") is None


async def test_the_newest_of_two_check_runs_is_found(side: Side) -> None:
    await side.writer.create_check_run(draft(side.main, NOTE))
    newer = await side.writer.create_check_run(draft(side.main))
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") == (newer, 0)


async def test_a_check_run_that_was_completed_can_be_opened_again(side: Side) -> None:
    made = await side.writer.create_check_run(draft(side.main))
    again = replace(draft(side.main), status=CheckStatus.IN_PROGRESS, conclusion=None, buttons=())
    await side.writer.update_check_run(made, replace(again, external_id="digest-2"))
    assert await side.writer.find_check_run(side.main, "gate", "digest-2") == (made, 0)
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") is None


SOUND = draft(ABSENT)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SOUND, annotations=(NOTE,) * 51),
        replace(SOUND, summary="\u00e9" * 40_000),
        replace(SOUND, text="\u00e9" * 40_000),
        replace(SOUND, conclusion=None),
        replace(SOUND, buttons=(BUTTON,) * 4),
        replace(SOUND, annotations=(replace(NOTE, start_line=2),)),
        replace(SOUND, annotations=(replace(NOTE, end_line=2, start_column=1),)),
        replace(SOUND, annotations=(replace(NOTE, title="t" * 256),)),
        replace(SOUND, annotations=(replace(NOTE, raw_details="d" * 70_000),)),
    ],
    ids=[
        "51 annotations",
        "long summary",
        "long text",
        "no verdict",
        "4 buttons",
        "ends before it starts",
        "columns over two lines",
        "long title",
        "long details",
    ],
)
async def test_a_check_run_that_github_would_refuse_is_refused_whole(
    side: Side, wrong: CheckRunDraft
) -> None:
    with pytest.raises(PermanentError) as refused:
        await side.writer.create_check_run(replace(wrong, head_sha=side.main))
    assert refused.value.code == "github.unprocessable"
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") is None


async def test_a_refused_change_leaves_the_check_run_as_it_is(side: Side) -> None:
    made = await side.writer.create_check_run(draft(side.main, NOTE))
    wrong = replace(draft(side.main, *[NOTE] * 51), conclusion=CheckConclusion.FAILURE)
    with pytest.raises(PermanentError):
        await side.writer.update_check_run(made, wrong)
    assert await side.writer.find_check_run(side.main, "gate", "digest-1") == (made, 1)


async def test_a_check_run_that_is_not_there_cannot_be_changed(side: Side) -> None:
    with pytest.raises(NotFound):
        await side.writer.update_check_run(999_999, draft(side.main))


async def test_a_verified_commit_moves_the_branch_once(side: Side) -> None:
    await side.writer.create_branch("fix/one", side.main)
    change = (FileChange("anvil/new.py", b"x = 1\n"), FileChange("README.md", None))
    made = await side.writer.commit_verified("fix/one", side.main, "Add new", "Because.", change)
    assert await side.writer.branch_head("fix/one") == made
    with pytest.raises(Conflict) as stale:
        await side.writer.commit_verified("fix/one", side.main, "Add new", "", change)
    assert stale.value.code == "github.stale_head"


async def test_a_branch_that_is_there_is_a_conflict(side: Side) -> None:
    await side.branch("fix/two")
    with pytest.raises(Conflict) as refused:
        await side.writer.create_branch("fix/two", side.main)
    assert refused.value.code == "github.already_exists"


async def test_a_commit_on_no_branch_becomes_one_when_the_branch_moves_there(side: Side) -> None:
    await side.writer.create_branch("fix/three", side.main)
    executable = (FileChange("run.sh", b"#!/bin/sh\n", "100755"),)
    made = await side.writer.commit_tree(side.main, "Run it", "", executable)
    assert await side.writer.branch_head("fix/three") == side.main
    await side.writer.move_branch("fix/three", made, force=False)
    assert await side.writer.branch_head("fix/three") == made


async def test_a_branch_moves_back_only_by_force_and_then_closes_its_pull_request(side: Side) -> None:
    await side.pull("fix/four")
    with pytest.raises(Conflict) as refused:
        await side.writer.move_branch("fix/four", side.main, force=False)
    assert refused.value.code == "github.not_fast_forward"
    await side.writer.move_branch("fix/four", side.main, force=True)
    assert await side.writer.branch_head("fix/four") == side.main
    assert await side.writer.open_pulls("fix/four") == ()


async def test_a_branch_that_is_not_there_has_no_head_and_does_not_move(side: Side) -> None:
    assert await side.writer.branch_head("absent") is None
    with pytest.raises(NotFound):
        await side.writer.move_branch("absent", side.main, force=True)


async def test_a_pull_request_is_opened_changed_and_not_opened_twice(side: Side) -> None:
    made = await side.pull("fix/five")
    await side.writer.update_pull(made.number, title="Fix it", body="Why not")
    await side.writer.add_labels(made.number, ("bot",))
    await side.writer.add_labels(made.number, ("bot", "ci"))
    (found,) = await side.writer.open_pulls("fix/five")
    assert (found.number, found.title, found.labels) == (made.number, "Fix it", ("bot", "ci"))
    with pytest.raises(Conflict) as refused:
        await side.writer.create_pull(title="Fix", body="", head="fix/five", base="main", draft=False)
    assert refused.value.code == "github.already_exists"


async def test_the_head_of_a_pull_request_follows_its_branch(side: Side) -> None:
    pull = await side.pull("fix/six")
    assert await side.writer.pull_head(pull.number) == pull.head_sha
    top = await side.writer.commit_verified("fix/six", pull.head_sha, "More", "", (FileChange("m", b"2"),))
    assert await side.writer.pull_head(pull.number) == top
    assert await side.writer.pull_head(9_999) is None


@pytest.mark.parametrize("head", ["main", "absent"])
async def test_a_pull_request_with_nothing_to_say_is_refused(side: Side, head: str) -> None:
    with pytest.raises(PermanentError) as refused:
        await side.writer.create_pull(title="Fix", body="", head=head, base="main", draft=False)
    assert refused.value.code == "github.unprocessable"


async def test_a_comment_is_ours_and_can_be_changed(side: Side) -> None:
    number = (await side.pull("fix/seven")).number
    made = await side.writer.create_comment(number, "first")
    other = await side.writer.create_comment(number, "other")
    await side.writer.update_comment(made.id, "second")
    said = [(one.id, one.body, one.author_app_id) for one in await side.writer.comments(number)]
    assert said == [(made.id, "second", side.app_id), (other.id, "other", side.app_id)]


async def test_a_comment_that_is_too_long_is_refused(side: Side) -> None:
    number = (await side.pull("fix/eight")).number
    with pytest.raises(PermanentError) as refused:
        await side.writer.create_comment(number, "c" * 65_537)
    assert refused.value.code == "github.unprocessable"
    assert await side.writer.comments(number) == ()


async def test_a_comment_that_is_not_there_cannot_be_changed(side: Side) -> None:
    with pytest.raises(NotFound):
        await side.writer.update_comment(999_999, "second")


async def test_failed_jobs_run_again_once_while_they_run(side: Side) -> None:
    run = side.fail()
    assert await side.writer.run_attempt(run) == 1
    await side.writer.rerun_failed_jobs(run)
    assert await side.writer.run_attempt(run) == 2
    with pytest.raises(PermanentError) as refused:
        await side.writer.rerun_failed_jobs(run)
    assert refused.value.code == "github.rerun_refused"


async def test_a_run_that_is_not_there_has_no_attempt_and_cannot_run_again(side: Side) -> None:
    assert await side.writer.run_attempt(999_999) is None
    with pytest.raises(NotFound):
        await side.writer.rerun_failed_jobs(999_999)


async def test_a_release_is_marked_and_marked_back(side: Side) -> None:
    number = side.publish()
    before = await side.writer.release(number)
    assert before is not None
    hidden = await side.writer.edit_release(number, draft=False, prerelease=True, latest=False)
    assert await side.writer.release(number) == hidden
    assert (hidden.marks.tag, hidden.marks.draft, hidden.marks.prerelease) == ("v1", False, True)
    shown = await side.writer.edit_release(number, draft=False, prerelease=False, latest=True)
    assert replace(shown.marks, updated_at=None) == replace(before.marks, updated_at=None)


async def test_the_notes_of_a_release_are_replaced_and_nothing_else_of_it(side: Side) -> None:
    number = side.publish()
    before = await side.writer.release(number)
    assert before is not None
    await side.writer.write_notes(number, "# New\n\nIt is faster.")
    after = await side.writer.release(number)
    assert after is not None
    assert after.notes == "# New\n\nIt is faster."
    assert replace(after.marks, updated_at=None) == replace(before.marks, updated_at=None)
    with pytest.raises(NotFound):
        await side.writer.write_notes(999_999, "x")


async def test_a_release_can_become_a_draft_and_be_read_as_one(side: Side) -> None:
    number = side.publish()
    await side.writer.edit_release(number, draft=True, prerelease=False, latest=False)
    found = await side.writer.release(number)
    assert found is not None
    assert found.marks.draft


@pytest.mark.parametrize(
    "marks", [{"draft": True, "prerelease": False}, {"draft": False, "prerelease": True}]
)
async def test_a_draft_or_prerelease_is_not_made_the_latest(side: Side, marks: dict[str, bool]) -> None:
    number = side.publish()
    with pytest.raises(PermanentError) as refused:
        await side.writer.edit_release(number, **marks, latest=True)
    assert refused.value.code == "github.unprocessable"


async def test_a_release_that_is_not_there_is_not_read_and_cannot_be_marked(side: Side) -> None:
    assert await side.writer.release(999_999) is None
    with pytest.raises(NotFound):
        await side.writer.edit_release(999_999, draft=False, prerelease=True, latest=False)


async def test_an_issue_is_opened_changed_closed_and_found_again(side: Side) -> None:
    first = await side.writer.create_issue(title="First", body="one")
    second = await side.writer.create_issue(title="Second", body="two")
    await side.writer.update_issue(first.number, title="First!", body="changed", is_open=False)
    found = await side.writer.newest_issues(10)
    assert [(each.number, each.title, each.is_open) for each in found] == [
        (second.number, "Second", True),
        (first.number, "First!", False),
    ]
    assert await side.writer.issue(first.number) == found[1]
    assert (found[1].body, found[1].author_app_id) == ("changed", side.app_id)
    assert await side.writer.newest_issues(1) == found[:1]


async def test_an_issue_opens_again(side: Side) -> None:
    made = await side.writer.create_issue(title="First", body="one")
    for is_open in (False, True):
        await side.writer.update_issue(made.number, title="First", body="one", is_open=is_open)
        found = await side.writer.issue(made.number)
        assert found is not None
        assert found.is_open is is_open


async def test_a_pull_request_is_no_issue(side: Side) -> None:
    number = (await side.pull("fix/nine")).number
    assert await side.writer.issue(number) is None
    assert await side.writer.newest_issues(10) == ()


async def test_an_issue_that_is_not_there_cannot_be_changed(side: Side) -> None:
    assert await side.writer.issue(999_999) is None
    with pytest.raises(NotFound):
        await side.writer.update_issue(999_999, title="First", body="one", is_open=True)


async def test_a_workflow_is_started_by_hand_and_its_run_is_found_by_its_title(side: Side) -> None:
    blob = side.add_workflow()
    assert await side.writer.blob_at(SIGNING, "main") == blob
    run = await side.writer.dispatch_workflow("sign.yml", "main", {"correlation": "plan-1"})
    assert run is not None
    assert await side.writer.dispatched_run("sign.yml", "plan-1") == run
    assert await side.writer.dispatched_run("sign.yml", "plan-2") is None


async def test_a_workflow_that_is_not_there_is_not_started(side: Side) -> None:
    assert await side.writer.blob_at(SIGNING, "main") is None
    with pytest.raises(NotFound):
        await side.writer.dispatch_workflow("sign.yml", "main", {"correlation": "plan-1"})


async def test_an_attestation_of_an_organisation_is_deleted_once(side: Side) -> None:
    number = side.attest()
    assert await side.writer.is_of_organisation()
    await side.writer.delete_attestation(number)
    with pytest.raises(NotFound):
        await side.writer.delete_attestation(number)
