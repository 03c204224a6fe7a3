"""`hephaestus config` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel

from app.cli.config import Tools, config
from app.config.composing import parse_sections
from app.config.schema import file_schema, organisation_schema
from app.ports.policies import CheckedFile
from handlers.quality_gate.section import QualityGate

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
TOOLS = Tools(
    lambda files: CheckedFile(parse_sections(files.own, SECTIONS).wrong),
    lambda *, organisation: organisation_schema(SECTIONS, {}) if organisation else file_schema(SECTIONS),
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(config, [*map(str, arguments)], obj=TOOLS)


def test_a_valid_file_exits_0(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("version: 1\nuse: default\n", encoding="utf-8")
    result = run("check", tmp_path / "good.yml", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"file": str(tmp_path / "good.yml"), "ok": True, "errors": []}


def test_a_mistake_has_line_column_path_and_message_and_exits_1(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("version: 1\nquality_gate:\n  gaits: {}\n", encoding="utf-8")
    result = run("check", tmp_path / "bad.yml", "--json")
    assert result.exit_code == 1
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout)["errors"] == [
        {"line": 3, "column": 3, "path": "quality_gate.gaits", "message": "unknown key"}
    ]
    assert run("check", tmp_path / "bad.yml").stderr.endswith(
        "bad.yml:3:3: quality_gate.gaits: unknown key\n"
    )


def test_an_unreadable_file_exits_2(tmp_path: Path) -> None:
    result = run("check", tmp_path / "absent.yml", "--json")
    assert (result.exit_code, json.loads(result.stdout)["ok"]) == (2, False)


def test_the_schema_is_printed_as_json() -> None:
    document = json.loads(run("schema").stdout)
    assert document["required"] == ["version"]
    assert set(document["properties"]) == {"version", "use", "extends", "quality_gate"}
    assert document["additionalProperties"] is False


def test_the_organisations_schema_has_floors() -> None:
    document = json.loads(run("schema", "--organisation").stdout)
    assert set(document["properties"]) == {"version", "may_extend", "quality_gate"}


def test_a_file_is_checked_with_what_it_lies_on(tmp_path: Path) -> None:
    files = {
        "own.yml": "version: 1\nextends: o/p\nquality_gate:\n  gates: {tests: {from: ci, min_tests: 2}}\n",
        "shared.yml": "version: 1\nquality_gate: {producers: {ci: {workflow: .github/workflows/ci.yml}}}\n",
        "floor.yml": "version: 1\nquality_gate: {minimum: {tests: {min_tests: 3}}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    own, shared, floor = (tmp_path / name for name in files)
    alone = CliRunner().invoke(config, ["check", str(own), "--json"])
    assert json.loads(alone.stdout)["errors"][0]["path"] == "quality_gate.gates.tests.from"
    assert CliRunner().invoke(config, ["check", str(own), "--shared", str(shared)]).exit_code == 0
    held = CliRunner().invoke(
        config, ["check", str(own), "--shared", str(shared), "--organisation", str(floor), "--json"]
    )
    assert (held.exit_code, json.loads(held.stdout)["errors"]) == (
        1,
        [
            {
                "line": 4,
                "column": 29,
                "path": "quality_gate.gates.tests.min_tests",
                "message": "weaker than the floor in the organisation's file, line 2; tighten it, or leave it out",
            }
        ],
    )


def test_the_organisations_file_is_checked_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "floor.yml").write_text("version: 1\nremediation: {final: [mode]}\n", encoding="utf-8")
    assert CliRunner().invoke(config, ["check", str(tmp_path / "floor.yml")]).exit_code == 1
    assert (
        CliRunner().invoke(config, ["check", str(tmp_path / "floor.yml"), "--as-organisation"]).exit_code == 0
    )


@pytest.mark.parametrize(
    ("text", "hinted"),
    [
        ("version: 1\nquality_gate: {minimum: {tests: {min_tests: 3}}}\n", True),
        ("version: 1\nmay_extend: [o/p]\n", True),
        ("version: 1\nquality_gate: {gaits: {}}\n", False),
    ],
)
def test_the_organisations_keys_in_a_repositorys_file_name_the_option(
    tmp_path: Path, text: str, *, hinted: bool
) -> None:
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(config, ["check", str(tmp_path / "own.yml"), "--json"])
    assert result.exit_code == 1
    assert ("--as-organisation" in result.stderr) is hinted


def test_a_codecov_file_is_imported_and_what_is_not_in_it_is_listed_on_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "codecov.yml"
    file.write_text(
        "coverage:\n  round: down\n  status: {project: {default: {target: 80%}}}\n", encoding="utf-8"
    )
    result = CliRunner().invoke(config, ["import", str(file)])
    assert (result.exit_code, result.stdout) == (
        0,
        'version: 1\nquality_gate:\n  gates:\n    coverage: {total: ">= 80%"}\n',
    )
    assert result.stderr == f"{file}:2: coverage.round: nothing is rounded: exact fractions decide\n"


def test_a_codecov_file_that_decides_nothing_exits_1(tmp_path: Path) -> None:
    file = tmp_path / "codecov.yml"
    file.write_text("coverage: {status: off}\n", encoding="utf-8")
    assert CliRunner().invoke(config, ["import", str(file)]).exit_code == 1


def test_a_note_is_on_standard_error_and_leaves_the_file_valid(tmp_path: Path) -> None:
    file = tmp_path / "t3.yml"
    file.write_text(
        "version: 1\nquality_gate:\n  gates: {tests: {trust: T3}}\n  defaults: {trust: T1}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(config, ["check", str(file), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["errors"]) == (0, [])
    assert result.stderr == (
        f"{file}:3:19: quality_gate.gates.tests.trust: no evidence reaches T3 in this version: a person has to accept the runs "
        "of each commit (a note, no mistake)\n"
    )
