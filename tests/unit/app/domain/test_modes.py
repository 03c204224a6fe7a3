from __future__ import annotations

import pytest

from app.domain.modes import Mode, Modes


@pytest.mark.parametrize(
    ("modes", "mode", "why"),
    [
        (Modes(each={"gate": Mode.OBSERVE}), Mode.OBSERVE, "HEPHAESTUS_MODE_GATE=observe"),
        (Modes(each={"gate": Mode.OFF}), Mode.OFF, "HEPHAESTUS_MODE_GATE=off"),
        (Modes(observe=True), Mode.OBSERVE, "HEPHAESTUS_MODE=observe"),
        (Modes(observe=True, each={"gate": Mode.AUTO}), Mode.OBSERVE, "HEPHAESTUS_MODE=observe"),
        (Modes(observe=True, each={"gate": Mode.OFF}), Mode.OFF, "HEPHAESTUS_MODE_GATE=off"),
    ],
)
def test_the_installations_mode_is_a_ceiling_and_the_setting_that_holds_is_named(
    modes: Modes, mode: Mode, why: str
) -> None:
    assert (modes.of("gate"), modes.why("gate")) == (mode, why)


def test_of_what_nothing_is_said_acts() -> None:
    assert Modes(each={"other": Mode.OFF}).of("gate") is Mode.AUTO
