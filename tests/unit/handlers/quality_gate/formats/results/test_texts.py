"""Which text of streamed XML is kept."""

from __future__ import annotations

from handlers.quality_gate.formats.results.texts import MAX_TEXT, Texts


def test_only_text_in_the_named_elements_is_kept_until_it_is_taken() -> None:
    texts = Texts("message", "trace")
    texts.text("before")
    texts.start("message")
    texts.text(" a")
    texts.text("b ")
    texts.end()
    texts.start("output")
    texts.text("c")
    texts.end()
    assert texts.taken() == {"message": "ab", "trace": ""}
    assert texts.taken() == {"message": "", "trace": ""}


def test_text_is_bounded() -> None:
    texts = Texts("message")
    texts.start("message")
    for _ in range(3):
        texts.text("x" * MAX_TEXT)
    assert len(texts.taken()["message"]) == MAX_TEXT
