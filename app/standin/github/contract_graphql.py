"""GraphQL half of the contract check: documents, variables and data against GitHub's public schema."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema

    from app.standin.github.exchange import Exchange

_TEXT_LIMIT = 300


class GraphQLDescription:
    """GitHub's GraphQL schema as a judge of exchanges with ``POST /graphql``; built at first use (0.6 s)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _schema(self) -> GraphQLSchema:
        # Imported here: only a checked run pays for it.
        from graphql import build_schema

        return build_schema(self._path.read_text("utf-8"), assume_valid=True)

    def request_faults(self, exchange: Exchange) -> list[str]:
        """What is wrong with the document or its variables, one short text each."""
        from graphql import GraphQLError, parse, validate

        try:
            body = json.loads(exchange.body)
            document = parse(body["query"])
        except (ValueError, KeyError, TypeError) as exc:
            return [f"a body that is not a GraphQL request: {type(exc).__name__}"]
        except GraphQLError as exc:
            return [f"a document that does not parse: {exc.message}"[:_TEXT_LIMIT]]
        faults = [error.message[:_TEXT_LIMIT] for error in validate(self._schema, document)]
        return faults or self._variable_faults(document, body)

    def _variable_faults(self, document: DocumentNode, body: dict[str, Any]) -> list[str]:
        """validate() does not look at the variables' values: coerce them against their declarations too."""
        from graphql import OperationDefinitionNode
        from graphql.execution.values import get_variable_values

        name = body.get("operationName")
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        chosen = [o for o in operations if name is None or (o.name is not None and o.name.value == name)]
        if len(chosen) != 1:
            return [f"{len(chosen)} operations to run, not 1 (operationName {name!r})"]
        values = get_variable_values(
            self._schema, chosen[0].variable_definitions or (), body.get("variables") or {}
        )
        return [error.message[:_TEXT_LIMIT] for error in values] if isinstance(values, list) else []

    def answer_faults(self, exchange: Exchange) -> list[str]:
        """What is wrong with the answer: its envelope, or data that the document could not have produced."""
        try:
            body = json.loads(exchange.answer or b"")
        except ValueError:
            return ["a GraphQL answer that is not JSON"]
        if not isinstance(body, dict) or not ({"data", "errors"} & body.keys()):
            return ["a GraphQL answer with neither data nor errors"]
        faults = [
            "an error without a message"
            for error in body.get("errors", ())
            if not isinstance(error, dict) or not isinstance(error.get("message"), str)
        ]
        if "errors" not in body:
            faults += self._data_faults(exchange, body["data"])
        return faults

    def _data_faults(self, exchange: Exchange, data: Any) -> list[str]:  # noqa: ANN401 - any JSON
        """Runs the document over the answered data, which brings out wrong nulls, lists and leaves."""
        from graphql import ExecutionResult, execute, parse

        request = json.loads(exchange.body)
        result = execute(
            self._schema,
            parse(request["query"]),
            root_value=data,
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
            field_resolver=_by_response_key,
            type_resolver=_by_typename,
        )
        if not isinstance(result, ExecutionResult):
            return ["the document could not be run over the data"]
        return [f"{error.path}: {error.message}"[:_TEXT_LIMIT] for error in result.errors or ()]


def _by_response_key(source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:  # noqa: ANN401 - graphql-core's form
    """The value that was answered under the field's alias, or under its name."""
    return source.get(info.path.key) if isinstance(source, dict) else None


def _by_typename(value: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> str | None:  # noqa: ANN401 - graphql-core's form
    """The object type of a value in an abstract place: its ``__typename``, else the type that was asked for."""
    from graphql import InlineFragmentNode, is_object_type

    if isinstance(value, dict) and isinstance(value.get("__typename"), str):
        return str(value["__typename"])
    for node in info.field_nodes:
        for selection in node.selection_set.selections if node.selection_set else ():
            if isinstance(selection, InlineFragmentNode) and selection.type_condition:
                name = selection.type_condition.name.value
                if is_object_type(info.schema.get_type(name)):
                    return name
    possible = info.schema.get_possible_types(abstract)
    return possible[0].name if possible else None
