"""The contract check finds what is not GitHub's, and leaves alone what is."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from app.standin.github.contract import Contract
from app.standin.github.contract_amendments import amend
from app.standin.github.contract_rest import fold
from app.standin.github.exchange import Exchange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"
NOT_FOUND = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}


def exchange(
    method: str,
    path: str,
    *,
    sent: object = None,
    status: int = 200,
    answered: object = None,
    **more: Any,  # noqa: ANN401 - several optional fields
) -> Exchange:
    return Exchange(
        method=method,
        path=path,
        query=more.get("query", ()),
        headers={"content-type": "application/json", **more.get("headers", {})},
        body=b"" if sent is None else json.dumps(sent).encode(),
        status=status,
        answer_headers={"content-type": "application/json; charset=utf-8", **more.get("answer_headers", {})},
        answer=b"" if answered is None else json.dumps(answered).encode(),
    )


@pytest.fixture
def contract(corpus: Path) -> Contract:
    check = Contract()
    check.use(corpus)
    return check


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        (f"{BASE}/contents/a/b.py", f"{BASE}/contents/a%2Fb.py"),
        (f"{BASE}/git/ref/heads/fix/one", f"{BASE}/git/ref/heads%2Ffix%2Fone"),
        (f"{BASE}/compare/main...fix/one", f"{BASE}/compare/main...fix%2Fone"),
        (f"{BASE}/commits/fix/one/check-runs", f"{BASE}/commits/fix%2Fone/check-runs"),
        (f"{BASE}/pulls/1/files", f"{BASE}/pulls/1/files"),
    ],
)
def test_slashes_inside_a_parameter_are_folded(path: str, folded: str) -> None:
    assert fold(path) == folded


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", f"{BASE}/releases/latest", "/repos/{owner}/{repo}/releases/latest"),
        ("GET", f"{BASE}/releases/7", "/repos/{owner}/{repo}/releases/{release_id}"),
        ("GET", f"{BASE}/contents/a/b/c", "/repos/{owner}/{repo}/contents/{path}"),
        ("GET", f"{BASE}/releases/tags/v1/rc", "/repos/{owner}/{repo}/releases/tags/{tag}"),
    ],
)
def test_a_path_finds_its_operation(contract: Contract, method: str, path: str, template: str) -> None:
    assert contract.rest is not None
    found = contract.rest.operation(method, path)
    assert found is not None
    assert found.template == template


@pytest.mark.corpus
def test_a_wrong_enum_in_a_request_that_was_accepted_is_a_deviation(contract: Contract) -> None:
    annotation = {
        "path": "a", "start_line": 1, "end_line": 1, "annotation_level": "error", "message": "m"
    }  # fmt: skip
    output = {"title": "t", "summary": "s", "annotations": [annotation]}
    sent = {"name": "gate", "head_sha": "0" * 40, "output": output}
    verdict = contract.judge(exchange("POST", f"{BASE}/check-runs", sent=sent, status=201, answered={}))
    assert verdict.name == "deviation"
    assert any(d.side == "request" and "'error'" in d.what for d in verdict.deviations)


@pytest.mark.corpus
def test_more_than_fifty_annotations_are_a_deviation(contract: Contract) -> None:
    one = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    output = {"title": "t", "summary": "s", "annotations": [one] * 51}
    sent = {"name": "gate", "head_sha": "0" * 40, "output": output}
    verdict = contract.judge(exchange("POST", f"{BASE}/check-runs", sent=sent, status=201, answered={}))
    assert [d for d in verdict.deviations if d.side == "request" and "too long" in d.what]


@pytest.mark.corpus
def test_a_wrong_request_that_was_refused_is_no_deviation(contract: Contract) -> None:
    refused = exchange("POST", f"{BASE}/check-runs", sent={"name": "gate"}, status=422, answered=NOT_FOUND)
    verdict = contract.judge(refused)
    assert (verdict.name, verdict.deviations) == ("refused", ())


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ((("perpage", "10"),), "unknown query parameter 'perpage'"),
        ((("per_page", "500"),), "per_page=500, the most is 100"),
        ((("per_page", "abc"),), "'abc'"),
    ],
)
def test_a_mistyped_query_is_a_deviation(
    contract: Contract, query: tuple[tuple[str, str], ...], complaint: str
) -> None:
    verdict = contract.judge(exchange("GET", f"{BASE}/pulls", query=query, answered=[]))
    assert complaint in " ".join(d.what for d in verdict.deviations)


@pytest.mark.corpus
def test_an_unknown_body_field_and_api_version_are_deviations(contract: Contract) -> None:
    sent = {"title": "t", "head": "a", "base": "b", "lables": []}
    headers = {"x-github-api-version": "2021-01-01"}
    verdict = contract.judge(exchange("POST", f"{BASE}/pulls", sent=sent, status=201, headers=headers))
    whats = [d.what for d in verdict.deviations]
    assert "unknown body field 'lables'" in whats
    assert "unknown X-GitHub-Api-Version '2021-01-01'" in whats


@pytest.mark.corpus
def test_an_answer_without_a_needed_field_is_a_deviation_of_the_answer(contract: Contract) -> None:
    verdict = contract.judge(exchange("GET", f"{BASE}/actions/runs", answered={"total_count": 0}))
    assert [(d.side, "workflow_runs" in d.what) for d in verdict.deviations] == [("answer", True)]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "not an object"),
        (b'{"documentation_url": ""}', "message is not a string"),
        (b'{"message": "m"}', "documentation_url is not a string"),
        (b'{"message": "m", "documentation_url": "", "errors": {}}', "errors are not a list"),
    ],
)
def test_an_error_of_another_form_is_a_deviation(contract: Contract, body: bytes, complaint: str) -> None:
    shown = exchange("GET", f"{BASE}/pulls", status=404)
    odd = Exchange("GET", shown.path, (), {}, b"", 404, shown.answer_headers, body)
    assert complaint in " ".join(d.what for d in contract.judge(odd).deviations)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("status", "headers", "answered", "complaint"),
    [
        (202, {}, None, "status 202 is not described"),
        (302, {}, None, "redirect without a Location"),
        (304, {}, {"a": 1}, "304 with a body"),
        (200, {"content-type": "text/plain"}, {}, "not application/json"),
    ],
)
def test_an_answer_outside_the_description_is_a_deviation(
    contract: Contract, status: int, headers: dict[str, str], answered: object, complaint: str
) -> None:
    shown = exchange("GET", f"{BASE}/pulls/1", status=status, answered=answered, answer_headers=headers)
    assert complaint in " ".join(d.what for d in contract.judge(shown).deviations)


@pytest.mark.corpus
def test_a_call_that_no_description_holds_is_outside(contract: Contract) -> None:
    assert contract.judge(exchange("GET", "/gists")).name == "outside"
    assert contract.judge(exchange("DELETE", f"{BASE}/pulls")).name == "outside"


@pytest.mark.corpus
def test_what_a_fault_rule_answered_is_not_judged(contract: Contract) -> None:
    assert contract.judge(exchange("GET", f"{BASE}/pulls", status=502), injected=True).name == "injected"


def test_without_the_descriptions_calls_are_counted_as_not_checked(tmp_path: Path) -> None:
    contract = Contract()
    contract.use(tmp_path)
    assert contract.judge(exchange("GET", f"{BASE}/pulls")).name == "not checked"
    assert contract.judge(exchange("POST", "/graphql")).name == "not checked"
    assert contract.summary() == (
        "contract check: 0 calls, not checked: that takes GitHub's descriptions (--contract DIR) and the package openapi-core"
    )


COMMIT = (
    "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"
)
HEAD = {"repositoryNameWithOwner": "forge/anvil", "branchName": "main"}
GOOD_INPUT = {"branch": HEAD, "message": {"headline": "h"}, "expectedHeadOid": "0" * 40}


def graphql(query: str, variables: object, answered: object) -> Exchange:
    sent = {"query": query, "variables": variables}
    return exchange("POST", "/graphql", sent=sent, answered=answered)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("query", "variables", "answered", "complaint"),
    [
        (COMMIT.replace("oid", "sha"), {"input": GOOD_INPUT}, {"data": {}}, "Cannot query field 'sha'"),
        (COMMIT, {"input": {"branch": HEAD}}, {"data": {}}, "expectedHeadOid"),
        ("query {", {}, {"data": {}}, "does not parse"),
        (COMMIT, {"input": GOOD_INPUT}, {}, "neither data nor errors"),
        ('{ repository(owner: "o", name: "n") { id } }', {}, {"data": {"repository": {"id": None}}}, "non-null"),
        ("query A { viewer { id } } query B { viewer { id } }", {}, {"data": {}}, "2 operations"),
    ],
)  # fmt: skip
def test_a_graphql_call_that_the_schema_forbids_is_a_deviation(
    contract: Contract, query: str, variables: object, answered: object, complaint: str
) -> None:
    verdict = contract.judge(graphql(query, variables, answered))
    assert complaint in " ".join(d.what for d in verdict.deviations)


@pytest.mark.corpus
def test_a_sound_graphql_call_passes(contract: Contract) -> None:
    data = {"createCommitOnBranch": {"commit": {"oid": "1" * 40}}}
    assert contract.judge(graphql(COMMIT, {"input": GOOD_INPUT}, {"data": data})).name == "ok"


@pytest.mark.corpus
def test_data_under_an_alias_and_behind_an_interface_is_followed(contract: Contract) -> None:
    query = '{ node(id: "x") { ... on PullRequest { nr: number headRefName } } }'
    answered = {"data": {"node": {"nr": 7, "headRefName": "fix"}}}
    assert contract.judge(graphql(query, {}, answered)).name == "ok"
    wrong = {"data": {"node": {"nr": "seven", "headRefName": "fix"}}}
    assert contract.judge(graphql(query, {}, wrong)).name == "deviation"


@pytest.mark.corpus
def test_what_github_itself_answered_lately_passes(contract: Contract, corpus: Path) -> None:
    """The check is not stricter than GitHub: real answers since 2024 that the description holds for valid."""
    judged = 0
    recordings = [
        line
        for name in ("hub4j.mit.jsonl", "pygithub.lgpl.jsonl")
        for line in (corpus / "recorded" / name).read_text("utf-8").splitlines()
    ]
    for one in map(json.loads, recordings):
        if not (
            one["real"] and (one["year"] or 0) >= 2024 and one["openapi"] == "ok" and one["status"] < 300
        ):
            continue
        shown = exchange(
            one["method"], one["path"].partition("?")[0], status=one["status"], answered=one["response"]
        )
        assert contract.rest is not None
        operation = contract.rest.operation(shown.method, shown.path)
        assert operation is not None, one["op"]
        assert contract.rest.answer_faults(operation, shown) == [], one["op"]
        judged += 1
    assert judged > 10


@pytest.mark.corpus
async def test_the_server_writes_each_call_into_the_log(world: World) -> None:
    token = await world.token()
    await world.call("GET", f"{BASE}/pulls?state=open", token=token)
    contract = world.github.part(Contract)
    minted, listed = list(contract.calls)[-2:]
    assert (minted.method, minted.caller, minted.verdict) == ("POST", "app hephaestus", "ok")
    assert listed.path == f"{BASE}/pulls?state=open"
    assert listed.caller == f"installation {world.installation.id}"
    assert contract.operations["GET /repos/{owner}/{repo}/pulls"] == 1
    assert contract.summary() == "contract check: 2 calls, 0 deviations, 0 outside"


def test_known_mistakes_of_the_description_are_mended_and_nothing_else() -> None:
    listed: dict[str, Any] = {
        "account": {"nullable": True, "allOf": [{"type": "object"}, {"type": "object"}]}
    }
    bundle: dict[str, Any] = {"type": "object", "properties": {"dsseEnvelope": {"type": "object"}}}
    document: dict[str, Any] = {
        "paths": {
            "/app/installations": {"get": {"responses": {"200": {"schema": {"properties": listed}}}}},
            "/repos/{owner}/{repo}/attestations/{subject_digest}": {
                "get": {"responses": {"200": {"schema": {"properties": {"bundle": bundle}}}}}
            },
            "/other": {"get": {"responses": {"200": {"properties": {"account": {"allOf": []}}}}}},
        }
    }
    other = copy.deepcopy(document["paths"]["/other"])
    amend(document)
    assert listed["account"] == {"nullable": True, "anyOf": [{"type": "object"}, {"type": "object"}]}
    assert bundle["nullable"] is True
    assert document["paths"]["/other"] == other


def test_a_description_without_those_paths_is_left_alone() -> None:
    document: dict[str, Any] = {"paths": {}}
    amend(document)
    assert document == {"paths": {}}
