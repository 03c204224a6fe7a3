"""actions/upload-artifact and actions/download-artifact v1 to v3, which GitHub refuses, become v4.

Only the reference after the `@` changes: comments, layout, quoting and line ends stay. Where v4 behaves in a way that the
workflow may rely on not happening, nothing is edited and a person is told.
Source: https://github.com/actions/upload-artifact/blob/main/docs/MIGRATION.md
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import AliasToken

from handlers.remediation.fixes.edit import Edit, Fixed

MAX_WORKFLOW_BYTES = 256 * 1024
USES = re.compile(r"actions/(?P<act>upload|download)-artifact@(?P<ref>\S+)", re.IGNORECASE)
RETIRED = re.compile(r"v[123](\.\d+){0,2}")
COMMIT = re.compile(r"[0-9a-f]{40}")
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that uploads or downloads; `inputs` are those written as plain scalars."""

    node: ScalarNode
    act: str
    ref: str
    inputs: dict[str, str]
    in_matrix: bool

    @property
    def artifact(self) -> str:
        """The artifact's name; the action's default where none is given."""
        return self.inputs.get("name", "artifact")


def fix(content: bytes) -> Fixed:
    """The edit of a workflow file's bytes (UTF-8, at most 256 KiB)."""
    if len(content) > MAX_WORKFLOW_BYTES:
        return Fixed(None, why=f"the workflow file is larger than {MAX_WORKFLOW_BYTES} bytes")
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError:
        return Fixed(None, why="the workflow file is not UTF-8")
    text = whole.removeprefix(BOM)
    try:
        if any(isinstance(token, AliasToken) for token in YAML(pure=True).scan(text)):
            return Fixed(None, why="the workflow uses YAML aliases: one line may stand for several steps")
        steps = tuple(_steps(YAML(pure=True).compose(text)))
        fixed = _fix(text, steps)
    except YAMLError:
        return Fixed(None, why="the workflow file is not valid YAML")
    if fixed.content is None:
        return fixed
    return Fixed(whole[: len(whole) - len(text)] + fixed.content, fixed.edits)


def _fix(text: str, steps: tuple[Step, ...]) -> Fixed:
    retired = [step for step in steps if RETIRED.fullmatch(step.ref)]
    if pinned := [step for step in steps if COMMIT.fullmatch(step.ref)]:
        line = pinned[0].node.start_mark.line + 1
        return Fixed(
            None,
            why=f"line {line} pins the action to a commit: a person must choose the commit of v4, "
            "for uploads and downloads together",
        )
    if not retired:
        return Fixed(
            None, why="the workflow file itself uses no retired artifact action: look into what it calls"
        )
    if reason := _changed_behaviour(steps):
        return Fixed(None, why=reason)
    after, edits = text, []
    for step in sorted(retired, key=lambda each: each.node.start_mark.index, reverse=True):
        start, end = step.node.start_mark.index, step.node.end_mark.index
        before = text[start:end]
        if before.strip("'\"") != step.node.value:
            return Fixed(None, why=f"line {step.node.start_mark.line + 1} is written in an unusual way")
        name = step.node.value.removesuffix(step.ref)
        edits.append(Edit(step.node.start_mark.line + 1, step.node.value, f"{name}v4"))
        after = after[:start] + before.replace(step.node.value, f"{name}v4") + after[end:]
    if _data(after) != _intended(_data(text)):
        return Fixed(None, why="the edit would change more than the artifact actions")
    return Fixed(after, tuple(reversed(edits)))


def _changed_behaviour(steps: tuple[Step, ...]) -> str:
    """What v4 would do otherwise, in words; empty where it is safe."""
    uploads = [step for step in steps if step.act == "upload"]
    for step in uploads:
        if step.in_matrix and "matrix." not in step.artifact and "strategy." not in step.artifact:
            return (
                f"line {step.node.start_mark.line + 1}: the jobs of a matrix upload one artifact together, "
                "which v4 refuses; give each its own name and download with pattern and merge-multiple"
            )
    name, count = Counter(step.artifact for step in uploads).most_common(1)[0] if uploads else ("", 0)
    if name and count > 1:
        return "several steps upload an artifact of the same name, which v4 refuses; give each its own name"
    for step in steps:
        old_download = step.act == "download" and step.ref.startswith("v1")
        if old_download and "path" not in step.inputs:
            return (
                f"line {step.node.start_mark.line + 1}: v1 downloads into a folder of the artifact's name, "
                "v4 into the working directory; say with path where the files should go"
            )
    return ""


def _steps(root: Node | None) -> Iterator[Step]:
    for job in _values(_get(root, "jobs")):
        in_matrix = _get(_get(job, "strategy"), "matrix") is not None
        steps = _get(job, "steps")
        for step in steps.value if isinstance(steps, SequenceNode) else ():
            uses = _get(step, "uses")
            if isinstance(uses, ScalarNode) and (named := USES.fullmatch(uses.value)):
                yield Step(uses, named["act"].lower(), named["ref"], _inputs(_get(step, "with")), in_matrix)


def _get(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _values(node: Node | None) -> tuple[Node, ...]:
    return tuple(value for _, value in node.value) if isinstance(node, MappingNode) else ()


def _inputs(node: Node | None) -> dict[str, str]:
    if not isinstance(node, MappingNode):
        return {}
    return {
        str(name.value).lower(): value.value for name, value in node.value if isinstance(value, ScalarNode)
    }


def _data(text: str) -> Any:  # noqa: ANN401 (a YAML document is anything)
    return YAML(typ="safe", pure=True).load(text)


def _intended(document: Any) -> Any:  # noqa: ANN401 (a YAML document is anything)
    jobs = [job for job in document["jobs"].values() if isinstance(job, dict)]
    for steps in [job.get("steps") for job in jobs]:
        for step in steps if isinstance(steps, list) else ():
            uses = step.get("uses") if isinstance(step, dict) else None
            named = USES.fullmatch(uses) if isinstance(uses, str) else None
            if named and RETIRED.fullmatch(named["ref"]):
                step["uses"] = named[0].removesuffix(named["ref"]) + "v4"
    return document
