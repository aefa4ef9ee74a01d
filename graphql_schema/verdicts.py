"""What was last judged of people, kept: who is to be visited, and what is overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import strawberry

from hub import tables
from hub.compliance.boards import ON, Board
from hub.domain.norms import RULES, Rule
from hub.domain.vocabulary import VerdictStatus
from hub.read.bind import bound, made, one

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary

BY: Final[Mapping[tuple[str, str], Rule]] = {(rule.document.code, rule.key): rule for rule in RULES}
VISITS: Final = ON[Board.VISITS]
OPEN: Final = (VerdictStatus.DUE.value, VerdictStatus.NOT_MET.value)


def _statement(_: dt.date, document: str, rule: str) -> str | None:
    return found.en if (found := BY.get((document, rule))) else None


def _article(_: dt.date, document: str, rule: str) -> str | None:
    return found.article if (found := BY.get((document, rule))) else None


def _quote(_: dt.date, document: str, rule: str) -> str | None:
    return found.quote if (found := BY.get((document, rule))) else None


@bound(tables.beneficiary_verdict)
class BeneficiaryVerdict:
    id: strawberry.ID
    document: str
    rule: str
    quantity: str
    status: VerdictStatus
    value: str | None
    target: str | None
    due_on: dt.date | None
    since_on: dt.date
    statement: str | None = made(
        "What the rule says, in English", "英文说明", "document", "rule", make=_statement
    )
    article: str | None = made("Article of the document", "条款", "document", "rule", make=_article)
    quote: str | None = made("Words of the document", "原文", "document", "rule", make=_quote)
    beneficiary: Beneficiary | None = one("Whom it is about", "服务对象")
