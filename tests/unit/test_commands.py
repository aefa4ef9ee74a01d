"""The ``hub`` command: what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import main


def hub(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, words, env={"HUB_DATABASE_URL": None, **environment})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HUB_PORT", "eighty-four", "HUB_PORT: Input should be a valid integer"),
        ("HUB_LOG_LEVEL", "loud", "HUB_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        ("HUB_WORKERS", "4711", "HUB_WORKERS: Input should be less than or equal to 64"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str, expected: str) -> None:
    found = hub("doctor", **{name: value})
    assert found.exit_code == 1
    assert expected in found.output
    assert "[CONFIGURATION_ERROR]" in found.output
    assert value not in found.output.replace(expected, "")
    assert "Traceback" not in found.output


def test_a_role_that_is_none() -> None:
    found = hub("schema", "--role", "nobody")
    assert found.exit_code == 2
    assert "'bureau', 'township', 'contractor', 'agency', 'operator'" in found.output


def test_the_doctor_makes_nothing(tmp_path: Path) -> None:
    found = hub("doctor", HUB_DATA_DIR=str(tmp_path / "data"))
    assert (found.exit_code, found.output.count("\n")) == (1, 1)
    assert "hub migrate" in found.output
    assert not list(tmp_path.iterdir())


def test_an_unexpected_error_is_a_log_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> str:
        raise ValueError("张三 459999195003070019")

    monkeypatch.setattr("hub.printed.errors_page", fails)
    found = hub("errors")
    assert found.exit_code == 1
    assert "459999" not in found.output
    assert "张三" not in found.output


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command: str) -> None:
    found = hub(command, "--help")
    assert found.exit_code == 0
    assert len(found.output.splitlines()[2].strip()) > 10
