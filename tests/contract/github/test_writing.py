"""What only the real writer does: tokens with exactly the permissions of an effect, and budgets."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.adapters.github.budgets import CREATIONS_A_MINUTE, CREATIONS_AN_HOUR, Charge
from app.domain.effects import FileChange
from app.domain.ids import CommitSha
from app.errors import AccessDenied
from tests.contract.github.conftest import Client
from tests.contract.github.drafts import draft


async def head(client: Client) -> CommitSha:
    return (await client.reader.default_branch()).sha


async def test_a_text_that_became_empty_disappears(client: Client) -> None:
    writer, sha = client.writer(checks="write"), await head(client)
    made = await writer.create_check_run(replace(draft(sha), text="two gates failed"))
    await writer.update_check_run(made, draft(sha))
    assert client.world.anvil.check_runs[made].text in {None, ""}


async def test_a_created_check_run_is_read_as_ours(client: Client) -> None:
    sha = await head(client)
    made = await client.writer(checks="write").create_check_run(draft(sha))
    (found,) = await client.reader.check_runs(sha)
    assert (found.id, found.app_id, found.external_id) == (made, client.world.app.id, "digest-1")


async def test_a_token_without_the_permission_is_refused(client: Client) -> None:
    sha = await head(client)
    with pytest.raises(AccessDenied):
        await client.writer(issues="write").create_check_run(draft(sha))


async def test_a_permission_that_was_not_granted_cannot_be_had(client: Client) -> None:
    with pytest.raises(AccessDenied):
        await client.writer(administration="write").branch_head("main")


async def creates(client: Client, write: Awaitable[object]) -> bool:
    """Whether a write was charged to the limits of what creates content."""
    await write
    store, earlier = client.github._shared.governor._store, client.world.clock() - timedelta(minutes=1)
    key = f"{client.github.app_key}|installation:{client.repository.installation_id}"
    # Asked for a moment before the write, a budget that was used at all cannot give its whole burst.
    free = [
        await store.take(key, (Charge(one, one.burst),), earlier)
        for one in (CREATIONS_A_MINUTE, CREATIONS_AN_HOUR)
    ]
    return all(one is not None for one in free)


async def test_what_notifies_people_is_charged_to_the_limits_of_creating(client: Client) -> None:
    writer = client.writer(contents="write", pull_requests="write", issues="write", checks="write")
    sha = await head(client)
    await writer.create_branch("fix/five", sha)
    await writer.commit_verified("fix/five", sha, "Add", "", (FileChange("n.py", b"1\n"),))
    assert await creates(
        client, writer.create_pull(title="Fix", body="", head="fix/five", base="main", draft=False)
    )


async def test_a_comment_is_charged_to_the_limits_of_creating(client: Client) -> None:
    client.world.anvil.commit("topic", {"a": "1"}, "Topic")
    pull = client.world.anvil.open_pull("Topic", "topic")
    writer = client.writer(pull_requests="write", issues="write")
    assert await creates(client, writer.create_comment(pull.number, "hello"))


async def test_writes_that_notify_nobody_are_not_charged_to_the_limits_of_creating(client: Client) -> None:
    writer, sha = client.writer(contents="write", checks="write"), await head(client)
    await writer.create_branch("fix/six", sha)
    assert not await creates(client, writer.create_check_run(draft(sha)))
