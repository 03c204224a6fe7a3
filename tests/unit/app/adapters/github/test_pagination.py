from __future__ import annotations

import json

import pytest

from app.adapters.github.exchange import Answer, Outgoing
from app.adapters.github.pagination import PAGES, items, next_query
from app.errors import InvalidInput, PermanentError

LIST = Outgoing("GET", "/list", "/list")


class Pages:
    """Answers with the bodies in turn, each linking to the next (or always, where `endless`)."""

    def __init__(self, *bodies: object, endless: bool = False) -> None:
        self.bodies, self.endless = bodies, endless
        self.asked: list[Outgoing] = []

    async def call(self, request: Outgoing) -> Answer:
        self.asked.append(request)
        index = min(len(self.asked), len(self.bodies)) - 1
        more = self.endless or len(self.asked) < len(self.bodies)
        link = f'<https://evil.example/other?page={len(self.asked) + 1}&per_page=100>; rel="next"'
        return Answer(200, {"link": link} if more else {}, json.dumps(self.bodies[index]).encode())


async def test_all_pages_are_read_under_the_key_that_was_named() -> None:
    pages = Pages({"total_count": 3, "jobs": [1, 2]}, {"total_count": 3, "jobs": [3]})
    assert [one async for one in items(pages, LIST, "jobs")] == [1, 2, 3]
    assert [dict(one.query)["per_page"] for one in pages.asked] == ["100", "100"]


async def test_a_link_cannot_lead_to_another_host_or_path() -> None:
    pages = Pages([1], [2])
    assert [one async for one in items(pages, LIST)] == [1, 2]
    assert [one.path for one in pages.asked] == ["/list", "/list"]
    assert dict(pages.asked[1].query)["page"] == "2"


@pytest.mark.parametrize(
    ("body", "key"), [({"jobs": 5}, "jobs"), ({}, "jobs"), ([1], "jobs"), ({"a": [1]}, None)]
)
async def test_an_object_is_never_taken_for_a_list(body: object, key: str | None) -> None:
    with pytest.raises(InvalidInput, match=r"github\.unexpected_answer"):
        [one async for one in items(Pages(body), LIST, key)]


async def test_a_list_without_end_is_refused_instead_of_cut() -> None:
    with pytest.raises(PermanentError, match="too_many_pages"):
        [one async for one in items(Pages([1], endless=True), LIST)]


async def test_a_caller_that_stops_by_itself_may_read_more_pages_than_others() -> None:
    pages = Pages(*([n] for n in range(PAGES + 5)))
    assert [one async for one in items(pages, LIST, pages=None)] == list(range(PAGES + 5))


async def test_a_page_that_leads_back_to_itself_is_refused() -> None:
    class Circle(Pages):
        async def call(self, request: Outgoing) -> Answer:
            answer = await super().call(request)
            return Answer(200, {"link": '<https://x.example/list?cursor=a>; rel="next"'}, answer.body)

    circle = Circle([1])
    with pytest.raises(PermanentError, match="too_many_pages"):
        [one async for one in items(circle, LIST, pages=None)]
    assert len(circle.asked) == 2


def test_the_last_page_has_no_next() -> None:
    link = (
        '<https://api.github.com/list?page=1>; rel="prev", <https://api.github.com/list?page=1>; rel="first"'
    )
    assert next_query(Answer(200, {"link": link}, b"")) is None
