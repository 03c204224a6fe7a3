"""`hephaestus logs` and `hephaestus signatures` as public interfaces: keys, streams, exit codes."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import click
from click.testing import CliRunner, Result

from app.cli import logs, signatures
from handlers.remediation.checks import check
from handlers.remediation.matcher import classify_file
from handlers.remediation.playbooks import signatures as shipped

SHUTDOWN = (
    "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped, "
    "or a manually started runner is canceled."
)


def run(group: click.Group, *arguments: object) -> Result:
    tools = {
        logs.logs: logs.Tools(lambda: nullcontext(classify_file)),
        signatures.signatures: signatures.Tools(shipped, check),
    }
    return CliRunner().invoke(group, [str(each) for each in arguments], obj=tools[group])


def test_a_known_failure_is_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"hello\n{SHUTDOWN}\n")
    result = run(logs.logs, "classify", tmp_path / "a.log", "--json")
    document = json.loads(result.stdout)
    assert list(document) == ["file", "signature", "matches", "bytes", "seconds"]
    assert (document["signature"], document["bytes"]) == ("infra.runner-shutdown", len(SHUTDOWN) + 7)
    assert document["matches"] == [
        {
            "signature": "infra.runner-shutdown",
            "line": 2,
            "text": SHUTDOWN,
            "zone": "output",
            "captures": {},
            "source": "",
        }
    ]
    assert result.exit_code == 0


def test_an_unreadable_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("all well\n")
    result = run(logs.logs, "classify", tmp_path / "absent", tmp_path / "a.log", "--json")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["code"] == "log.unreadable"
    assert second["signature"] is None
    assert result.exit_code == 2


def test_text_for_people_goes_to_standard_error(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{SHUTDOWN}\n")
    result = run(logs.logs, "classify", tmp_path / "a.log")
    assert result.stdout == ""
    assert "a.log: infra.runner-shutdown\n  1: infra.runner-shutdown (output): ##[error]The" in result.stderr


def test_the_list_has_one_object_a_signature() -> None:
    result = run(signatures.signatures, "list", "--json")
    first = json.loads(result.stdout.splitlines()[0])
    assert list(first) == ["signature", "title", "remedy", "risk", "mode"]
    assert first["signature"] == "gha.artifact-deprecated"
    assert (first["remedy"], first["mode"]) == ("edit", "propose")
    assert len(result.stdout.splitlines()) == len(shipped())


def test_one_signature_is_shown_with_its_cause() -> None:
    result = run(signatures.signatures, "show", "infra.runner-shutdown", "--json")
    assert json.loads(result.stdout)["cause"].startswith("The machine went away")
    assert (
        "cause: The machine went away" in run(signatures.signatures, "show", "infra.runner-shutdown").stderr
    )


def test_an_unknown_signature_is_wrong_usage() -> None:
    result = run(signatures.signatures, "show", "no.such")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "signatures list" in result.stderr


def test_shipped_playbooks_are_in_order() -> None:
    result = run(signatures.signatures, "check", "--json")
    assert result.exit_code == 0
    assert all(json.loads(line)["ok"] for line in result.stdout.splitlines())


def test_a_playbook_that_is_not_in_order_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "playbook.yml").write_text("schema: 1\n")
    result = run(signatures.signatures, "check", tmp_path)
    assert result.exit_code == 1
    assert "mine: not in order" in result.stderr
    assert "id: Field required" in result.stderr


def test_a_folder_without_playbooks_is_wrong_usage(tmp_path: Path) -> None:
    assert run(signatures.signatures, "check", tmp_path).exit_code == 2
