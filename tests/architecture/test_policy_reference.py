"""docs/reference/policy-file.md and release-policy.md list every key of both files, as the models have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.config.schema import file_schema, organisation_schema
from handlers.builtin import ORGANISATIONS, SECTIONS

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE, RELEASES = REFERENCE / "policy-file.md", REFERENCE / "release-policy.md"
BEGIN, END = (
    "<!-- Made from the models; --update-golden writes it again. -->\n",
    "<!-- End of what is made. -->\n",
)
MANY = 12
PLAIN = {"OrganisationGate": "QualityGate", "OrganisationRelease": "ReleaseVerification"}
"""The sections whose keys those of the organisation's file have, too."""


def keys(schema: dict[str, Any]) -> str:
    """A heading and a table for each kind of mapping, from the file's own keys down."""
    definitions = schema["$defs"]
    parts = [table("The file", schema)]
    parts += [table(name, definitions[name]) for name in reached(schema, definitions)]
    return "\n".join(parts)


def reached(schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """The kinds of mappings in the order in which a reader meets them."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:  # noqa: ANN401 (JSON)
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in found and "properties" in definitions[name]:
                found[name] = None
                walk(definitions[name])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(schema["properties"])
    return list(found)


def table(name: str, schema: dict[str, Any]) -> str:
    """The keys of one mapping."""
    required = schema.get("required", [])
    rows = [row(key, each, is_required=key in required) for key, each in schema["properties"].items()]
    lead = " ".join(schema.get("description", "").split())
    return "\n".join(
        (f"### {name}", "", lead, "", "| Key | Value | Default | Meaning |", "|---|---|---|---|", *rows, "")
    )


def row(key: str, schema: dict[str, Any], *, is_required: bool) -> str:
    """One key."""
    default = json.dumps(schema["default"], ensure_ascii=False) if schema.get("default") is not None else ""
    shown = "required" if is_required else f"`{default}`" if default and len(default) < 60 else ""
    meaning = " ".join(schema.get("description", "").split())
    return f"| `{key}` | {value(schema)} | {shown} | {meaning.replace('|', '&#124;')} |"


def value(schema: dict[str, Any]) -> str:
    """What a key takes, in words."""
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = dict.fromkeys(value(each) for each in schema[several] if each.get("type") != "null")
            return " or ".join(kinds)
    return named(schema) or typed(schema)


def named(schema: dict[str, Any]) -> str:
    """A value that is one of some words, or of a kind of its own."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    if name:
        return f"[{name}](#{name.lower()})" if name != "Mode" else "`off`, `observe`, `explain`, `propose`"
    words = [f"`{each}`" for each in schema.get("enum", [schema["const"]] if "const" in schema else [])]
    return ", ".join(words) if len(words) <= MANY else "one of a list, see the schema"


def typed(schema: dict[str, Any]) -> str:
    """A value of a plain kind."""
    kind = schema.get("type")
    if kind == "array":
        return f"list of {value(schema.get('items', {}))}"
    if kind == "object":
        patterns: dict[str, dict[str, Any]] = schema.get("patternProperties", {})
        inner = schema.get("additionalProperties") or next(iter(patterns.values()), {})
        return f"mapping of names to {value(inner)}"
    if schema.get("format") == "date":
        return "a day"
    return {"integer": "whole number", "boolean": "`true` or `false`"}.get(str(kind), "text")


def made() -> str:
    """The made part of the page."""
    organisation = organisation_schema(SECTIONS, ORGANISATIONS)
    more = {
        name: definition
        for name, definition in organisation["$defs"].items()
        if name.startswith("Organisation") or name.endswith("Minimum")
    }
    plain = file_schema(SECTIONS)
    floors = []
    for name, definition in more.items():
        known = plain["$defs"].get(PLAIN.get(name, name.removeprefix("Organisation")), {})
        gates = plain["$defs"]["Gates"] if name == "Minimum" else {}
        shared = {**known.get("properties", {}), **gates.get("properties", {})}
        own = {key: each for key, each in definition["properties"].items() if key not in shared}
        floors.append(table(name, {**definition, "properties": own, "required": []}))
    return (
        f"{BEGIN}\n{keys(plain)}\n## More keys of the organisation's file\n\n"
        + "\n".join(floors)
        + f"\n{END}"
    )


def made_of_releases() -> str:
    """The made part of the page about releases: its section, and what a floor says of it."""
    organisation = organisation_schema(SECTIONS, ORGANISATIONS)["$defs"]
    plain = file_schema(SECTIONS)["$defs"]
    section = {"properties": {"release_verification": {"$ref": "#/$defs/ReleaseVerification"}}}
    tables = [table(name, plain[name]) for name in reached(section, plain)]
    tables.append(table("ReleaseMinimum", organisation["ReleaseMinimum"]))
    return f"{BEGIN}\n" + "\n".join(tables) + f"\n{END}"


@pytest.mark.parametrize(("page", "making"), [(PAGE, made), (RELEASES, made_of_releases)])
def test_the_page_lists_every_key(
    request: pytest.FixtureRequest, page: Path, making: Callable[[], str]
) -> None:
    text, keys_now = page.read_text(encoding="utf-8"), making()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if request.config.getoption("--update-golden"):
        page.write_text(f"{before}{keys_now}{after}", encoding="utf-8")
    assert keys_now in page.read_text(encoding="utf-8")
