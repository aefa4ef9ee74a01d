"""审计: who was shown what, and why, chained so that nothing is changed unseen. Rows are only ever added."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Named,
    Table,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import CODE, STAMP, internal, now, table

PERSON: Final = "beneficiary"
OF_PERSON: Final = "beneficiary_id"
"""The table of the people whom the hub serves, and the column by which a record of another is theirs."""
PEOPLE: Final = frozenset({PERSON, "beneficiary_apart"})
"""Tables whose rows are people themselves, by their numbers."""


def personal(of: Table[Any]) -> bool:
    """Whether a row tells something of a person: by the groups of its columns, or by whose it is."""
    return OF_PERSON in of.c or any(c.info["group"] not in ("public", "internal") for c in of.c)


class AccessEntryColumns(TypedColumns):
    """Holds keys and hashes of what was shown and asked about, and no value of it.

    ``client_id`` is no foreign key: an entry outlives the client. Nor is ``shape``: its hash checks it.
    """

    sequence: Named[int] = internal("序号", "Position", BigInteger, Identity(always=True), primary_key=True)
    at: Named[dt.datetime] = now("时间", "When")
    client_id: Named[str] = internal("客户端标识", "Client identifier", CODE)
    user_id: Named[int | None] = internal("用户", "User the client asked for", BigInteger)
    role: Named[str] = internal("角色", "Role it acted in", CODE)
    purpose: Named[str | None] = internal("用途", "Purpose it stated")
    operation: Named[str] = internal("操作", "Hash of the document")
    shape: Named[bytes | None] = internal("内容结构", "Hash of the fields it was shown", LargeBinary)
    tables: Named[list[str]] = internal("数据表", "Tables it reached", ARRAY(CODE))
    request_id: Named[str] = internal("请求编号", "Identifier of the request", CODE)
    records: Named[str | None] = internal("记录", "Keys of the records it was shown", CODE)
    asked: Named[list[str] | None] = internal("所询证件", "Keyed hashes of numbers asked about", ARRAY(CODE))


access_entry = table(
    "access_entry",
    "访问记录",
    "Entry of the access log",
    AccessEntryColumns,
    Index(None, "client_id", "at"),
    Index(None, "at"),
)


class AccessShapeColumns(TypedColumns):
    """What entries have in common: the document without its values, and the fields of each kind of record."""

    digest: Named[bytes] = internal("摘要", "SHA-256 of the content", LargeBinary, primary_key=True)
    content: Named[str] = internal("内容", "Document and fields, or an act, as canonical JSON")
    last_at: Named[dt.datetime] = internal(
        "最迟引用时间",
        "No entry of it is later",
        STAMP,
        server_default=text("now() + interval '30 days'"),
    )


access_shape = table(
    "access_shape", "访问内容结构", "What an operation shows", AccessShapeColumns, Index(None, "last_at")
)


class AccessBatchColumns(TypedColumns):
    """Entries that are sealed: their hash goes into the next batch's. It stays when they are deleted."""

    number: Named[int] = internal(
        "批次", "Place in the chain, from 1", BigInteger, primary_key=True, autoincrement=False
    )
    first_sequence: Named[int] = internal("首条序号", "Position of its first entry", BigInteger)
    last_sequence: Named[int] = internal("末条序号", "Position of its last entry", BigInteger)
    entry_count: Named[int] = internal("条数", "Entries", Integer)
    algorithm: Named[str] = internal("摘要算法", "Hash it is made with: sha256 or sm3", CODE)
    content: Named[bytes] = internal("内容摘要", "Hash of the hashes of its entries", LargeBinary)
    previous: Named[bytes] = internal("前一摘要", "Hash of the batch before", LargeBinary)
    digest: Named[bytes] = internal("摘要", "Hash of all the above", LargeBinary)
    sealed_at: Named[dt.datetime] = internal("封存时间", "When it was sealed", STAMP)
    head: Named[str] = internal("签名链头", "Digest signed by the hub, RFC 7515")
    people: Named[list[int]] = internal("涉及人员", "Keys of people in its entries", ARRAY(BigInteger))
    asked: Named[list[str]] = internal("所询证件", "Hashes of numbers in its entries", ARRAY(CODE))
    pruned_at: Named[dt.datetime | None] = internal("清除时间", "When its entries were deleted", STAMP)


access_batch = table(
    "access_batch",
    "访问记录批次",
    "Sealed batch of the access log",
    AccessBatchColumns,
)


class ReceiptKeyColumns(TypedColumns):
    """Receipts outlive the keys that signed them."""

    kid: Named[str] = internal("密钥标识", "Key identifier", CODE, primary_key=True)
    jwk: Named[dict[str, Any]] = internal("公钥", "Public key, RFC 7517", JSONB)
    first_used_at: Named[dt.datetime] = internal("首次使用时间", "When it signed its first receipt", STAMP)


receipt_key = table("receipt_key", "回执签名密钥", "Key that has signed receipts", ReceiptKeyColumns)


class AccessSpanColumns(TypedColumns):
    """Batches one after the other: where to look for a person without looking into each of them."""

    last_number: Named[int] = internal(
        "末批次", "Its last batch", BigInteger, primary_key=True, autoincrement=False
    )
    first_number: Named[int] = internal("首批次", "Its first batch", BigInteger)
    first_sequence: Named[int] = internal("首条序号", "Position of its first entry", BigInteger)
    people: Named[list[int]] = internal("涉及人员", "Keys of people in its batches", ARRAY(BigInteger))
    asked: Named[list[str]] = internal("所询证件", "Hashes of numbers in its batches", ARRAY(CODE))


access_span = table(
    "access_span",
    "访问记录检索区段",
    "Batches of the access log that are searched together",
    AccessSpanColumns,
    Index(None, "people", postgresql_using="gin"),
    Index(None, "asked", postgresql_using="gin"),
)
