"""The words of the section: workflows, refs, file names, grades; each is what it says, or a mistake with a reason."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.domain.identity_patterns import SHA, compile_pattern
from app.domain.release_claims import CLAIM_NAMES

GITHUB_ACTIONS = "https://token.actions.githubusercontent.com"
OWN = "own"
"""Any workflow file of the source repository, at the source's ref."""
TAG = "tag"
BRANCH = "refs/heads/"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EXAMPLE = "https://github.com/this/repository"


class Kind(StrEnum):
    """The kinds of evidence about an asset."""

    PROVENANCE = "provenance"
    RELEASE_ATTESTATION = "release-attestation"
    SIGNED_CHECKSUMS = "signed-checksums"
    BACKFILL = "backfill"


class Section(BaseModel):
    """Keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


def mistake(path: str | tuple[str | int, ...], message: str) -> PydanticCustomError:
    """An error that the loader places at `path`, dotted or in parts, below the section that raises it."""
    return PydanticCustomError("reference", "{message}", {"message": message, "path": path})


def is_named(name: str, globs: tuple[str, ...]) -> bool:
    """Whether a whole file name fits one of the globs; upper and lower case differ, brackets mean themselves."""
    return any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in globs)


def _known_claim(name: str) -> str:
    if name not in CLAIM_NAMES:
        raise ValueError(f"unknown claim; the claims are {', '.join(sorted(CLAIM_NAMES))}")
    return name


def _workflow(text: str) -> str:
    """`own`, a file of the source repository, or one of another repository with its ref written out."""
    if text == OWN:
        return text
    if text.startswith(".github/workflows/") and "@" not in text:
        compile_pattern(f"{EXAMPLE}/{text}@refs/tags/v1")
        return text
    if text.startswith(".github/"):
        raise ValueError(
            "a workflow of the source repository is written without @: what ref it is at says source_ref"
        )
    compile_pattern(f"https://github.com/{text}")
    if "*" in text.partition("@")[2]:
        raise ValueError(
            "a reusable workflow is named by an exact ref: refs/tags/NAME, refs/heads/NAME or a commit; a pattern of refs is "
            "written with identity"
        )
    return text


def _identity(text: str) -> str:
    compile_pattern(text)
    return text


def _source_ref(text: str) -> str:
    name = text.removeprefix(BRANCH)
    if text != TAG and (name in {text, ""} or re.search(r"[\s*?\[\\^~:\x00-\x1f]|\.\.|^[/.-]|//|/$", name)):
        raise ValueError("a source's ref reads tag, or refs/heads/NAME of a protected branch, without *")
    return text


def _day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("a day reads 2027-01-31")


WorkflowName = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_workflow)]
IdentityText = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_identity)]
OwnWorkflow = Annotated[str, StringConstraints(pattern=r"^\.github/workflows/[A-Za-z0-9._-]+\.ya?ml$")]
SourceRef = Annotated[str, StringConstraints(max_length=300), AfterValidator(_source_ref)]
RepositoryName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")
]
Commit = Annotated[str, StringConstraints(pattern=f"^(?:{SHA.pattern})$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,38}(?:\[bot\])?$")]
ClaimName = Annotated[str, AfterValidator(_known_claim)]
Truth = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
FileGlob = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^/\n]+$")]
SomeFiles = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^/\n]*[A-Za-z0-9][^/\n]*$")
]
"""A glob that does not stand for every file."""
