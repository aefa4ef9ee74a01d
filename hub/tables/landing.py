"""收存: what sources delivered, as it came, sealed; so that it can be merged again without asking them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    SmallInteger,
    Text,
    TypedColumns,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, sealed, table

PARTITIONS: Final = "landed"
"""Schema of the partitions of ``landed_slice``, one for each month (UTC) in which something arrived."""


class LandedRunColumns(TypedColumns):
    """How a run took what it was given; with its slices it can be run again."""

    run_id: Named[int] = internal("同步运行", "Run", BigInteger, ForeignKey("sync_run.id"), primary_key=True)
    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    landed_at: Named[dt.datetime] = internal("接收时间", "When the hub received it", STAMP)
    read_on: Named[dt.date] = internal("读取日期", "Day the run took for today", Date)
    whole: Named[bool] = internal("是否全量", "The source said all that it says", Boolean)
    continued: Named[bool] = internal("是否续传", "It went on from a checkpoint", Boolean)
    retried: Named[bool] = internal("是否重试", "Rows in quarantine were read again", Boolean)


landed_run = table(
    "landed_run",
    "收存批次",
    "Run whose delivery is kept as it came",
    LandedRunColumns,
    Index(None, "source_id", "run_id"),
)


class LandedSliceColumns(TypedColumns):
    """``content``: see ``hub.sync.landing``. Of rows that were kept before stands the hash."""

    landed_at: Named[dt.datetime] = internal("接收时间", "When the hub received it", STAMP, primary_key=True)
    run_id: Named[int] = internal("同步运行", "Run", BigInteger, ForeignKey("sync_run.id"), primary_key=True)
    number: Named[int] = internal("序号", "Position in the run", Integer, primary_key=True)
    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    list_kind: Named[str] = internal("名单类型", "Kind of list", CODE)
    observed_at: Named[dt.datetime] = internal("来源时间", "Date of the list", STAMP)
    dated: Named[bool] = internal("是否注明日期", "The list names its day", Boolean)
    ends: Named[bool] = internal("是否完整", "With it the list is complete", Boolean)
    absent: Named[list[str]] = internal("缺少的列", "Mapped headers the table did not have", ARRAY(Text))
    row_count: Named[int] = internal("行数", "Rows it says", Integer)
    kept_count: Named[int] = internal("留存行数", "Rows of which it holds the cells", Integer)
    digest: Named[bytes] = internal("分片摘要", "Keyed hash of all it says", LargeBinary)
    hashes: Named[bytes | None] = internal(
        "行摘要", "Keyed hashes of its rows, in order; empty: an earlier slice has the digest", LargeBinary
    )
    content: Named[bytes] = sealed(
        "内容", "Places, times and cells, compressed, opened", "internal", long=True
    )


landed_slice = table(
    "landed_slice",
    "收存分片",
    "Rows a source delivered, up to 2,000 of them, as they came",
    LandedSliceColumns,
    Index(None, "source_id", "run_id"),
    postgresql_partition_by="range (landed_at)",
)
