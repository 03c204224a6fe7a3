"""`hephaestus config` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from pydantic import BaseModel

from app.cli.config import Tools, config
from app.config.loader import parse_sections
from app.config.schema import file_schema
from handlers.quality_gate.section import QualityGate

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
TOOLS = Tools(lambda raw: parse_sections(raw, SECTIONS).errors, lambda: file_schema(SECTIONS))


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
    assert set(document["properties"]) == {"version", "use", "quality_gate"}
    assert document["additionalProperties"] is False
