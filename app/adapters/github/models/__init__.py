"""GitHub's JSON, read tolerantly (unknown fields are ignored, nullable where GitHub says so) into domain types."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import InvalidInput

ModelT = TypeVar("ModelT", bound=BaseModel)


class Lenient(BaseModel):
    """A body of which we name only what we use; its values (a token may be one) stay out of error messages."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def read(model: type[ModelT], body: Any) -> ModelT:  # noqa: ANN401 -- JSON of GitHub
    """The body as `model`. Raises InvalidInput naming the fields, never their values."""
    try:
        return model.model_validate(body)
    except ValidationError as exc:
        where = ", ".join(
            ".".join(map(str, one["loc"])) or "body" for one in exc.errors(include_input=False)[:5]
        )
        message = f"GitHub's answer is not a {model.__name__.lower()} as documented: {where}"
        raise InvalidInput("github.unexpected_answer", message) from exc
