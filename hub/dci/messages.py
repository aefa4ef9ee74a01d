"""The messages of SPDCI 1.0: what a request must be like, and the frame of an answer."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from hub.errors import BadUserInput

VERSION: Final = "1.0.0"
SEARCH, SUBSCRIBE, UNSUBSCRIBE, TXN_STATUS = "search", "subscribe", "unsubscribe", "txn-status"
CALLBACKS: Final = {
    SEARCH: ("on-search", "on-search"),
    SUBSCRIBE: ("on-subscribe", "on-subscribe"),
    UNSUBSCRIBE: ("on-unsubscribe", "on-unsubscribe"),
    TXN_STATUS: ("txn-on-status", "txn/on-status"),
}
"""By the action of a request: the action of its answer, and the end of the address it is sent to."""
MOST_ITEMS: Final = 1_000
"""Requests in one message; what a person or a page costs counts besides."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


class BadMessage(BadUserInput):
    """The message is not one of SPDCI 1.0."""

    code, status, zh = "BAD_MESSAGE", 400, "报文不符合 SPDCI 1.0"
    word = "err.request.bad"

    def __init__(self, message: str = "", *, word: str = "", zh: str = "") -> None:
        super().__init__(message, zh=zh)
        self.word = word or self.word


def _moment(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        raise ValueError("expected a date and time with its zone, ISO 8601")
    dt.datetime.fromisoformat(text.upper())
    return text


Short = Annotated[str, StringConstraints(min_length=1, max_length=99, pattern=r"^[^\x00]*$")]
"""Without what PostgreSQL cannot keep."""
Moment = Annotated[str, AfterValidator(_moment)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]


class Message(BaseModel):
    """What is not known is passed over: the standard lets parties add to it."""

    model_config: ClassVar = ConfigDict(extra="ignore", frozen=True)


class Header(Message):
    message_id: Short
    message_ts: Moment
    action: str
    sender_id: str
    total_count: int
    version: str = VERSION
    sender_uri: str | None = None
    receiver_id: str | None = None
    is_msg_encrypted: bool = False


class Sort(Message):
    attribute_name: str
    sort_order: Literal["asc", "desc"] = "asc"


class Pages(Message):
    page_size: Annotated[int, Field(ge=1)]
    page_number: Annotated[int, Field(ge=1)] = 1


class Purpose(Message):
    code: str | None = None


class Granted(Message):
    """A consent or an authorisation: what the request is for."""

    purpose: Purpose | None = None


QueryType = Literal["idtype-value", "expression", "predicate"]


class Criteria(Message):
    query_type: QueryType
    query: Any
    reg_type: str | None = None
    reg_record_type: str | None = None
    response_entity: Literal["Group", "Member"] | None = None
    sort: Sequence[Sort] = ()
    pagination: Pages | None = None
    consent: Granted | None = None
    authorize: Granted | None = None

    @property
    def purpose(self) -> str | None:
        """Code of the purpose that the item names."""
        return next(
            (
                each.purpose.code
                for each in (self.authorize, self.consent)
                if each and each.purpose and each.purpose.code
            ),
            None,
        )


class SearchItem(Message):
    reference_id: Annotated[str, StringConstraints(max_length=999)]
    timestamp: Moment
    search_criteria: Criteria
    pagination: Pages | None = None
    locale: Locale | None = None

    @property
    def criteria(self) -> Criteria:
        """With its page, which some senders put beside it."""
        own = self.search_criteria
        return own if own.pagination else own.model_copy(update={"pagination": self.pagination})


class SearchRequest(Message):
    transaction_id: Short
    search_request: Annotated[Sequence[SearchItem], Field(min_length=1, max_length=MOST_ITEMS)]


class SubscribeCriteria(Message):
    reg_event_type: str
    filter: Any
    notify_record_type: str
    filter_type: str = "idtype-value"
    authorize: Granted | None = None

    @property
    def purpose(self) -> str | None:
        return self.authorize.purpose.code if self.authorize and self.authorize.purpose else None


class SubscribeItem(Message):
    reference_id: Annotated[str, StringConstraints(max_length=999)]
    timestamp: Moment
    subscribe_criteria: SubscribeCriteria
    locale: Locale | None = None


class SubscribeRequest(Message):
    transaction_id: Short
    subscribe_request: Annotated[Sequence[SubscribeItem], Field(min_length=1, max_length=MOST_ITEMS)]


class UnsubscribeRequest(Message):
    transaction_id: Short
    timestamp: Moment
    subscription_codes: Annotated[Sequence[Short], Field(min_length=1, max_length=MOST_ITEMS)]


class StatusAsked(Message):
    reference_id: Annotated[str, StringConstraints(max_length=999)]
    txn_type: Literal["search", "subscribe", "receipt"]
    attribute_type: Literal["transaction_id", "reference_id_list", "correlation_id"]
    attribute_value: Short | Sequence[str]
    locale: Locale | None = None


class StatusRequest(Message):
    transaction_id: Short
    txnstatus_request: StatusAsked


class Question(Message):
    """Of yes and no. The standard leaves ``query`` open: its ``type`` and ``value`` name a person here."""

    query_type: str = "idtype-value"
    query: Mapping[str, Any]
    authorize: Granted | None = None


class EnrolledRequest(Message):
    transaction_id: Short
    enrolled_criteria: Question


class DisabledRequest(Message):
    transaction_id: Short
    disabled_criteria: Question


M = TypeVar("M", bound=Message)


def read_header(body: Any, action: str) -> Header:
    """BadMessage for what is no envelope of this action."""
    if not isinstance(body, dict) or not isinstance(body.get("message"), dict):
        raise BadMessage(
            "Expected a JSON object with header and message.", zh="应为含 header 与 message 的对象"
        )
    header = parsed(Header, body.get("header"), "header")
    if header.version.partition(".")[0] != VERSION.partition(".")[0]:
        raise BadMessage(f"Expected version {VERSION}.", word="err.version.not_supported", zh="版本不受支持")
    if header.action != action:
        raise BadMessage(f"Expected the action {action} at this address.", zh="action 与地址不符")
    if header.is_msg_encrypted or "ciphertext" in body["message"]:
        raise BadMessage(
            "Encrypted messages are not read; send it over TLS as it is.",
            word="err.encryption.invalid",
            zh="不支持加密报文，请经 TLS 发送",
        )
    return header


def parsed(model: type[M], given: Any, where: str) -> M:
    """BadMessage names the first place that is wrong, and repeats no value."""
    try:
        return model.model_validate(given, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in (where, *first["loc"]) if isinstance(part, int | str))
        raise BadMessage(f"{place}: {first['msg']}.", zh=f"{place} 不符合要求") from None


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────


def moment(now: dt.datetime) -> str:
    return now.isoformat(timespec="milliseconds")


def new_id() -> str:
    return str(uuid.uuid4())


def said_back(
    sender_id: str,
    receiver_id: str,
    action: str,
    message: Mapping[str, Any],
    now: str,
    *,
    status: str = "succ",
    count: int = 1,
) -> dict[str, Any]:
    """The envelope of an answer about ``count`` items."""
    header = {
        "version": VERSION,
        "message_id": new_id(),
        "message_ts": now,
        "action": action,
        "status": status,
        "total_count": count,
        "completed_count": count,
        "sender_id": sender_id,
        "receiver_id": receiver_id,
        "is_msg_encrypted": False,
    }
    return {"header": header, "message": dict(message)}


def status_of(items: Sequence[Mapping[str, Any]]) -> str:
    """Rejected where all are."""
    return "rjct" if items and all(item["status"] == "rjct" for item in items) else "succ"


def acknowledged(correlation_id: str, now: str) -> dict[str, Any]:
    return {"message": {"ack_status": "ACK", "timestamp": now, "correlation_id": correlation_id}}


def rejected(reference_id: str, code: str | None, message: str, now: str) -> dict[str, Any]:
    item = {"reference_id": reference_id, "timestamp": now, "status": "rjct"}
    return {**item, **({"status_reason_code": code} if code else {}), "status_reason_message": message[:999]}
