"""A change is held against what its base was found to have, from a push to the verdict on a pull request."""

from __future__ import annotations

from app.cli.demo_world import CI
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from tests.acceptance.conftest import Running
from tests.acceptance.process import quiet
from tests.acceptance.tenants import Commit

CONFIG = ".github/hephaestus.yml"
SOURCE, OTHER = "anvil/strike.py", "anvil/forge.py"
POLICY = """version: 1
quality_gate:
  gates:
    coverage: {total: ">= 50%", drop: "<= 1pt", diff: ">= 90%"}
    tests: {max_test_drop: 10%}
"""
BODY = "".join(f"line_{number} = {number}\n" for number in range(1, 11))


def cobertura(**files: tuple[int, int]) -> bytes:
    """A report by module of `anvil`, as (covered, valid)."""
    classes = "".join(
        f'<class name="{name}" filename="anvil/{name}.py"><lines>'
        + "".join(f'<line number="{n}" hits="{int(n <= covered)}"/>' for n in range(1, valid + 1))
        + "</lines></class>"
        for name, (covered, valid) in files.items()
    )
    return (
        f"<coverage><packages><package><classes>{classes}</classes></package></packages></coverage>".encode()
    )


def junit(tests: int) -> bytes:
    """That many tests, all of which passed."""
    cases = "".join(f'<testcase classname="t" name="test_{n}"/>' for n in range(tests))
    return f'<testsuites><testsuite name="unit">{cases}</testsuite></testsuites>'.encode()


def reports(coverage: bytes, tests: int = 10) -> dict[str, dict[str, bytes]]:
    return {"coverage": {"coverage.xml": coverage}, "junit": {"junit.xml": junit(tests)}}


async def a_measured_base(everything: Running) -> None:
    """The default branch with the policy and two modules, and the reports of its push: 19 of 20 lines, 10 tests."""
    repository = everything.world.repository
    sha = repository.commit("main", {CONFIG: POLICY, SOURCE: BODY, OTHER: BODY}, "Ask for more")
    jobs, files = [PlannedJob("test", "success")], reports(cobertura(strike=(10, 10), forge=(9, 10)))
    complete_run(repository, CI, sha, jobs, files, event="push", head_branch="main")
    await quiet(everything.world, everything.settings)


async def said_of(everything: Running, one: Commit, files: dict[str, dict[str, bytes]]) -> tuple[str, str]:
    """Conclusion and summary, without escapes, of our check after its CI succeeded with these reports."""
    one.propose()
    one.report(files, "success")
    await quiet(everything.world, everything.settings)
    mine = [
        event.payload["check_run"]
        for event in everything.world.github.events
        if event.name == "check_run"
        and event.payload["check_run"]["head_sha"] == one.sha
        and event.payload["check_run"]["app"]["id"] == everything.world.app.id
    ]
    return mine[-1]["conclusion"], mine[-1]["output"]["summary"].replace("\\", "")


def changed(everything: Running, files: dict[str, bytes | str | None]) -> Commit:
    repository = everything.world.repository
    return Commit(repository, "topic", repository.commit("topic", files, "Change"))


async def test_a_change_that_keeps_what_the_base_has_is_green(everything: Running) -> None:
    await a_measured_base(everything)
    topic = changed(everything, {SOURCE: f"{BODY}line_11 = 11\n"})
    conclusion, summary = await said_of(everything, topic, reports(cobertura(strike=(11, 11), forge=(9, 10))))
    assert conclusion == "success", summary
    assert "100.00 % (1 of 1 added line)" in summary
    assert "95.00 % (19 of 20 lines) at the base" in summary


async def test_a_drop_is_red_with_both_numbers(everything: Running) -> None:
    await a_measured_base(everything)
    topic = changed(everything, {"tests/test_t.py": "# nothing is tested any more\n"})
    conclusion, summary = await said_of(everything, topic, reports(cobertura(strike=(5, 10), forge=(9, 10))))
    assert conclusion == "failure"
    assert "70.00 % (14 of 20 lines), 95.00 % (19 of 20 lines) at the base" in summary


async def test_uncovered_added_lines_are_named(everything: Running) -> None:
    await a_measured_base(everything)
    topic = changed(everything, {SOURCE: f"{BODY}line_11 = 11\nline_12 = 12\n"})
    conclusion, summary = await said_of(
        everything, topic, reports(cobertura(strike=(10, 12), forge=(10, 10)))
    )
    assert conclusion == "failure"
    assert "2 more covered added lines needed, any of anvil/strike.py:11-12" in summary


async def test_a_file_that_left_the_report_is_missed(everything: Running) -> None:
    await a_measured_base(everything)
    topic = changed(everything, {SOURCE: f"{BODY}line_11 = 11\n"})
    conclusion, summary = await said_of(everything, topic, reports(cobertura(strike=(11, 11))))
    assert conclusion == "failure"
    assert "that no report names now: anvil/forge.py" in summary


async def test_tests_that_went_away_are_missed(everything: Running) -> None:
    await a_measured_base(everything)
    topic = changed(everything, {SOURCE: f"{BODY}line_11 = 11\n"})
    files = reports(cobertura(strike=(11, 11), forge=(9, 10)), tests=5)
    conclusion, summary = await said_of(everything, topic, files)
    assert conclusion == "failure"
    assert "5 tests (50.00 %) of the 10" in summary
