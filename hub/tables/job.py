"""批量任务: a client's document asked again and again, and what came of it, until it expires."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, now, sealed, table

UNDER_WAY = "state in ('RECEIVING', 'WAITING', 'RUNNING')"


class JobColumns(TypedColumns):
    """What was asked for and how far it is. Whom it tells of stands in the access log."""

    id: Named[uuid.UUID] = internal("编号", "Name of the job", Uuid, primary_key=True)
    client_id: Named[str] = internal(
        "客户端标识", "Client it is done for", CODE, ForeignKey("oauth_client.client_id", ondelete="CASCADE")
    )
    key: Named[str] = internal("幂等键", "What the client calls it: once for each", CODE)
    request: Named[bytes] = internal("请求摘要", "Keyed hash of all that was asked", LargeBinary)
    document: Named[bytes] = sealed("查询文档", "Document that is asked, opened", "internal")
    variables: Named[bytes] = sealed("变量", "Its variables as JSON, opened", "internal")
    purpose: Named[str | None] = internal("使用目的", "Purpose it was started for", CODE)
    scopes: Named[list[str]] = internal("权限范围", "Scopes it was started with", ARRAY(Text))
    formats: Named[list[str]] = internal("文件格式", "Files that are made of the result", ARRAY(Text))
    state: Named[str] = internal("状态", "How far it is", CODE)
    reason: Named[str | None] = internal("原因", "Code of the error it waits for, or ended by", CODE)
    persons: Named[int | None] = internal("人数", "Persons it was given; empty: it reads a list", Integer)
    done: Named[int] = internal("已完成数", "Rows that are there", Integer, server_default=text("0"))
    failed: Named[int] = internal(
        "未予核验数", "Of these, persons that were refused", Integer, server_default=text("0")
    )
    step: Named[int] = internal("步数", "Parts of the result", Integer, server_default=text("0"))
    cursor: Named[str | None] = internal("游标", "Behind which the list goes on", CODE)
    bytes: Named[int] = internal(
        "字节数", "Bytes of rows that are there", BigInteger, server_default=text("0")
    )
    most: Named[int | None] = internal("每步人数", "Persons asked about at once, where fewer fit", Integer)
    failure_count: Named[int] = internal(
        "失败次数", "Tries of the step that failed", Integer, server_default=text("0")
    )
    started_at: Named[dt.datetime] = now("开始时间", "When it was asked for")
    due_at: Named[dt.datetime] = now("待处理时间", "It does not go on before")
    finished_at: Named[dt.datetime | None] = internal("完成时间", "When it ended", STAMP)
    expires_at: Named[dt.datetime] = internal("失效时间", "When all of it is deleted", STAMP)
    lease: Named[str | None] = internal("租约", "Who works on it", CODE)
    lease_until: Named[dt.datetime | None] = internal("租约截止时间", "And until when", STAMP)


job = table(
    "job",
    "批量任务",
    "A document asked again and again",
    JobColumns,
    UniqueConstraint("client_id", "key"),
    Index("job_due_idx", "due_at", postgresql_where=text(UNDER_WAY)),
    Index(None, "expires_at"),
)


class JobPartColumns(TypedColumns):
    """A piece of what a job was given (``kind`` ``persons``) or of a file of that format."""

    job: Named[uuid.UUID] = internal(
        "批量任务", "Job", Uuid, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Named[str] = internal("种类", "What it is a piece of", CODE, primary_key=True)
    number: Named[int] = internal("序号", "Its place, from 0", Integer, primary_key=True)
    first: Named[int] = internal("起始位置", "Persons or bytes before it", BigInteger)
    size: Named[int] = internal("大小", "Persons or bytes in it", Integer)
    content: Named[bytes] = sealed("内容", "The piece, compressed", "internal", long=True)


job_part = table("job_part", "批量任务数据块", "Piece of a job", JobPartColumns)


class JobFileColumns(TypedColumns):
    """A whole file. Its receipt is as of an answer (``hub.audit.receipt``)."""

    job: Named[uuid.UUID] = internal(
        "批量任务", "Job", Uuid, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    format: Named[str] = internal("文件格式", "Format", CODE, primary_key=True)
    bytes: Named[int] = internal("字节数", "Size", BigInteger)
    digest: Named[str] = internal("摘要", "SHA-256, hexadecimal", CODE)
    receipt: Named[str] = internal("回执", "Signed receipt of it", CODE)
    made_at: Named[dt.datetime] = now("生成时间", "When it was made")


job_file = table("job_file", "批量任务结果文件", "File a job made", JobFileColumns)
