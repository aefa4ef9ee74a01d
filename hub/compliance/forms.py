"""What a report of each kind holds: its sections, the boards whose figures stand in them, and the evidence.

The documents name the reports (R119–R137, R180, R186) and give none of them a form. So titles are the
words of the documents, and headings, their order and the columns of lists are the hub's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.compliance.boards import Board
from hub.domain.vocabulary import ReportKind

HEADINGS_ARE: Final = (
    "The documents name this report and give no form; headings and their order are the hub's own.",
    "文件规定了本报告而未规定格式，各级标题及次序由系统拟定。",
)


class Column(NamedTuple):
    """``path``: of fields from the record; ``needs``: of whom nothing is shown without this group."""

    zh: str
    path: tuple[str, ...]


class Evidence(NamedTuple):
    """A list of records of a table. ``root``: of the interface; ``day``: the field that says when.

    ``searched``: whether the interface can look for days; else what lies outside is left out afterwards.
    """

    table: str
    root: str
    zh: str
    day: str
    searched: bool
    columns: tuple[Column, ...]


class Section(NamedTuple):
    """``prompt``: what a person must write, which no record tells."""

    zh: str
    en: str
    boards: tuple[Board, ...] = ()
    facts: bool = False
    budget: bool = False
    evidence: tuple[str, ...] = ()
    prompt: str = ""


class Form(NamedTuple):
    """``quantity``: what the name of the bound that asks for it begins with. ``of``: contract or division."""

    of: str
    quantity: str
    sections: tuple[Section, ...]


def _list(table: str, root: str, zh: str, day: str, searched: bool, *columns: tuple[str, str]) -> Evidence:
    told = tuple(Column(label, tuple(path.split("."))) for label, path in columns)
    return Evidence(table, root, zh, day, searched, told)


_STATION: Final = ("服务站", "station.name")
_PERSON: Final = ("服务对象（脱敏）", "beneficiary.nameMasked")

EVIDENCE: Final[Mapping[str, Evidence]] = {
    each.table: each
    for each in (
        _list(
            "visit", "visits", "入户探访清单", "visitedOn", True,
            ("日期", "visitedOn"), ("方式", "kind"), ("事由", "purpose"), _STATION, _PERSON,
        ),
        _list(
            "case_work", "cases", "个案服务清单", "openedOn", True,
            ("立案日期", "openedOn"), ("类型", "kind"), ("结案日期", "closedOn"), ("次数", "sessionCount"),
            ("时数", "hours"), _PERSON,
        ),
        _list(
            "community_activity", "communityActivities", "社区活动清单", "heldOn", True,
            ("日期", "heldOn"), ("主题", "theme"), ("参加人数", "attendeeCount"), _STATION,
        ),
        _list(
            "publicity_event", "publicityEvents", "政策宣传清单", "heldOn", True,
            ("日期", "heldOn"), ("形式", "kind"), ("内容", "topics"),
            ("发放资料（份）", "materialsCount"), _STATION,
        ),
        _list(
            "patrol", "patrols", "街面巡查清单", "patrolledOn", True,
            ("日期", "patrolledOn"), ("路线", "route"), ("志愿者人数", "volunteerCount"), _STATION,
        ),
        _list(
            "hospital_escort", "hospitalEscorts", "住院陪护清单", "startsOn", True,
            ("起始日期", "startsOn"), ("截止日期", "endsOn"), ("医院", "hospital"), _PERSON,
        ),
        _list(
            "training_event", "trainingEvents", "培训清单", "heldOn", False,
            ("日期", "heldOn"), ("类别", "kind"), ("名称", "title"), ("学时", "hours"),
            ("参加人数", "attendeeCount"),
        ),
        _list(
            "evaluation", "evaluations", "评估清单", "evaluatedOn", False,
            ("日期", "evaluatedOn"), ("类别", "kind"), ("评估方", "evaluator"), ("得分", "score"),
            ("等次", "grade"),
        ),
        _list(
            "expenditure", "expenditures", "支出清单", "spentOn", False,
            ("日期", "spentOn"), ("类别", "budgetLine.category"), ("金额（元）", "amount"),
        ),
        _list(
            "report", "reports", "工作报告清单", "periodEndsOn", False,
            ("报告期止", "periodEndsOn"), ("类别", "kind"), ("报送方", "sender"), ("接收方", "recipient"),
            ("状态", "status"),
        ),
        _list(
            "contract", "contracts", "购买服务合同清单", "startsOn", False,
            ("合同编号", "number"), ("承接机构", "contractor.name"), ("起", "startsOn"), ("止", "endsOn"),
            ("状态", "status"),
        ),
        _list(
            "station", "stations", "民政服务站清单", "openedOn", False,
            ("名称", "name"), ("状态", "status"), ("启用日期", "openedOn"), ("承接机构", "operator.name"),
        ),
    )
}  # fmt: skip
"""Lists that prove a report, by table. Of a person they name no more than masked names, and no number."""
STANDING: Final = frozenset({"contract", "station"})
"""Lists of what there is in a division, whenever it began."""

_FACTS: Final = Section("基本情况", "Facts", facts=True)
_WORK: Final = Section("服务开展情况", "Work done", (Board.QUOTAS,))
_STAFF: Final = Section(
    "人员配备和培训情况", "Staff and training", (Board.STAFF,), evidence=("training_event",)
)
_MONEY: Final = Section("经费使用情况", "Money", (Board.FUNDS,), budget=True, evidence=("expenditure",))
_PROOF: Final = Section(
    "佐证材料清单",
    "Evidence",
    evidence=("visit", "case_work", "community_activity", "publicity_event", "patrol", "hospital_escort"),
)
_JUDGED: Final = Section("评估和报送情况", "Evaluations and reports", evidence=("evaluation", "report"))
_HARD: Final = Section("存在的困难和问题", "Difficulties", prompt="（由报告单位填写）")
_NEXT: Final = Section("下一步工作", "What comes next", prompt="（由报告单位填写）")
_OTHER: Final = Section(
    "辖区其他政府购买民政服务项目统计",
    "Other purchased projects in the area (R129)",
    evidence=("contract",),
)

_SHORT: Final = (_FACTS, _WORK, _STAFF, _PROOF, _HARD, _NEXT)
_WHOLE: Final = (_FACTS, _WORK, _STAFF, _MONEY, _JUDGED, _PROOF, _HARD, _NEXT)
_AREA: Final = (
    _FACTS,
    Section("站点建设情况", "Stations", (Board.MILESTONES,), evidence=("station",)),
    Section("人员配备和培训情况", "Staff and training", (Board.STAFF,)),
    Section("项目实施情况", "Projects", (Board.QUOTAS,), evidence=("contract",)),
    Section("资金管理情况", "Money", (Board.FUNDS,)),
    _JUDGED,
    _HARD,
    _NEXT,
)

FORMS: Final[Mapping[ReportKind, Form]] = {
    ReportKind.MONTHLY: Form("contract", "report.MONTHLY", _SHORT),
    ReportKind.REGULAR: Form("contract", "report.REGULAR", (*_SHORT[:-2], _OTHER, _HARD, _NEXT)),
    ReportKind.MID_TERM: Form("contract", "report.MID_TERM", _WHOLE),
    ReportKind.FINAL_TERM: Form("contract", "report.FINAL", _WHOLE),
    ReportKind.SELF_EVALUATION: Form("contract", "report.SELF_EVALUATION", _WHOLE),
    ReportKind.HALF_YEAR: Form("division", "report.HALF_YEAR", _AREA),
    ReportKind.PROGRESS: Form("division", "report.PROGRESS", _AREA),
    ReportKind.ANNUAL: Form("division", "report.ANNUAL", _AREA),
}
"""Kinds that can be drafted. Statistics and good practice (R125, R129) are a person's own words."""

UNITS: Final[Mapping[str, str]] = {
    "ACTIVITY": "场", "ARTICLE": "篇", "CALENDAR_YEAR": "年", "CASE": "个", "CENTRE": "个", "CM": "厘米",
    "CNY": "元", "DAY": "天", "DIVISION": "个", "DOSSIER": "份", "ENTRY": "次", "ESCORT": "次",
    "EVALUATION": "次", "HOUR": "小时", "ISSUE": "期", "MONTH": "个月", "PATROL": "次", "PERSON": "人",
    "PROJECT": "个", "REPORT": "份", "SERIES": "个", "SERVICE": "次", "SESSION": "次", "STATION": "个",
    "SUPERVISION": "次", "TEAM": "支", "TRAINING_HOUR": "学时", "VISIT": "次", "WORK_HOUR": "小时",
    "YEAR": "年", "YEAR_OF_AGE": "岁",
}  # fmt: skip
"""Measure words; what is not here is a word or a day, and has none."""
