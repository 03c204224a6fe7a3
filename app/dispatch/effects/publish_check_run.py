"""The effect `PublishCheckRun`: one visible check run per commit and name, its annotations sent once each.

1. Nothing changed since the last applied effect with this key, and nobody asked for a run: no request at all.
2. GitHub appends the annotations of a PATCH and never removes one. So the run of the last effect is changed only if its
   annotations are the first ones of the new content; otherwise a new run takes its place, as it does for a completed run that
   is open again.
3. Annotations go in batches of 50. Before the first request the cursor says that requests begin; from then on each attempt
   asks GitHub how many annotations are there. The external id (digest of content and of the run it follows) finds the run again.
4. Where another effect began after the last applied one and never ended, its run is looked for and takes the new content,
   even an old one that comes back: what GitHub shows is not known.
5. A new run is completed by its last batch: nobody sees a verdict without its annotations.

Source: github-platform rules on checks; issue 2 section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.dispatch.effects.check_content import Content, content
from app.dispatch.effects.outcome import Applied, Cursor, Outcome, Progress, digest, number_of, text_of
from app.domain.effects import CheckStatus, PublishCheckRun
from app.ports.github_writer import CheckRunDraft, GitHubWriter

BATCH = 50


@dataclass(frozen=True, slots=True)
class _Run:
    """The check run to write to: None is a new one; the first `sent` annotations are there."""

    id: int | None
    sent: int
    open: bool
    settled: bool = False


async def publish_check_run(effect: PublishCheckRun, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Publishes the check run, or finishes what an earlier attempt began."""
    words = content(effect)
    last, abandoned = progress.previous, progress.abandoned
    is_known = abandoned is None and not effect.asked
    if is_known and last is not None and text_of(last, "digest") == words.digest:
        return Applied(dict(last))
    # A content that comes back after another (A, B, A) must not find the first A: the run it follows is part of the id.
    follows = [text_of(abandoned, "external_id")] if abandoned is not None else []
    external_id = text_of(progress.cursor, "external_id") or digest(
        words.digest, number_of(last, "check_run_id"), *follows
    )
    run = await _begun(effect, writer, progress.cursor, words, external_id)
    if run is None:
        run = await _left(effect, writer, abandoned) or await _fresh(effect, writer, last, words)
        await progress.save({"external_id": external_id, "status": effect.status.value})
    while not run.settled:
        run = await _send(effect, writer, progress, words, run, external_id=external_id)
    return Applied(
        {
            "check_run_id": run.id or 0,
            "external_id": external_id,
            "digest": words.digest,
            "annotations": len(words.annotations),
            "annotations_digest": words.annotations_digest(len(words.annotations)),
            "status": effect.status.value,
        }
    )


async def _begun(
    effect: PublishCheckRun, writer: GitHubWriter, cursor: Cursor, words: Content, external_id: str
) -> _Run | None:
    """What an earlier attempt got done; None where it did not begin, or its first request never arrived."""
    if not cursor:
        return None
    found = await writer.find_check_run(effect.head_sha, effect.name, external_id)
    known_id, known_sent = number_of(cursor, "check_run_id"), number_of(cursor, "sent")
    if found is None and not known_id:
        return None
    run_id, there = found or (known_id, known_sent)
    sent = max(there, known_sent)  # a list that lags behind must not make us repeat a batch that was answered
    return _Run(run_id, sent, open=True, settled=sent >= len(words.annotations))


async def _left(effect: PublishCheckRun, writer: GitHubWriter, abandoned: Cursor | None) -> _Run | None:
    """The run of an effect that never ended, or a new one above it; None where there is no such run."""
    if abandoned is None:
        return None
    found = await writer.find_check_run(effect.head_sha, effect.name, text_of(abandoned, "external_id"))
    if found is None:
        return None
    run_id, sent = found
    was_open = text_of(abandoned, "status") == CheckStatus.IN_PROGRESS
    if sent or (effect.status is CheckStatus.IN_PROGRESS and not was_open):
        return _Run(None, 0, open=True)
    return _Run(run_id, 0, open=was_open)


async def _fresh(effect: PublishCheckRun, writer: GitHubWriter, last: Cursor | None, words: Content) -> _Run:
    """The last effect's run if this content can follow in it; else a new one."""
    run_id, sent = number_of(last, "check_run_id"), number_of(last, "annotations")
    was_open = text_of(last, "status") == CheckStatus.IN_PROGRESS
    new = _Run(None, 0, open=True)
    if not run_id or (effect.status is CheckStatus.IN_PROGRESS and not was_open):
        return new
    if sent > len(words.annotations) or words.annotations_digest(sent) != text_of(last, "annotations_digest"):
        return new
    if sent < len(words.annotations):
        # An effect that was refused half-way may have appended to this run: then its external id is another.
        found = await writer.find_check_run(effect.head_sha, effect.name, text_of(last, "external_id"))
        if found != (run_id, sent):
            return new
    return _Run(run_id, sent, open=was_open)


async def _send(
    effect: PublishCheckRun,
    writer: GitHubWriter,
    progress: Progress,
    words: Content,
    run: _Run,
    *,
    external_id: str,
) -> _Run:
    """One request: the next batch, with the verdict if it is the last."""
    batch = words.annotations[run.sent : run.sent + BATCH]
    sent = run.sent + len(batch)
    settled = sent == len(words.annotations)
    say_verdict = settled or not run.open
    draft = CheckRunDraft(
        name=effect.name,
        head_sha=effect.head_sha,
        status=effect.status if say_verdict else CheckStatus.IN_PROGRESS,
        conclusion=effect.conclusion if say_verdict else None,
        external_id=external_id,
        title=words.title,
        summary=words.summary,
        text=words.text,
        annotations=batch,
        buttons=words.buttons if say_verdict else (),
    )
    await progress.fence()
    run_id = run.id
    if run_id is None:
        run_id = await writer.create_check_run(draft)
    else:
        await writer.update_check_run(run_id, draft)
    if not settled:
        known = (("external_id", external_id), ("status", effect.status.value))
        await progress.save({**dict(known), "check_run_id": run_id, "sent": sent})
    return _Run(run_id, sent, open=run.open, settled=settled)
