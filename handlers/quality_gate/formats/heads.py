"""What the first bytes of a file show: the root element of XML, the first keys of JSON; for recognising, never for reading."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from xml.parsers import expat

import msgspec

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
TRUNCATED = "Input data was truncated"
"""msgspec's word for JSON that is right as far as it goes."""
KEY = re.compile(r'"((?:[^"\\]|\\.){0,200})"\s*:')
SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\[\]{}:"]+')


def text_of(head: bytes) -> str:
    """The head as text, whatever its Unicode encoding; what is cut off or wrong is left out."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore")
    return head.decode("utf-8", "ignore")


def xml_root(head: bytes) -> tuple[str, dict[str, str]] | None:
    """Name (as `namespace name` where it has one) and attributes of the root element, or None where there is none."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not found:
            found.append((name, attributes))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    # The head is cut off somewhere, or the rest is broken: the reader will say so.
    with suppress(expat.ExpatError, ValueError, LookupError):
        parser.Parse(head, False)  # noqa: FBT003 (expat takes it by position)
    return found[0] if found else None


def local_root(head: bytes) -> tuple[str, dict[str, str]] | None:
    """As `xml_root`, whatever the namespace: a report in one that nobody gave it must not be passed over."""
    root = xml_root(head)
    return (root[0].rpartition(" ")[2], root[1]) if root else None


def has_root(head: bytes, *names: str) -> bool:
    """Whether the root element has one of these names, whatever its namespace."""
    root = local_root(head)
    return root is not None and root[0] in names


def is_cut_off(whole: bytes) -> bool:
    """Whether a whole file is right as far as it goes, as JSON or XML, and ends before its last bracket or element."""
    text = text_of(whole).strip().rstrip("0123456789+-.eE")
    if text.startswith("<"):
        return _is_cut_off_xml(whole)
    if text[:1] not in {"{", "["}:
        return False
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return str(error) == TRUNCATED
    return False


def _is_cut_off_xml(whole: bytes) -> bool:
    parser = expat.ParserCreate()
    try:
        parser.Parse(whole, False)  # noqa: FBT003 (expat takes it by position)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    try:
        parser.Parse(b"", True)  # noqa: FBT003 (likewise)
    except expat.ExpatError:
        return True
    return False


@lru_cache(maxsize=4)  # every format of JSON asks about the same head
def json_keys(head: bytes) -> tuple[str, frozenset[str]] | None:
    """The bracket that JSON begins with, and the keys of its first object that the head shows; None where it is no JSON.

    Of `[{...` the keys of the first item are given, with the bracket `[`; of `{...` those of the document itself. Keys of objects
    further in are not among them.
    """
    text = text_of(head).lstrip()
    if text[:1] not in {"{", "["}:
        return None
    opening, keys, depth = text[0], set[str](), 0
    wanted = 1 if opening == "{" else 2
    position, was_key = 0, re.compile(r"\s*:")
    while position < len(text):
        mark = text[position]
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth < wanted and keys:
                break
        elif mark == '"':
            found = SCALAR.match(text, position)
            if not found:
                break
            if depth == wanted and was_key.match(text, found.end()):
                keys.add(found[0][1:-1])
            position = found.end()
            continue
        position += 1
    return opening, frozenset(keys)
