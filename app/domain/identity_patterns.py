"""Patterns of identities: literals with `*` for a part of one path segment, compiled to an anchored expression.

`https://github.com/acme/forge/.github/workflows/release-*.yml@refs/tags/v*` admits exactly what it looks like: a `*` never stands
for a `/`, an `@` or a `:`, the whole text must fit, upper and lower case differ, and no other character has a meaning. Regular
expressions are not offered: unanchored ones, dots and prefixes are how other tools admitted strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

WILD = "*"
PART = "[^/@:\\s]+"
LONGEST = 500
MOST_WILD = 3
"""More of them would make the comparison slow, and the pattern hard to read."""
REGULAR = re.compile(r"[\^$()\[\]{}|\\+?]|(?<![0-9])\.\*")
"""What only a regular expression would write; after a digit, `v1.*` is a version."""
UNSEEN = re.compile(r"[^\x21-\x7e]")
REFS = ("refs/tags/", "refs/heads/")
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
FOLDER = (".github", "workflows")
OUTLINE = re.compile(
    r"https://(?P<host>[^/@]+)/(?P<owner>[^/@]+)/(?P<repository>[^/@]+)/(?P<path>[^@]+)@(?P<ref>.+)"
)
STRANGERS = {
    "host": ("evil.example", "github.com.evil.example"),
    "owner": ("attacker", "acme-evil"),
    "repository": ("fork", "forge-evil"),
}
"""What is never a pattern, and what one would let in."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class IdentityPattern:
    """A pattern as it was written; `admits` says whether an identity fits it as a whole."""

    text: str

    def admits(self, identity: str) -> bool:
        """Whether the whole identity fits; never for one that is longer than an identity is."""
        return len(identity) <= LONGEST and _compiled(self.text).fullmatch(identity) is not None


@dataclass(frozen=True, slots=True)
class Looseness:
    """Why a pattern is refused, and some identities that it would let in."""

    message: str
    admits: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message + (f"; it would admit {', '.join(self.admits)}" if self.admits else "")


class LoosePatternError(ValueError):
    """A pattern that would admit more than it seems to."""

    def __init__(self, problems: tuple[Looseness, ...]) -> None:
        super().__init__("; ".join(str(each) for each in problems))
        self.problems = problems


def compile_pattern(text: str) -> IdentityPattern:
    """The pattern, if `lint` has nothing against it; raises `LoosePatternError`."""
    if problems := lint(text):
        raise LoosePatternError(problems)
    return IdentityPattern(text)


def lint(text: str) -> tuple[Looseness, ...]:
    """What is too loose in an identity or a pattern of identities of workflows; nothing where it says what it admits.

    Host, owner and repository are never a pattern; the file's name and the ref are, after a literal beginning; tags stay tags and
    branches stay branches.
    """
    if problem := _unreadable(text):
        return (problem,)
    outline = OUTLINE.fullmatch(text)
    if outline is None:
        return (Looseness("an identity reads https://HOST/OWNER/REPOSITORY/.github/workflows/FILE.yml@REF"),)
    return tuple(_loose(text, outline))


def _unreadable(text: str) -> Looseness | None:
    if len(text) > LONGEST:
        return Looseness(f"it is longer than {LONGEST} characters")
    if UNSEEN.search(text):
        return Looseness("it has characters that cannot be seen, or that are not ASCII")
    if found := REGULAR.search(text):
        return _regular(text, found[0])
    if text.count(WILD) > MOST_WILD or WILD * 2 in text:
        return Looseness(f"it has ** or more than {MOST_WILD} *")
    if "@" in text:
        return None
    admits = tuple(f"{text}@{ref}" for ref in ("refs/heads/attacker", "refs/pull/7/merge"))
    return Looseness("it has no @ and no ref behind that: any branch could sign", admits)


def _loose(text: str, outline: re.Match[str]) -> Iterator[Looseness]:
    for name, others in STRANGERS.items():
        if WILD in outline[name]:
            yield Looseness(f"the {name} cannot be a pattern", _admitted(text, outline.span(name), others))
    yield from _loose_path(text, outline)
    yield from _loose_ref(text, outline)


def _loose_path(text: str, outline: re.Match[str]) -> Iterator[Looseness]:
    *folder, file = outline["path"].split("/")
    if tuple(folder) != FOLDER or not file.endswith((".yml", ".yaml")):
        yield Looseness("a workflow is a file .github/workflows/NAME.yml, or .yaml")
    elif WILD in file and not _begins(file):
        span = (outline.end("path") - len(file), outline.end("path"))
        message = "the workflow's file must begin with a letter or digit that is written: release-*.yml"
        yield Looseness(message, _admitted(text, span, ("evil.yml", "pull-request.yml", "evil.yaml")))


def _loose_ref(text: str, outline: re.Match[str]) -> Iterator[Looseness]:
    ref = outline["ref"]
    kind = next((each for each in REFS if ref.startswith(each)), None)
    name = ref.removeprefix(kind or "")
    if SHA.fullmatch(ref) or (kind and name and (WILD not in name or _begins(name))):
        return
    if kind and name:
        others = (f"{kind}attacker", f"{kind}attacker/evil", f"{kind}evil/attacker/evil")
        message = f"the ref must begin with a letter or digit that is written after {kind}"
    else:
        others = ("refs/heads/attacker", "refs/pull/7/merge", "refs/tags/attacker")
        message = "the ref must be written as refs/tags/NAME, refs/heads/NAME or a commit"
    yield Looseness(message, _admitted(text, outline.span("ref"), others) if WILD in ref else ())


def _begins(part: str) -> bool:
    return part[:1].isalnum()


def _admitted(text: str, span: tuple[int, int], others: tuple[str, ...]) -> tuple[str, ...]:
    """Identities of strangers that the pattern lets in: a part as `others` write it where that fits, and the part filled in."""
    start, end = span
    tried = (*others, text[start:end].replace(WILD, "evil"))
    made = [(text[:start] + each + text[end:]).replace(WILD, "evil") for each in tried]
    pattern = IdentityPattern(text)
    return tuple(dict.fromkeys(each for each in made if pattern.admits(each)))[:SHOWN]


def _regular(text: str, found: str) -> Looseness:
    literal = text.strip("^$").replace(".*", "evil").replace("\\", "")
    admits = (f"{literal}-evil", f"https://evil.example/{literal}")
    message = (
        f"{found} has no meaning here: a pattern is no regular expression, and * stands for a part of one "
        "segment; read as one and not anchored"
    )
    return Looseness(message, admits)


@lru_cache(maxsize=256)
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(PART.join(re.escape(piece) for piece in text.split(WILD)))
