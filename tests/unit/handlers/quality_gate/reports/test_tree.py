"""Which file of the repository a report means."""

from __future__ import annotations

import pytest

from handlers.quality_gate.reports.tree import Located, Tree

TREE = Tree(("utils.py", "src/shop/cart.py", "vendor/shapes/area.go", "one/a.py", "two/a.py"))


@pytest.mark.parametrize("name", ["utils.py", "./utils.py", "/home/runner/work/shop/shop/utils.py"])
def test_a_name_that_is_the_path_below_the_checkout_is_exact(name: str) -> None:
    assert TREE.locate(name) == Located("utils.py", is_exact=True)


def test_what_a_longer_name_has_in_front_is_told() -> None:
    assert TREE.locate("/app/src/shop/cart.py") == Located("src/shop/cart.py", cut="app")


def test_a_shorter_name_is_the_one_file_that_ends_so() -> None:
    assert TREE.locate("shop/cart.py") == Located("src/shop/cart.py")
    assert TREE.locate("a.py") == Located(None, ("one/a.py", "two/a.py"))


@pytest.mark.parametrize(
    "name",
    [
        ".venv/lib/python3.12/site-packages/other/utils.py",
        "/usr/lib/python3/dist-packages/utils.py",
        "node_modules/left/src/shop/cart.py",
        "vendor/github.com/other/utils.py",
    ],
)
def test_what_is_installed_is_not_the_repositorys(name: str) -> None:
    assert TREE.locate(name) == Located(None)


def test_what_the_repository_itself_has_in_such_a_folder_is() -> None:
    assert TREE.locate("/build/vendor/shapes/area.go") == Located("vendor/shapes/area.go", cut="build")
