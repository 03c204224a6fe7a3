"""Which requests create content in GitHub's sense: what notifies people, and is therefore limited apart."""

from __future__ import annotations

import re

_CREATING = re.compile(
    r"/(?:repos/[^/]+/[^/]+|repositories/\d+)"
    r"/(?:issues|issues/\d+/comments|pulls|pulls/\d+/(?:comments|reviews)|releases|commits/[^/]+/comments)"
)


def creates_content(method: str, path: str) -> bool:
    """Whether the request makes an issue, comment, pull request, review or release."""
    return method == "POST" and _CREATING.fullmatch(path) is not None
