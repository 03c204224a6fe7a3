"""A small executor of parsed GraphQL: selections, fragments, aliases, variables, `@include` and `@skip`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.utilities import value_from_ast_untyped

from app.standin.github.call import Call
from app.standin.github.records import Json

Arguments = dict[str, Any]
Resolver = Callable[[Call, Any, Arguments], Any]
Fields = Mapping[str, Mapping[str, Resolver]]

INTERFACES = {
    "GitObject": {"Commit", "Tree", "Blob", "Tag"},
    "Actor": {"User", "Organization", "Bot"},
    "RepositoryOwner": {"User", "Organization"},
    "Node": {"Repository", "PullRequest", "Ref", "Commit"},
}


@dataclass(frozen=True, slots=True)
class Node:
    """An object of a GraphQL type."""

    type: str
    value: Any


class Failure(Exception):
    """What a resolver raises: an error of GitHub's with its type (NOT_FOUND, FORBIDDEN, STALE_DATA, UNPROCESSABLE)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class FieldError(Exception):
    """An entry of `errors`."""

    def __init__(self, message: str, path: list[str | int], place: FieldNode | None, **more: Any) -> None:  # noqa: ANN401 -- JSON
        super().__init__(message)
        self.path, self.more = path, more
        loc = place.loc if place is not None else None
        start = None if loc is None else loc.source.get_location(loc.start)
        self.locations = [] if start is None else [{"line": start.line, "column": start.column}]

    def as_json(self) -> Json:
        """The entry as it goes over the wire."""
        return {**self.more, "path": self.path, "locations": self.locations, "message": str(self)}


@dataclass(slots=True)
class Execution:
    """One operation being executed; `errors` collects the failures of resolvers."""

    call: Call
    document: DocumentNode
    fields: Fields
    variables: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def take_variables(self, operation: OperationDefinitionNode, given: dict[str, Any]) -> None:
        """Takes the variables and their defaults. Raises: FieldError for one that is missing."""
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name in given:
                self.variables[name] = given[name]
            elif definition.default_value is not None:
                self.variables[name] = value_from_ast_untyped(definition.default_value)
            if isinstance(definition.type, NonNullTypeNode) and self.variables.get(name) is None:
                raise FieldError(f"Variable ${name} was provided invalid value", [name], None)

    def select(self, node: Node, selections: SelectionSetNode, path: list[str | int]) -> Json:
        """The selected fields of an object. Raises: FieldError for a field that its type does not have."""
        found: Json = {}
        for one in self._collected(node, selections):
            key = one.alias.value if one.alias else one.name.value
            found[key] = self._field(node, one, [*path, key])
        return found

    def _collected(self, node: Node, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for one in selections.selections:
            if not self._wanted(one):
                continue
            if isinstance(one, FieldNode):
                yield one
                continue
            fragment = one if isinstance(one, InlineFragmentNode) else self._fragment(one)
            condition = fragment.type_condition.name.value if fragment.type_condition else node.type
            if condition == node.type or node.type in INTERFACES.get(condition, ()):
                yield from self._collected(node, fragment.selection_set)

    def _fragment(self, spread: Any) -> FragmentDefinitionNode:  # noqa: ANN401 -- the union's last member
        assert isinstance(spread, FragmentSpreadNode)  # noqa: S101 -- fields and inline fragments are handled
        for one in self.document.definitions:
            if isinstance(one, FragmentDefinitionNode) and one.name.value == spread.name.value:
                return one
        raise FieldError(f"Fragment {spread.name.value} was used, but not defined", [], None)

    def _wanted(self, one: Any) -> bool:  # noqa: ANN401 -- any selection
        for directive in one.directives or ():
            arguments = {
                a.name.value: value_from_ast_untyped(a.value, self.variables) for a in directive.arguments
            }
            if bool(arguments.get("if")) != (directive.name.value == "include"):
                return False
        return True

    def _field(self, node: Node, one: FieldNode, path: list[str | int]) -> Any:  # noqa: ANN401 -- any JSON
        name = one.name.value
        if name == "__typename":
            return node.type
        resolver = self.fields.get(node.type, {}).get(name)
        if resolver is None:
            extensions = {"code": "undefinedField", "typeName": node.type, "fieldName": name}
            raise FieldError(
                f"Field '{name}' doesn't exist on type '{node.type}'", path, one, extensions=extensions
            )
        arguments = {
            a.name.value: value_from_ast_untyped(a.value, self.variables) for a in one.arguments or ()
        }
        try:
            value = resolver(self.call, node.value, arguments)
        except KeyError as missing:
            raise FieldError(
                f"Field '{name}' is missing required arguments: {missing.args[0]}", path, one
            ) from missing
        except Failure as failure:
            self.errors.append(FieldError(str(failure), path, one, type=failure.kind))
            return None
        return self._completed(value, one, path)

    def _completed(self, value: Any, one: FieldNode, path: list[str | int]) -> Any:  # noqa: ANN401 -- any JSON
        if isinstance(value, list):
            return [self._completed(each, one, [*path, index]) for index, each in enumerate(value)]
        if not isinstance(value, Node):
            return value
        if one.selection_set is None:
            raise FieldError(f"Field must have selections (field '{one.name.value}')", path, one)
        return self.select(value, one.selection_set, path)
