"""What a rule in force forbids is not written, and the error says which document says so, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

from hub.domain.norms import Rule, rules_of
from hub.domain.norms.met import Told, met
from hub.domain.vocabulary.norm import Force
from hub.errors import BadUserInput

BINDING: Final = frozenset({Force.MUST, Force.PRIN, Force.FACT})


class AgainstRule(BadUserInput):
    """A rule of the place forbids it."""

    code, zh = "AGAINST_RULE", "不符合当地规定"

    @classmethod
    def of(cls, rule: Rule) -> AgainstRule:
        document, quote = rule.document, rule.quote
        principle = rule.force is Force.PRIN
        error = cls(
            f"{rule.document.title_en}, {rule.article} ({rule.key}): {rule.en}."
            + (" It holds in principle: say why it is an exception." if principle else ""),
            zh=f"《{document.title}》{rule.article}：{quote}"
            + ("（原则性规定，如属例外请说明理由）" if principle else ""),
        )
        error.details = {
            "rule": rule.key,
            "force": rule.force.value,
            "document": document.title,
            "documentNumber": document.number,
            "article": rule.article,
            "quote": quote,
        }
        return error


def keep_rules(
    division_code: str,
    on: dt.date,
    told: Mapping[str, Told],
    *,
    when: Collection[str] = (),
    is_exception: bool = False,
) -> None:
    """AgainstRule where a bound in force there that day is not met.

    ``told``: what there is of the quantities that bounds speak of; of others nothing is asked. ``when``: the
    conditions of bounds that are so. What holds in principle (原则上) an exception need not meet.
    """
    for rule in rules_of(division_code, on):
        if rule.force not in BINDING or (is_exception and rule.force is Force.PRIN):
            continue
        for bound in rule.bounds:
            if bound.quantity not in told or (bound.when is not None and bound.when not in when):
                continue
            if met(bound, told[bound.quantity]) is False:
                raise AgainstRule.of(rule)


def rule_in_force(key: str, division_code: str, on: dt.date) -> Rule | None:
    return next((rule for rule in rules_of(division_code, on) if rule.key == key), None)
