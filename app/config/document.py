"""YAML from strangers as plain values, each with its place in the text.

No aliases, no tags, no key twice, bounded size, depth and number of values: a configuration needs none of these, and a
parser differential or a bomb does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.ports.policies import ConfigError

MAX_BYTES = 256 * 1024
TOO_LARGE = ConfigError(1, 1, "", f"the file is larger than {MAX_BYTES // 1024} KiB")
MAX_DEPTH = 20
MAX_NODES = 20_000
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
TAG = "tag:yaml.org,2002:"
TEXT_TAGS = frozenset({"str", "timestamp", "float"})
"""A number with a point stays text: what it means is for the section that reads it, exactly."""
Path = tuple[str | int, ...]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, and where each is written: line and column from 1; a mapping's value is placed at its key."""

    value: Any
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Where `path` is written, or the nearest thing that contains it."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))


@dataclass(eq=False)
class BadDocument(Exception):
    """The one thing that keeps a text from being a document."""

    error: ConfigError


def parse_document(raw: bytes) -> Document:
    """The document in `raw`; raises `BadDocument`."""
    if len(raw) > MAX_BYTES:
        raise BadDocument(TOO_LARGE)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused((1, 1), (), "the file is not UTF-8 text") from None
    try:
        _check_events(text)
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _at(mark) if mark else (1, 1)
        raise _refused(place, (), f"not YAML: {error.problem or 'cannot be read'}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _refused((1, 1), (), f"not YAML: {str(error).splitlines()[0][:200]}") from error
    places: dict[Path, Place] = {(): (1, 1)}
    value = None if node is None else _value(node, (), places)
    return Document(value, places)


def _check_events(text: str) -> None:
    """Refuses before anything is built; the events come from a state machine that does not recurse."""
    depth = nodes = documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        name = type(event).__name__
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise _refused(
                _at(event.start_mark), (), "anchors and aliases are not allowed: write the value again"
            )
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(_at(event.start_mark), (), "only one YAML document is allowed")
        if isinstance(event, NodeEvent):
            nodes += 1
        depth += name.endswith("StartEvent") - name.endswith("EndEvent")
        if depth > MAX_DEPTH + 2 or nodes > MAX_NODES:
            raise _refused(_at(event.start_mark), (), "nested too deeply, or too many values")


def _value(node: Node, path: Path, places: dict[Path, Place]) -> Any:  # noqa: ANN401 (a YAML value; the sections type it)
    if isinstance(node, MappingNode):
        return _mapping(node, path, places)
    if isinstance(node, SequenceNode) and str(node.tag) == f"{TAG}seq":
        items = []
        for index, item in enumerate(node.value):
            places[*path, index] = _at(item.start_mark)
            items.append(_value(item, (*path, index), places))
        return items
    if isinstance(node, ScalarNode):
        return _scalar(node, path)
    raise _refused(_at(node.start_mark), path, "tags are not allowed")


def _mapping(node: MappingNode, path: Path, places: dict[Path, Place]) -> dict[str, Any]:
    if str(node.tag) != f"{TAG}map":
        raise _refused(_at(node.start_mark), path, "tags are not allowed")
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = _at(key_node.start_mark)
        if not isinstance(key_node, ScalarNode) or str(key_node.tag) != f"{TAG}str":
            raise _refused(place, path, "keys must be text; put it in quotes")
        key = key_node.value
        if key in values:
            raise _refused(place, (*path, key), "this key is written twice")
        places[*path, key] = place
        values[key] = _value(value_node, (*path, key), places)
    return values


def _scalar(node: ScalarNode, path: Path) -> str | int | bool | None:
    tag = str(node.tag).removeprefix(TAG)
    text: str = node.value
    if tag in TEXT_TAGS:
        return text
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int" and INTEGER.fullmatch(text):
        return int(text)
    message = "write whole numbers in decimal digits" if tag == "int" else "tags are not allowed"
    raise _refused(_at(node.start_mark), path, message)


def dotted(path: Path) -> str:
    """`quality_gate.producers.cov` or `release_verification.signers.0`."""
    return ".".join(str(part) for part in path)


def _at(mark: StreamMark) -> Place:
    return mark.line + 1, mark.column + 1


def _refused(place: Place, path: Path, message: str) -> BadDocument:
    return BadDocument(ConfigError(*place, dotted(path), message))
