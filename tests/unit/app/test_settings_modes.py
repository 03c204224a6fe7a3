from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.modes import Mode, Modes
from app.errors import SettingsError
from app.settings import Settings
from app.settings_modes import require_known
from tests.unit.app.test_settings import environment

CAPABILITIES = ("quality_gate", "remediation")


def test_a_mode_for_each_capability_is_read_under_that_of_the_installation(tmp_path: Path) -> None:
    given = {"MODE": "observe", "MODE_QUALITY_GATE": "OFF", "MODE_REMEDIATION": "auto", "MODE_OTHER": ""}
    modes = Settings.load(environment(tmp_path, **given)).modes
    assert modes == Modes(observe=True, each={"quality_gate": Mode.OFF, "remediation": Mode.AUTO})
    require_known(modes, CAPABILITIES)


def test_without_a_word_everything_acts(tmp_path: Path) -> None:
    assert Settings.load(environment(tmp_path)).modes == Modes()


def test_a_mode_that_is_none_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load(environment(tmp_path, MODE_REMEDIATION="propose"))
    assert str(refused.value) == "HEPHAESTUS_MODE_REMEDIATION is 'propose': use one of off, observe, auto"


def test_a_mode_of_no_capability_is_refused_with_the_names_that_are() -> None:
    with pytest.raises(SettingsError) as refused:
        require_known(Modes(each={"quality_gat": Mode.OFF}), CAPABILITIES)
    assert str(refused.value) == (
        "HEPHAESTUS_MODE_QUALITY_GAT names no capability: use one of HEPHAESTUS_MODE_QUALITY_GATE, "
        "HEPHAESTUS_MODE_REMEDIATION, or remove it"
    )
