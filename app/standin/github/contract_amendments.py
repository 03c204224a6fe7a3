"""Where GitHub's description of its API is known to be wrong, or its part at hand ends: mended before it is used.

Each amendment says what GitHub does instead and how that is known. None widens a schema further than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def amend(document: Node) -> None:
    """Changes an OpenAPI description in place; one that no longer has a mistake is left alone."""
    _installations_have_one_account(document)
    _bundles_are_null(document)
    _created_is_a_search(document)
    _branches_are_listed(document)


def _installations_have_one_account(document: Node) -> None:
    """`GET /app/installations` wants `account` to be a user *and* an enterprise at once, which nothing is.

    Every recorded answer of GitHub itself fails there; the schema `installation` elsewhere says `anyOf`.
    """
    described = document["paths"].get("/app/installations", {}).get("get", {})
    for node in _objects(described.get("responses", {})):
        account = (
            node.get("properties", {}).get("account") if isinstance(node.get("properties"), dict) else None
        )
        if isinstance(account, dict) and "allOf" in account:
            account["anyOf"] = account.pop("allOf")


def _bundles_are_null(document: Node) -> None:
    """Listings of attestations have answered `bundle: null` since 2026-07-16; described is an object, always."""
    for path, item in document["paths"].items():
        if "/attestations/" in path:
            for described in item.values():
                for node in _objects(described.get("responses", {}) if isinstance(described, dict) else {}):
                    if "dsseEnvelope" in node.get("properties", ()) and node.get("type") == "object":
                        node["nullable"] = True


def _created_is_a_search(document: Node) -> None:
    """`created` of workflow runs is described as a date-time, while what it takes is a range: `>=2026-11-01`.

    https://docs.github.com/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax
    """
    for parameter in document.get("components", {}).get("parameters", {}).values():
        if parameter.get("name") == "created" and parameter.get("in") == "query":
            parameter.get("schema", {}).pop("format", None)


def _branches_are_listed(document: Node) -> None:
    """The part of the description at hand has one branch, and not the list of all, whose entries are shorter.

    https://docs.github.com/rest/branches/branches#list-branches
    """
    names = [("owner", "path", "string"), ("repo", "path", "string"), ("protected", "query", "boolean")]
    names += [("per_page", "query", "integer"), ("page", "query", "integer")]
    text, truth = {"type": "string"}, {"type": "boolean"}
    commit = {"type": "object", "required": ["sha", "url"], "properties": {"sha": text, "url": text}}
    entry = {
        "type": "object",
        "required": ["name", "commit", "protected"],
        "properties": {"name": text, "commit": commit, "protected": truth},
    }
    listed = {"application/json": {"schema": {"type": "array", "items": entry}}}
    described = {
        "parameters": [
            {"name": name, "in": place, "required": place == "path", "schema": {"type": kind}}
            for name, place, kind in names
        ],
        "responses": {"200": {"description": "Response", "content": listed}},
    }
    if "/repos/{owner}/{repo}/branches/{branch}" in document["paths"]:
        document["paths"].setdefault("/repos/{owner}/{repo}/branches", {"get": described})


def _objects(node: object) -> Iterator[Node]:
    """Every JSON object at or below a node."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)
