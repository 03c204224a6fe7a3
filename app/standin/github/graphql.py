"""`POST /graphql`: a document of the part of GitHub's schema that Apps like ours use, executed field by field.

Whether the document is valid is the contract check's matter, which has GitHub's schema; here an unknown field is an
error in GitHub's form. Failures are answered with 200 and `errors`, as GitHub does.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from graphql import GraphQLSyntaxError, OperationDefinitionNode, OperationType, parse

from app.standin.github import answers, auth
from app.standin.github.answers import answer
from app.standin.github.call import Call, needed_text, text
from app.standin.github.graphql_commit import MUTATIONS, PAYLOADS
from app.standin.github.graphql_execution import Execution, FieldError, Node
from app.standin.github.graphql_fields import FIELDS
from app.standin.github.records import Json

ALL_FIELDS = {**FIELDS, **PAYLOADS, "Mutation": MUTATIONS}


def routes() -> list[web.RouteDef]:
    """The one route of GraphQL."""
    return [web.post("/graphql", auth.as_anyone(execute))]


async def execute(call: Call) -> web.Response:
    """Data and errors of one operation."""
    if call.caller.kind in {"anonymous", "app"}:
        raise answers.Refusal(401, "This endpoint requires you to be authenticated.")
    body = await call.body()
    try:
        document = parse(needed_text(body, "query"))
    except GraphQLSyntaxError as exc:
        return answer({"errors": [{"message": exc.message, "locations": _places(exc)}]})
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    name = text(body, "operationName")
    chosen = [o for o in operations if name in {None, o.name.value if o.name else None}]
    if len(chosen) != 1:
        return answer({"errors": [{"message": "An operation name is required"}]})
    return answer(_run(call, Execution(call, document, ALL_FIELDS), chosen[0], body.get("variables") or {}))


def _places(exc: GraphQLSyntaxError) -> list[dict[str, int]]:
    return [{"line": place.line, "column": place.column} for place in exc.locations or []]


def _run(
    call: Call, execution: Execution, operation: OperationDefinitionNode, variables: dict[str, Any]
) -> Json:
    root = "Mutation" if operation.operation is OperationType.MUTATION else "Query"
    try:
        execution.take_variables(operation, variables)
        data = execution.select(Node(root, call), operation.selection_set, [])
    except FieldError as exc:
        # A document that does not fit the schema is refused as a whole, without data.
        return {"errors": [exc.as_json()]}
    found: Json = {"data": data}
    if execution.errors:
        found["errors"] = [error.as_json() for error in execution.errors]
    return found
