from __future__ import annotations

import pytest

from app.domain.delivery import Source, own_id
from app.errors import RejectedDelivery
from app.receiver.routes import check_headers

HEADERS = {
    "Content-Type": "application/json",
    "X-GitHub-Event": "check_run",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-Hub-Signature-256": "sha256=00",
}


def test_names_of_githubs_are_taken() -> None:
    check_headers(HEADERS)


@pytest.mark.parametrize("source", [source for source in Source if source is not Source.GITHUB])
def test_nobody_outside_can_give_a_delivery_an_id_of_our_own_rows(source: Source) -> None:
    with pytest.raises(RejectedDelivery, match="our own"):
        check_headers(HEADERS | {"X-GitHub-Delivery": own_id(source, "1")})


def test_nobody_outside_can_name_an_event_of_our_own() -> None:
    with pytest.raises(RejectedDelivery, match="our own"):
        check_headers(HEADERS | {"X-GitHub-Event": "hephaestus.wake"})
