from __future__ import annotations

import pytest

from app.adapters.github.cache import ConditionalCache, Key
from app.adapters.github.exchange import Answer

CHANGED = "Mon, 02 Nov 2026 10:00:00 GMT"
KEY = Key("7|1|", "application/json", "2022-11-28", "https://api.github.com/x")


def answer(size: int = 10, **headers: str) -> Answer:
    return Answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, b"x" * size)


def test_a_body_is_kept_for_its_scope_media_type_version_and_url_alone() -> None:
    cache = ConditionalCache(100_000)
    cache.put(KEY, answer(etag='"1"'))
    assert cache.get(KEY) is not None
    for other in (
        Key("8|1|", KEY.accept, KEY.version, KEY.url),
        Key(KEY.scope, "text/plain", KEY.version, KEY.url),
        Key(KEY.scope, KEY.accept, "2026-03-10", KEY.url),
        Key(KEY.scope, KEY.accept, KEY.version, KEY.url + "?page=2"),
    ):
        assert cache.get(other) is None
        assert cache.validators(other) == {}


def test_the_date_goes_before_the_tag_which_changes_with_the_token() -> None:
    cache = ConditionalCache(100_000)
    cache.put(KEY, answer(etag='"1"', last_modified=CHANGED, date="Mon, 02 Nov 2026 10:01:00 GMT"))
    assert cache.validators(KEY) == {"if-modified-since": CHANGED}
    cache.put(KEY, answer(etag='"2"'))
    assert cache.validators(KEY) == {"if-none-match": '"2"'}


@pytest.mark.parametrize(
    "date", ["Mon, 02 Nov 2026 10:00:00 GMT", "Mon, 02 Nov 2026 10:00:59 GMT", "", "now"]
)
def test_what_has_just_changed_is_asked_about_by_its_tag_for_it_may_change_again_in_that_second(
    date: str,
) -> None:
    cache = ConditionalCache(100_000)
    cache.put(KEY, answer(etag='"1"', last_modified=CHANGED, date=date))
    assert cache.validators(KEY) == {"if-none-match": '"1"'}
    cache.put(KEY, answer(last_modified=CHANGED, date=date))
    assert cache.get(KEY) is None


def test_what_cannot_be_asked_about_again_is_kept_only_if_it_never_changes() -> None:
    cache = ConditionalCache(100_000)
    cache.put(KEY, answer())
    assert cache.get(KEY) is None
    cache.put(KEY, answer(), immutable=True)
    assert cache.get(KEY) is not None


def test_the_bytes_kept_stay_below_the_limit_and_the_oldest_go_first() -> None:
    cache = ConditionalCache(10_000)
    keys = [Key("7", "a", "v", f"/{number}") for number in range(20)]
    for key in keys:
        cache.put(key, answer(1_000, etag="e"))
        assert cache.size_bytes <= 10_000
    assert cache.get(keys[0]) is None
    assert cache.get(keys[-1]) is not None


def test_one_large_body_does_not_empty_the_cache() -> None:
    cache = ConditionalCache(10_000)
    cache.put(KEY, answer(100, etag="e"))
    cache.put(Key("7", "a", "v", "/large"), answer(9_000, etag="e"))
    assert cache.get(KEY) is not None


def test_clearing_leaves_nothing() -> None:
    cache = ConditionalCache(10_000)
    cache.put(KEY, answer(etag="e"))
    cache.clear()
    assert (cache.get(KEY), cache.size_bytes) == (None, 0)
