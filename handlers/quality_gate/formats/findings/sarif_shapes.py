"""The parts of SARIF 2.1.0 that a verdict needs, each optional: what a file has beyond them is skipped while decoding.

Names in the file are in camel case; section numbers are those of the OASIS standard.
"""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, rename="camel", gc=False):
    """An object of the file. Its values are trees, so the garbage collector need not look at them."""


class Message(Part):
    """Section 3.11: text, or the id of one of the rule's texts."""

    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: list[str] | None = None


class ArtifactLocation(Part):
    """Section 3.4."""

    uri: str | None = None
    uri_base_id: str | None = None
    index: int | None = None


class Region(Part):
    """Section 3.30: lines and columns count from 1, the end column is excluded."""

    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: Message | None = None


class PhysicalLocation(Part):
    """Section 3.29."""

    artifact_location: ArtifactLocation | None = None
    region: Region | None = None


class Location(Part):
    """Section 3.28."""

    physical_location: PhysicalLocation | None = None


class ComponentReference(Part):
    """Section 3.54: which of `extensions`; the driver where there is no index."""

    index: int | None = None


class RuleReference(Part):
    """Section 3.52."""

    id: str | None = None
    index: int | None = None
    tool_component: ComponentReference | None = None


class Suppression(Part):
    """Section 3.35."""

    status: str | None = None


class Replacement(Part):
    """Section 3.57."""

    deleted_region: Region
    inserted_content: Message | None = None


class ArtifactChange(Part):
    """Section 3.56."""

    artifact_location: ArtifactLocation
    replacements: list[Replacement]


class Fix(Part):
    """Section 3.55."""

    artifact_changes: list[ArtifactChange]


class Result(Part):
    """Section 3.27."""

    message: Message | None = None
    rule_id: str | None = None
    rule_index: int | None = None
    rule: RuleReference | None = None
    level: str | None = None
    kind: str | None = None
    locations: list[Location] | None = None
    suppressions: list[Suppression] | None = None
    baseline_state: str | None = None
    fixes: list[Fix] | None = None


class Configuration(Part):
    """Section 3.50."""

    level: str | None = None


class Rule(Part):
    """Section 3.49."""

    id: str | None = None
    default_configuration: Configuration | None = None
    message_strings: dict[str, Message] | None = None


class Component(Part):
    """Section 3.19."""

    name: str = ""
    version: str | None = None
    semantic_version: str | None = None
    rules: list[Rule] | None = None


class ToolParts(Part):
    """Section 3.18."""

    driver: Component
    extensions: list[Component] | None = None


class Notification(Part):
    """Section 3.58."""

    level: str | None = None


class Invocation(Part):
    """Section 3.20."""

    execution_successful: bool | None = None
    tool_execution_notifications: list[Notification] | None = None
    tool_configuration_notifications: list[Notification] | None = None


class Artifact(Part):
    """Section 3.24."""

    location: ArtifactLocation | None = None


class External(Part):
    """Section 3.15.2 and 3.15.3: results that lie outside the run."""

    results: list[msgspec.Raw] | None = None


class Run(Part):
    """Section 3.14. Its results are decoded one by one (`Result`): all at once would take more memory than the file."""

    tool: ToolParts
    results: list[msgspec.Raw] | None = None
    artifacts: list[Artifact] | None = None
    invocations: list[Invocation] | None = None
    original_uri_base_ids: dict[str, ArtifactLocation] | None = None
    external_property_file_references: External | None = None


class Log(Part):
    """Section 3.13."""

    version: str
    runs: list[Run] | None
    inline_external_properties: list[External] | None = None


class Version(Part):
    """What is decoded first: another version need not have the shapes of this one."""

    version: str
