"""What a project requires and the lock file beside it lacks."""

from __future__ import annotations

import pytest

from handlers.quality_gate.declarations import read_files
from handlers.quality_gate.declarations.unlocked import unlocked

LOCK = """version = 1
[[package]]
name = "requests"
version = "2.1"
source = {registry = "x"}
"""


def lacking(project: str, lock: str = "uv.lock", text: str = LOCK) -> tuple[str, ...]:
    """What the lock lacks of a project, both in one folder."""
    return tuple(name for each in unlocked({"pyproject.toml": project, lock: text}) for name in each.names)


@pytest.mark.parametrize("lock", ["uv.lock", "poetry.lock"])
def test_what_was_added_and_not_locked_is_named_also_without_a_version(lock: str) -> None:
    project = '[project]\nname = "p"\ndependencies = ["Requests>=2", "urllib3>=3", "flask"]\n'
    assert lacking(project, lock) == ("urllib3 >=3", "flask")


@pytest.mark.parametrize("lock", ["uv.lock", "poetry.lock"])
def test_extras_are_locked_and_the_project_itself_need_not_be(lock: str) -> None:
    project = (
        '[project]\nname = "p"\n[project.optional-dependencies]\nweb = ["starlette"]\nall = ["P[web]"]\n'
    )
    assert lacking(project, lock) == ("starlette",)


@pytest.mark.parametrize("lock", ["uv.lock", "poetry.lock"])
def test_what_holds_under_a_marker_only_may_be_left_out(lock: str) -> None:
    assert lacking("[project]\ndependencies = [\"colorama>=1; sys_platform == 'win32'\"]\n", lock) == ()


def test_uv_locks_groups_and_what_they_include_is_no_requirement() -> None:
    project = '[dependency-groups]\ndev = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]\n'
    assert lacking(project) == ("pytest", "ruff")
    assert lacking(project, "poetry.lock") == ()


@pytest.mark.parametrize("key", ["override-dependencies", "exclude-dependencies"])
def test_what_uv_is_told_to_change_may_be_left_out(key: str) -> None:
    project = "[project]\ndependencies = ['a', 'b']\n"
    assert lacking(project + f"[tool.uv]\n{key} = [\"a; sys_platform == 'never'\"]\n") == ("b",)


def test_a_project_that_uv_does_not_manage_has_no_lock_of_it() -> None:
    assert lacking("[project]\ndependencies = ['a']\n[tool.uv]\nmanaged = false\n") == ()


def test_poetry_locks_its_tables_but_for_python_and_what_has_conditions() -> None:
    project = """[tool.poetry]
name = "p"
[tool.poetry.dependencies]
python = "^3.11"
requests = "*"
flask = {version = "^3", optional = true}
colorama = {version = "*", markers = "sys_platform == 'win32'"}
tomli = [{version = "1", python = "<3.11"}, {version = "2", python = ">=3.11"}]
setuptools = "*"
[tool.poetry.group.dev.dependencies]
pytest = "^8"
"""
    assert lacking(project, "poetry.lock") == ("flask", "pytest")
    assert lacking(project) == ()


def test_a_lock_of_another_folder_is_of_another_project() -> None:
    project = "[project]\ndependencies = ['a']\n"
    assert unlocked({"libs/a/pyproject.toml": project, "uv.lock": LOCK}) == ()
    assert [each.lock for each in unlocked({"b/pyproject.toml": project, "b/uv.lock": LOCK})] == ["b/uv.lock"]


def test_members_of_a_workspace_are_in_the_lock_without_a_version() -> None:
    lock = LOCK + '[[package]]\nname = "member"\nsource = {editable = "libs/member"}\n'
    assert lacking("[project]\ndependencies = ['member', 'requests']\n", text=lock) == ()


def test_a_file_that_is_no_toml_says_nothing_of_what_is_locked() -> None:
    found = read_files(
        (("pyproject.toml", b"[project]\ndependencies = ['a']\n"), ("uv.lock", b"<<<<<<< HEAD\n"))
    )
    assert (found.unlocked, len(found.problems)) == ((), 1)
