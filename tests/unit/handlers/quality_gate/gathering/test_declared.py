"""Which files are read for declared versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.domain.pulls import FileContent
from app.errors import InvalidInput
from handlers.quality_gate.gathering.declared import MAX_BYTES, MAX_FILES, paths_of, unlisted
from handlers.quality_gate.section.gates import DriftGate
from tests.unit.handlers.quality_gate.commit import DEFAULT, SHA, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import evidence_of

GATE = DriftGate()
PLAIN = "version: 1\nquality_gate:\n  gates: {tests: {}}\n"


def test_a_name_means_the_root_and_a_glob_its_folder() -> None:
    tree = ("libs/a/pyproject.toml", "pyproject.toml", "requirements/dev.lock", "requirements/deep/x.txt")
    assert paths_of(GATE, tree) == ("pyproject.toml", "requirements/dev.lock")


def test_without_a_tree_only_names_are_asked_for() -> None:
    assert paths_of(GATE, None) == ("pyproject.toml", "uv.lock")


async def test_the_files_of_the_commit_are_read(tmp_path: Path) -> None:
    text = '[project]\ndependencies = ["ruff==0.14.1"]\n'
    github = AtGitHub(
        tmp_path,
        [Run()],
        DEFAULT,
        paths=("pyproject.toml", "uv.lock"),
        files={("pyproject.toml", SHA): text, ("uv.lock", SHA): "#" * (MAX_BYTES + 1)},
    )
    declared = (await evidence_of(github)).declared
    assert declared is not None
    assert [(each.tool, each.path, each.line) for each in declared.entries] == [("ruff", "pyproject.toml", 2)]
    assert declared.problems == ("uv.lock is larger than 256 KiB",)


class TooLarge(AtGitHub):
    """Gives no file of this name, since it is larger than GitHub's limit."""

    name = "uv.lock"

    async def file(self, path: str, ref: str) -> FileContent | None:
        if path == self.name:
            raise InvalidInput("github.file_too_large", f"{path} is larger than the 1 MiB that GitHub gives")
        return await super().file(path, ref)


async def test_a_file_that_github_does_not_give_is_a_problem_of_the_gate_and_no_failure_of_ours(
    tmp_path: Path,
) -> None:
    github = TooLarge(tmp_path, [Run()], DEFAULT, paths=("pyproject.toml", "uv.lock"))
    github.everywhere["pyproject.toml"] = "[project]\n"
    declared = (await evidence_of(github)).declared
    assert declared is not None
    assert declared.problems == ("uv.lock is larger than the 1 MiB that GitHub gives",)


async def test_more_files_than_are_read_are_a_problem(tmp_path: Path) -> None:
    paths = tuple(f"requirements/{number}.txt" for number in range(MAX_FILES + 1))
    github = AtGitHub(tmp_path, [Run()], DEFAULT, paths=paths)
    declared = (await evidence_of(github)).declared
    assert declared is not None
    assert declared.problems == ("more than 10 files fit drift.files; name fewer",)


async def test_without_the_gate_nothing_is_read(tmp_path: Path) -> None:
    assert (await evidence_of(AtGitHub(tmp_path, [Run()], PLAIN))).declared is None


async def test_where_not_all_files_are_listed_patterns_are_a_problem_and_names_are_read(
    tmp_path: Path,
) -> None:
    text = '[project]\ndependencies = ["ruff==0.14.1"]\n'
    github = AtGitHub(tmp_path, [Run()], DEFAULT, files={("pyproject.toml", SHA): text})
    github.paths = None
    declared = (await evidence_of(github)).declared
    assert declared is not None
    assert [each.tool for each in declared.entries] == ["ruff"]
    (problem,) = declared.problems
    assert problem == (
        "GitHub does not list all files, so none is found by requirements*.txt, requirements/*.txt, "
        "requirements/*.lock: name each file in drift.files"
    )


def test_names_alone_need_no_list() -> None:
    assert unlisted(DriftGate(files=("pyproject.toml",))) == []


@pytest.mark.parametrize("name", ["package.json", "web/package.json", "Cargo.lock", "Pipfile", "go.mod"])
def test_a_file_that_nobody_can_read_is_refused_with_those_that_can(name: str) -> None:
    with pytest.raises(
        ValidationError, match=r"cannot be read for versions; what can: pyproject\.toml, uv\.lock"
    ):
        DriftGate(files=(name,))


@pytest.mark.parametrize(
    "name", ["*/pyproject.toml", "requirements/*", "dev-requirements.txt", "a.lock", "**"]
)
def test_what_may_be_read_is_taken(name: str) -> None:
    assert DriftGate(files=(name,)).files == (name,)
