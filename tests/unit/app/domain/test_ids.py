from __future__ import annotations

import pytest

from app.domain.ids import AppKey, app_id_of


@pytest.mark.parametrize("host", ["api.github.com", "git.example:8443", "[::1]:8080"])
def test_the_id_of_an_app_is_in_its_key(host: str) -> None:
    assert app_id_of(AppKey(f"{host}/12345")) == 12345
