"""同一人关联: two files of one person, who said so, and what each of them is by itself.

A link makes one row of several: the golden row of one of them stays, what hangs on the others hangs on it,
and each is kept beside it as it would be alone (``hub.store.apart``). Rows of sources are not touched.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Named,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import (
    CODE,
    STAMP,
    county,
    county_key,
    identity,
    internal,
    metadata,
    public,
    sealed,
    stated,
    table,
)
from hub.tables.beneficiary import beneficiary
from hub.tables.emergency import emergency_access
from hub.tables.records import RECORDS


def _apart(golden: Table[Any]) -> Table[Any]:
    """Each of the linked rows as it is alone, the one that stays among them."""
    name, zh = f"{golden.name}_apart", f"{golden.info['zh']}（关联前）"
    columns = [
        Column(c.name, c.type, nullable=c.nullable, comment=c.comment, info=c.info) for c in stated(golden.c)
    ]
    return Table(
        name,
        metadata,
        *columns,
        internal("关联至", "Row that stands for it", BigInteger, name="linked_to", nullable=False),
        internal("所属记录", "What hangs on it, by table", JSONB, name="held", nullable=False),
        PrimaryKeyConstraint("county_code", "id"),
        Index(None, "county_code", "linked_to"),
        Index(None, "id_number_hash"),
        comment=zh,
        info={"zh": zh, "en": f"{golden.info['en']} as it is without the others it is linked with"},
    )


beneficiary_apart = _apart(beneficiary)


class Listing(NamedTuple):
    """A table that names rows in an array of their ids, and in one of their global ids, which begin so."""

    table: Table[Any]
    ids: str
    names: str
    prefix: str


class Linkable(NamedTuple):
    """An entity of which two rows may be of one. ``number``: columns that stay those of the row that stays.

    ``told``: columns that a number tells better than any cell, so where there is one they stay as well.
    ``made_anew``: tables of what the hub makes of a row; it ends with the row, and moves to no other.
    """

    golden: Table[Any]
    apart: Table[Any]
    record: Table[Any]
    number: tuple[str, ...]
    told: tuple[str, ...]
    listings: tuple[Listing, ...] = ()
    made_anew: tuple[str, ...] = ()

    @property
    def masked(self) -> str:
        """Of the number, what is the same whatever key it is sealed with."""
        return next(name for name in self.number if name.endswith("_masked"))

    @property
    def referring(self) -> dict[str, str]:
        """Tables that refer to it, and by which column."""
        return {
            each.name: next(name for name in key.column_keys if name != "county_code")
            for each in metadata.sorted_tables
            for key in each.constraints
            if isinstance(key, ForeignKeyConstraint)
            and key.referred_table is self.golden
            and each.name not in self.made_anew
        }


LINKABLE: Final = Linkable(
    beneficiary,
    beneficiary_apart,
    RECORDS["beneficiary"],
    ("id_number", "id_number_hash", "id_number_masked"),
    ("sex", "birth_on"),
    (Listing(emergency_access, "person_ids", "people", "Beneficiary"),),
    ("beneficiary_verdict",),
)


class IdentityReviewColumns(TypedColumns):
    """``first_id`` < ``second_id``; no foreign keys, for a linked row is away. ``first_print``,
    ``second_print``: hashes of what was compared; when one changes the pair is looked at again.
    ``decided_by``: the client, and user, that decided last; null where nobody has. Whom somebody has told
    apart the rule links no more: with news of one it asks again."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    first_id: Named[int] = internal("甲", "One of the two", BigInteger)
    second_id: Named[int] = internal("乙", "The other", BigInteger)
    status: Named[str] = public("核验状态", "What is held of the two", vocabulary="IdentityStatus")
    score: Named[Decimal] = identity(
        "相似度", "How likely it is that they are of one person, 0 to 1", Numeric(4, 3)
    )
    reasons: Named[list[str]] = identity(
        "依据", "What agrees, is near and disagrees, as sentences without values", ARRAY(Text)
    )
    found_at: Named[dt.datetime] = public("发现时间", "When they were found alike", STAMP)
    decided_at: Named[dt.datetime | None] = public("核验时间", "When it was decided", STAMP)
    by_rule: Named[bool] = public(
        "系统自动关联", "Whether the rule linked them, and nobody looked", Boolean, server_default="false"
    )
    decided_by: Named[str | None] = internal("核验方", "Client, and user, that decided", CODE)
    decision_reason: Named[bytes | None] = sealed("核验理由", "Why, opened", "identity")
    first_print: Named[bytes] = internal("甲摘要", "Hash of what was compared of the one", LargeBinary)
    second_print: Named[bytes] = internal("乙摘要", "Hash of what was compared of the other", LargeBinary)


identity_review = table(
    "identity_review",
    "同一人核验",
    "Question whether two files are of one person",
    IdentityReviewColumns,
    UniqueConstraint("county_code", "first_id", "second_id"),
    Index(None, "county_code", "second_id"),
    Index(None, "status", "county_code", "id"),
    Index(None, "found_at", "county_code", "id"),
    Index(None, "score"),
)


class IdentityCheckedColumns(TypedColumns):
    county_code: Named[str] = county()
    beneficiary_id: Named[int] = internal(
        "服务对象", "Beneficiary", BigInteger, primary_key=True, autoincrement=False
    )
    compared: Named[bytes] = internal("摘要", "Hash of what is compared of it", LargeBinary)
    found_by: Named[list[str]] = internal(
        "检索键", "What it is compared by: who shares one may be alike", ARRAY(CODE)
    )
    numbered: Named[bool] = internal("有身份证号", "Whether it has an identity number", Boolean)


identity_checked = table(
    "identity_checked",
    "同一人比对进度",
    "What has been compared of whom",
    IdentityCheckedColumns,
)
