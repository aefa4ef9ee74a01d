"""What leaves the process in logs: fields we named, and never a value that could be a person's."""

import asyncio
import json
import logging
import sys
import warnings
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from hub import log
from hub.errors import Unavailable
from hub.settings import Settings
from tests.support.logs import SENTINELS, Captured, captured_logs

NAME, NUMBER = SENTINELS["name"], SENTINELS["id_number"]


@pytest.fixture
def logs() -> Iterator[Captured]:
    with captured_logs(Settings(log_level="debug")) as captured:
        yield captured


def unique_violation() -> asyncpg.PostgresError:
    """As PostgreSQL words it: the detail quotes the row."""
    error = asyncpg.UniqueViolationError(f"duplicate key value violates unique constraint for {NAME}")
    error.detail = f"Key (name, id_number)=({NAME}, {NUMBER}) already exists."
    assert NUMBER in str(error)
    return error


def thrown() -> asyncpg.PostgresError:
    """The same with a place it was raised at."""
    try:
        raise unique_violation()
    except asyncpg.PostgresError as error:
        return error


def test_fields_that_are_named_stay(logs: Captured) -> None:
    structlog.get_logger("hub.x").info("source_synced", source="roster-450305", read=3)
    (line,) = logs.lines()
    assert line["event"] == "source_synced"
    assert (line["source"], line["read"], line["level"], line["logger"]) == (
        "roster-450305", 3, "info", "hub.x",
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")


def test_fields_that_are_not_named_leave_only_their_names(logs: Captured) -> None:
    structlog.get_logger("hub.x").warning("oops", person=NAME, query=SENTINELS["query"], reason="kept")
    (line,) = logs.lines()
    assert line["withheld"] == ["person", "query"]
    assert line["reason"] == "kept"


def test_an_exception_leaves_as_type_and_place(logs: Captured) -> None:
    structlog.get_logger("hub.x").error("sync_failed", exc_info=thrown())
    try:
        raise unique_violation()
    except asyncpg.PostgresError:
        structlog.get_logger("hub.x").exception("request_failed")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    for line in logs.lines():
        assert line["kind"] == "UniqueViolationError"
        assert line["at"].startswith(__file__)
    assert [line["event"] for line in logs.lines()][2] == "Exception in ASGI application\n"


def test_an_error_of_the_hub_says_what_is_wrong(logs: Captured) -> None:
    error = Unavailable("Run `hub migrate`.")
    structlog.get_logger("hub.x").error("refused", exc_info=error)
    trace = f"Traceback:\n  {NAME}\nhub.errors.Unavailable: Run `hub migrate`.\n"
    logging.getLogger("uvicorn.error").error(trace)
    for line in logs.lines():
        assert (line["kind"], line["reason"]) == ("Unavailable", "Run `hub migrate`.")
    assert logs.lines()[0]["code"] == "UNAVAILABLE"


def test_a_librarys_values_stay_out_of_its_sentence(logs: Captured) -> None:
    logging.getLogger("asyncpg").warning("row %s of %s refused", NUMBER, NAME)
    logging.getLogger("sqlalchemy.pool").error("cannot close %(what)s", {"what": NAME})
    assert [line["event"] for line in logs.lines()] == ["row %s of %s refused", "cannot close %(what)s"]


@pytest.mark.parametrize(
    "message",
    [
        f"Exception in callback close({NAME!r})",
        f"bad value {NUMBER}",
        "Traceback (most recent call last):\n  …\nValueError: " + NAME,
        NAME,
        SENTINELS["token"],
        ValueError(NAME),
    ],
)
def test_a_message_put_together_before_is_told_by_its_place(logs: Captured, message: object) -> None:
    logging.getLogger("uvicorn.error").error(message)
    (line,) = logs.lines()
    assert line["event"] == "message withheld"
    assert line["at"].startswith(__file__)


def test_a_librarys_plain_sentence_stays(logs: Captured) -> None:
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert logs.lines()[0]["event"] == "Invalid HTTP request received."


def test_libraries_speak_from_warnings_on(logs: Captured) -> None:
    for name in log.LIBRARIES:
        logging.getLogger(name).info("chatter")
    assert logs.lines() == []


async def test_a_lost_task_does_not_quote_its_exception(logs: Captured) -> None:
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": thrown(), "future": NAME}
    )
    (line,) = logs.lines()
    assert line["event"] == "message withheld"
    assert line["kind"] == "UniqueViolationError"


def test_the_last_words_of_a_process_quote_nothing(logs: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    error = thrown()
    assert sys.excepthook is log.crashed
    sys.excepthook(type(error), error, error.__traceback__)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    (line,) = logs.lines()
    assert (line["event"], line["level"], line["kind"]) == ("crashed", "critical", "UniqueViolationError")


def test_warnings_of_python_stay_out(logs: Captured) -> None:
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"{NAME} is odd", stacklevel=1)
    finally:
        logging.captureWarnings(False)
    assert [line["logger"] for line in logs.lines()] == ["py.warnings"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_both_forms_hold_back_alike(form: str) -> None:
    with captured_logs(Settings(log_format=form)) as logs:
        structlog.get_logger("hub.x").error("oops", person=NAME, exc_info=thrown())
    assert "oops" in logs.text
    assert "UniqueViolationError" in logs.text
    logs.has_no_sentinel()


def test_the_json_form_is_one_object_a_line_and_keeps_chinese(logs: Captured) -> None:
    structlog.get_logger("hub.x").info("started", reason="区划代码\n不存在")
    (text,) = logs.text.splitlines()
    assert "区划代码" in text
    assert json.loads(text)["reason"] == "区划代码\n不存在"


def test_the_level_is_that_of_the_settings() -> None:
    with captured_logs(Settings(log_level="error")) as logs:
        structlog.get_logger("hub.x").warning("quiet")
        logging.getLogger("connectors.roster.client").info("quiet")
    assert logs.text == ""


def test_the_line_of_a_request_is_as_any_other() -> None:
    fields = {"request_id": "1", "method": "GET", "route": "/graphql", "status": 200, "duration_ms": 1.5,
              "client_id": None, "role": None}  # fmt: skip
    assert fields.keys() <= log.FIELDS
    with captured_logs(Settings(log_format="json", log_level="info")) as said:
        log.request(**fields)
        structlog.get_logger("hub.web").info("request", **fields)
    quick, slow = said.lines()
    assert quick.keys() == slow.keys()
    assert len(quick.pop("timestamp")) == len(slow.pop("timestamp"))
    assert quick == slow
    with captured_logs(Settings(log_format="json", log_level="warning")) as said:
        log.request(**fields)
    assert not said.lines()
