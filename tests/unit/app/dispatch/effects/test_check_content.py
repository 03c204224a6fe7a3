from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.effects.check_content import content
from app.domain.effects import Annotation, AnnotationLevel, CheckButton, CheckStatus
from app.ports.github_writer import CheckRunDraft
from app.testing.writer_rules import check_draft
from tests.unit.app.dispatch.effects.samples import check

columns = st.none() | st.integers(-2, 500)
any_annotation = st.builds(
    Annotation,
    path=st.text(max_size=20),
    start_line=st.integers(-5, 50),
    end_line=st.integers(-5, 50),
    level=st.sampled_from(AnnotationLevel),
    message=st.text() | st.just("é" * 40_000),
    title=st.text() | st.just("t" * 300),
    start_column=columns,
    end_column=columns,
    raw_details=st.text() | st.just("é" * 40_000),
)


@given(st.lists(any_annotation, max_size=20))
def test_no_annotation_that_is_sent_is_one_that_github_refuses(found: list[Annotation]) -> None:
    effect = replace(check(), annotations=tuple(found))
    words = content(effect)
    check_draft(
        CheckRunDraft(
            effect.name,
            effect.head_sha,
            effect.status,
            effect.conclusion,
            "",
            words.title,
            words.summary,
            words.text,
            words.annotations,
            words.buttons,
        )
    )


def annotated(annotation: Annotation) -> Annotation:
    (sent,) = content(replace(check(), annotations=(annotation,))).annotations
    return sent


PLACE = Annotation("a.py", 3, 3, AnnotationLevel.NOTICE, "here", start_column=5, end_column=2)


def test_columns_are_kept_in_order_on_a_single_line() -> None:
    sent = annotated(PLACE)
    assert (sent.start_column, sent.end_column) == (5, 5)


def test_columns_over_several_lines_are_left_out() -> None:
    sent = annotated(replace(PLACE, end_line=4))
    assert (sent.start_column, sent.end_column) == (None, None)


def test_a_line_before_the_first_is_the_first() -> None:
    sent = annotated(replace(PLACE, start_line=0, end_line=-3))
    assert (sent.start_line, sent.end_line) == (1, 1)


def test_a_path_from_the_root_is_made_relative_and_an_empty_one_left_out() -> None:
    assert annotated(replace(PLACE, path="/src/a.py")).path == "src/a.py"
    assert content(replace(check(), annotations=(replace(PLACE, path="/"),))).annotations == ()


def test_buttons_are_three_with_words_that_fit_and_identifiers_that_arrive_whole() -> None:
    good = CheckButton("Accept the evidence as it is", "d" * 50, "accept")
    cut_off = CheckButton("Broken", "its click could not be understood", "i" * 21)
    effect = replace(check(), buttons=(cut_off, good, good, good, good))
    assert content(effect).buttons == (CheckButton("Accept the evidence…", "d" * 39 + "…", "accept"),) * 3


def test_a_check_run_in_progress_has_no_buttons() -> None:
    effect = replace(check(status=CheckStatus.IN_PROGRESS), buttons=(CheckButton("A", "b", "c"),))
    assert content(effect).buttons == ()


def test_the_digest_changes_with_every_word() -> None:
    told = {
        content(effect).digest
        for effect in (check(), check(1), check(2), check(summary="No."), replace(check(), name="Other"))
    }
    assert len(told) == 5
