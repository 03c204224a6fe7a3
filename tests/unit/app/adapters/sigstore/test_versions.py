from __future__ import annotations

import re
from importlib.metadata import version

from app.adapters.sigstore.versions import versions


def test_the_programs_that_judge_are_named_with_their_versions() -> None:
    found = dict(versions())
    assert found["sigstore"] == version("sigstore")
    assert found["hephaestus"] == version("hephaestus-github-app")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", found["verifier"])
