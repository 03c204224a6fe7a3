"""Where in the policy file a release was refused: the lines that asked for what is not there. Pure."""

from __future__ import annotations

from app.domain.effects import Annotation, AnnotationLevel
from handlers.release_verification.judgement import Judgement
from handlers.release_verification.models import ReleaseEvidence
from handlers.release_verification.verdicts import AssetVerdict, Standing

SECTION = "release_verification"
SHOWN_NAMES = 10
SIGNED_WRONG = frozenset(
    {
        "IDENTITY",
        "ISSUER",
        "SOURCE_REPO",
        "REF",
        "SOURCE_DIGEST",
        "TAG_MOVED",
        "TRIGGER",
        "CLAIM",
        "PREDICATE",
    }
)


def refused_lines(evidence: ReleaseEvidence, judgement: Judgement) -> tuple[Annotation, ...]:
    """The mistakes in the file; else each line that refused an asset, with the assets."""
    broken = evidence.policy.broken
    if broken is not None:
        if broken.repository:
            return ()  # another repository's file has no lines here
        return tuple(
            Annotation(
                broken.path, error.line, error.line, AnnotationLevel.FAILURE, f"{error.path}: {error.message}"
            )
            for error in evidence.policy.errors
        )
    source = evidence.policy.source
    if source is None or source.repository:
        return ()
    refusing: dict[int, list[AssetVerdict]] = {}
    for each in judgement.assets:
        line = line_of(evidence, each) if each.standing in {Standing.REFUSED, Standing.UNDECIDED} else None
        if line is not None:
            refusing.setdefault(line, []).append(each)
    level = AnnotationLevel.WARNING if evidence.policy.is_informational else AnnotationLevel.FAILURE
    return tuple(
        Annotation(source.path, line, line, level, _message(found), "Refused by this line")
        for line, found in sorted(refusing.items())
    )


def line_of(evidence: ReleaseEvidence, verdict: AssetVerdict) -> int | None:
    """The line of the signers for who signed, else that of the rule that asked for evidence, else the section's."""
    lines = dict(evidence.policy.lines)
    rule = "assets" if verdict.rule is None else f"assets.{verdict.rule}"
    wanted = ("signers",) if verdict.code in SIGNED_WRONG else (rule, "assets")
    for path in wanted:
        if line := lines.get(f"{SECTION}.{path}"):
            return line
    return lines.get(SECTION)


def _message(found: list[AssetVerdict]) -> str:
    shown = [f"{each.asset.name[:100]!r}: {each.code.value}" for each in found[:SHOWN_NAMES]]
    more = len(found) - len(shown)
    return "\n".join((*shown, *((f"and {more} more",) if more > 0 else ())))
