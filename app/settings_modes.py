"""The operator's modes: of the whole installation, and of each capability."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.domain.modes import Mode, Modes, variable
from app.errors import SettingsError

EACH = variable("")


def read_modes(values: Mapping[str, str], *, observe: bool) -> Modes:
    """The modes of the variables `HEPHAESTUS_MODE_<CAPABILITY>`, under that of the installation.

    Raises:
        SettingsError: a mode is none. Which capabilities there are is checked by `require_known`.
    """
    given = {name: text for name, text in values.items() if name.startswith(EACH) and text}
    return Modes(
        observe, {name.removeprefix(EACH).lower(): _mode(name, text) for name, text in given.items()}
    )


def require_known(modes: Modes, capabilities: Collection[str]) -> None:
    """Raises SettingsError where a variable names no capability: it would be believed to hold one back."""
    for name in modes.each:
        if name not in capabilities:
            known = ", ".join(map(variable, capabilities))
            raise SettingsError(f"{variable(name)} names no capability: use one of {known}, or remove it")


def _mode(name: str, text: str) -> Mode:
    try:
        return Mode(text.lower())
    except ValueError as exc:
        raise SettingsError(f"{name} is {text!r}: use one of {', '.join(Mode)}") from exc
