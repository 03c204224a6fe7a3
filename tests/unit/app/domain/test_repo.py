from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind

APP_KEYS = st.text(st.characters(exclude_characters="|", codec="utf-8"), min_size=1).map(AppKey)


@given(APP_KEYS, st.integers(min_value=1), st.sampled_from(SubjectKind), st.text())
def test_a_subject_is_read_back_from_its_key(
    app_key: AppKey, repository: int, kind: SubjectKind, ident: str
) -> None:
    subject = Subject(app_key, RepositoryId(repository), kind, ident)
    assert Subject.from_key(subject.key) == subject


@pytest.mark.parametrize("key", ["", "a|1|sha", "a|x|sha|b", "a|1|planet|b"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Subject.from_key(key)


def test_the_subject_of_a_commit_names_it() -> None:
    subject = Subject(AppKey("h/1"), RepositoryId(1), SubjectKind.SHA, "a" * 40)
    assert subject.sha == CommitSha("a" * 40)


def test_a_repository_is_shown_by_owner_and_name() -> None:
    assert Repository(RepositoryId(1), "octo", "tool", InstallationId(2)).full_name == "octo/tool"
