"""Every error the hub can answer with.

    HubError                      code, English and Chinese sentence, HTTP status
    ├── BadUserInput              the caller sent something wrong
    │   ├── BadArgument           an argument is out of its range or form
    │   ├── BadCursor             a cursor is not one of ours, or of another list
    │   ├── BadDocument           the body of a GraphQL request cannot be read
    │   │   ├── BadBatch          it holds several requests
    │   │   ├── StreamNeeded      it asks for a subscription, which one answer cannot be
    │   │   └── UnknownDocument   it names a document that this client does not have
    │   │       └── NoDocuments   nor any other
    │   ├── BadSyntax             the GraphQL document does not parse
    │   └── BadSelection          the GraphQL document asks for what the schema does not have
    ├── TooMuch                   the request is larger than a limit allows
    │   └── TooDear               it costs more than one request may
    ├── TooOften                  the client asks more often than it may
    │   ├── AskedForToday         it has asked about as many persons as it may in a day
    │   └── Spent                 it has spent what it may in this minute
    ├── Unauthenticated           no token, or one we do not accept
    ├── Forbidden                 the token does not reach this far
    │   ├── NotTrusted            the client may ask nothing but its trusted documents
    │   ├── QuestionsBarred       it may ask about nobody by number until somebody decides
    │   └── UnknownPurpose        the client is not granted the purpose it names
    │       ├── NoPurpose         it names none, and must
    │       ├── PurposeEnded      the purpose, or the client's grant of it, has ended
    │       └── OtherPurpose      its token was issued for another
    ├── NotFound                  a path or command names nothing
    ├── Conflict                  a record is not in the state that the request takes it to be in
    │   └── Stale                     it was changed since the client read it
    ├── SourceError               an upstream system did not deliver
    │   └── UnreadableFile        a file in a drop cannot be read
    ├── ConfigurationError        a setting is missing or wrong
    └── Unavailable               the hub cannot answer now

A message says what was expected and never repeats a value that could be a person's.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

Language = Literal["en", "zh"]
"""Languages a message can have."""


class HubError(Exception):
    """Something went wrong inside the hub.

    The base of all errors; ``code`` is stable and part of the interface.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "系统内部错误"
    wait: ClassVar[int | None] = None
    """Seconds after which the same may be answered, where ``details`` know no better."""

    def __init__(self, message: str = "", *, zh: str = "") -> None:
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.message_zh = zh or self.zh
        self.details: dict[str, Any] = {} if self.wait is None else {"retryAfter": self.wait}
        super().__init__(self.message)

    @property
    def extensions(self) -> dict[str, Any]:
        """What stands under ``extensions`` of a GraphQL error; ``details`` are for programs."""
        return {"code": self.code, "messageZh": self.message_zh, **self.details}

    @property
    def retry_after(self) -> int | None:
        """Seconds; None where waiting does not help, or nobody knows how long."""
        return self.details.get("retryAfter")

    def shown(self, language: Language = "en") -> dict[str, Any]:
        """An entry of ``errors`` in a response."""
        message = self.message_zh if language == "zh" else self.message
        return {"message": message, "extensions": self.extensions}


class BadUserInput(HubError):
    """The request is wrong."""

    code, status, zh = "BAD_USER_INPUT", 422, "请求有误"

    @property
    def extensions(self) -> dict[str, str]:
        """``classification`` tells who knows no code of the hub that the caller can mend the request."""
        return {**super().extensions, "classification": BadUserInput.code}


class BadArgument(BadUserInput):
    """An argument is out of its range or form."""

    code, zh = "BAD_ARGUMENT", "参数不符合要求"


class BadCursor(BadUserInput):
    """The cursor does not belong to this list; start again without it."""

    code, zh = "BAD_CURSOR", "游标不属于此列表，请不带游标重新查询"


class BadDocument(BadUserInput):
    """The body is not a GraphQL request."""

    code, status, zh = "BAD_DOCUMENT", 400, "请求体不是有效的 GraphQL 请求"


class BadBatch(BadDocument):
    """Several requests in one body are not answered; send each by itself."""

    code, status, zh = "BATCH_REFUSED", 422, "不支持在一个请求体中批量查询，请逐个发送"


class StreamNeeded(BadDocument):
    """A subscription is answered by a stream: ask with "Accept: text/event-stream", or over WebSocket."""

    code, status, zh = "STREAM_NEEDED", 422, "订阅请用 Accept: text/event-stream 或 WebSocket"


class UnknownDocument(BadDocument):
    """No document of this client has this id."""

    code, status, zh = "PERSISTED_QUERY_NOT_FOUND", 422, "本客户端没有此标识的文档"
    word: ClassVar[str] = "PersistedQueryNotFound"

    def shown(self, language: Language = "en") -> dict[str, Any]:
        """The message is a word in every language: clients look for it, and then send the text."""
        return {**super().shown(language), "message": self.word}


class NoDocuments(UnknownDocument):
    """This client has no documents, and texts it sends are not kept; send the text itself."""

    code, zh = "PERSISTED_QUERY_NOT_SUPPORTED", "本客户端未登记文档，也不自动保存查询，请直接发送查询文本"
    word = "PersistedQueryNotSupported"


class BadSyntax(BadUserInput):
    """The document is not GraphQL."""

    code, status, zh = "GRAPHQL_PARSE_FAILED", 400, "查询语法有误"


class BadSelection(BadUserInput):
    """The document does not fit the schema that this client sees."""

    code, zh = "GRAPHQL_VALIDATION_FAILED", "查询与模式不符"


class TooMuch(HubError):
    """The request is larger than a limit allows."""

    code, status, zh = "LIMIT_EXCEEDED", 422, "请求超出限制"


class TooDear(TooMuch):
    """The request costs more than one request may; ask for less."""

    code, zh = "COST_EXCEEDED", "查询开销超过单次上限，请缩小查询范围"


class TooOften(HubError):
    """The client asks more often than it may; wait a minute."""

    code, status, zh = "RATE_LIMITED", 429, "请求过于频繁，请一分钟后再试"
    wait = 60


class AskedForToday(TooOften):
    """The client has asked about as many persons as it may in a day; wait for the next."""

    code, zh = "QUESTIONS_EXCEEDED", "今日可查询的人数已用完，请次日再试"


class Spent(TooOften):
    """The client has spent what it may in this minute; wait, or ask for less."""

    code, zh = "BUDGET_EXCEEDED", "本分钟的查询开销额度已用完，请稍候或缩小查询范围"


class Unauthenticated(HubError):
    """A valid access token is needed."""

    code, status, zh = "UNAUTHENTICATED", 401, "需要有效的访问令牌"
    challenge: str = "Bearer"


class Forbidden(HubError):
    """The access token does not reach this far."""

    code, status, zh = "FORBIDDEN", 403, "访问令牌的权限不足"


class NotTrusted(Forbidden):
    """This client may ask its trusted documents only, by their id or by the same text."""

    code, zh = "DOCUMENT_NOT_TRUSTED", "本客户端只能查询已登记的可信文档（按标识或原文）"


class QuestionsBarred(Forbidden):
    """The client asked as whoever tries numbers out does; it may ask about nobody until somebody decides."""

    code, zh = "QUESTIONS_BARRED", "查询方式异常，已停止按证件号码查询，待管理员核实"


class UnknownPurpose(Forbidden):
    """The client is not granted this purpose."""

    code, zh = "PURPOSE_REFUSED", "该客户端未获授此用途"


class NoPurpose(UnknownPurpose):
    """This client says what each request is for, in Hub-Purpose or by its token."""

    code, zh = "PURPOSE_REQUIRED", "该客户端的每次请求都须声明用途（Hub-Purpose 请求头或令牌）"


class PurposeEnded(UnknownPurpose):
    """The purpose, or the client's grant of it, has ended."""

    code, zh = "PURPOSE_ENDED", "该用途或对该客户端的授予已终止"


class OtherPurpose(UnknownPurpose):
    """The access token was issued for another purpose."""

    code, zh = "PURPOSE_FIXED", "访问令牌是为其他用途签发的"


class NotFound(HubError):
    """Nothing has this name."""

    code, status, zh = "NOT_FOUND", 404, "未找到"


class Conflict(HubError):
    """The record is not as this takes it to be any more; read it again."""

    code, status, zh = "CONFLICT", 409, "记录状态已变化，请重新读取"


class Stale(Conflict):
    """The record was changed since you read it: read it again, and give its version."""

    code, zh = "STALE", "该记录在读取后已被更改，请重新读取并带回版本"

    def __init__(self, record: str = "", unseen: Forbidden | None = None) -> None:
        """``record``: its key, as its global id has it behind the type. ``unseen``: the error for whom the
        record as it is now is not shown to."""
        super().__init__()
        self.record, self.unseen = record, unseen or Forbidden()


class SourceError(HubError):
    """An upstream system did not deliver."""

    code, status, zh = "SOURCE_ERROR", 502, "上游系统未能提供数据"


class UnreadableFile(SourceError):
    """A file in a drop cannot be read."""

    code, zh = "UNREADABLE_FILE", "文件无法读取"


class ConfigurationError(HubError):
    """A setting is missing or wrong."""

    code, zh = "CONFIGURATION_ERROR", "配置缺失或有误"


class Unavailable(HubError):
    """The hub cannot answer now; try again later."""

    code, status, zh = "UNAVAILABLE", 503, "服务暂不可用，请稍后再试"


def all_errors(base: type[HubError] = HubError) -> list[type[HubError]]:
    """The tree in drawing order, then what other files add, whichever was imported first."""
    below = sorted(base.__subclasses__(), key=lambda sub: (sub.__module__ != __name__, sub.__module__))
    return [base, *(e for sub in below for e in all_errors(sub))]
