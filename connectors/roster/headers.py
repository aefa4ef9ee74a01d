"""The columns of each kind of list, the other words bureaus write for them, and how a list is told.

Which columns: the contract with whoever publishes rosters, see ``README.md``. Synonyms are what
templates and old systems use for the same thing; a synonym never changes the unit (金额（万元） is
no synonym of 金额（元）).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from hub.domain.text import header_key


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PERSON: Final = "姓名 性别 民族 身份证号 出生日期 区划代码"
PERIOD: Final = "起始日期 终止日期"
HOUSEHOLD: Final = (
    "户编号 姓名 与户主关系 性别 民族 身份证号 出生日期 区划代码 家庭住址 联系电话 家庭人口"
    f" 救助证号 月保障金额（元） {PERIOD}"
)


@dataclass(frozen=True, slots=True)
class ListKind:
    """``words`` in a title, sheet name or file name tell the kind."""

    words: re.Pattern[str]
    headers: tuple[str, ...]


KINDS: Final[Mapping[str, ListKind]] = {
    "contractor": ListKind(
        re.compile("承接机构|承接主体|社会组织名|机构名册"),
        _words(
            "统一社会信用代码 机构名称 机构类型 登记管理机关 业务范围 评估等级 成立党组织 "
            "登记地区划代码 联系人 联系电话"
        ),
    ),
    "station": ListKind(
        re.compile("服务站(?:一览|名册|名单|信息|基本|台账|情况|统计|汇总|建设)|站点|社工站"),
        _words(
            "区划代码 乡镇（街道） 服务站名称 原名称 类型 运行状态 更名日期 启用日期 "
            "人员到岗日期 依托场所 地址 电话 运营机构信用代码"
        ),
    ),
    "contract": ListKind(
        re.compile("合同|购买服务.*登记"),
        _words(
            "合同编号 项目名称 购买主体 购买方区划代码 承接机构信用代码 承接机构名称 采购方式 "
            "签订日期 开始日期 结束日期 服务周期（年） 合同金额（元） 合同金额（大写） "
            "服务标准 评估办法 续签自合同编号 合同状态 年度评估结果 服务站区划代码"
        ),
    ),
    "personnel": ListKind(
        re.compile("驻站|工作人员|社工(?!站)|从业人员|员工"),
        _words(
            "工号 姓名 性别 身份证号 出生日期 学历 专业 职业水平证书 取证日期 户籍地区划代码 "
            "用人单位信用代码 服务地区划代码 岗位类别 专职 低保核查员 入职日期 离职日期 "
            "民政局审核日期 联系电话"
        ),
    ),
    "dibao": ListKind(
        re.compile("低保(?!边缘|儿童)|最低生活保障(?!边缘)"),
        _words(f"{HOUSEHOLD} 核对日期"),
    ),
    "tekun": ListKind(
        re.compile("特困(?!家庭|老人|老年|供养老)|五保"),
        _words(f"{HOUSEHOLD} 供养方式 生活自理能力"),
    ),
    "temp_aid": ListKind(
        re.compile("临时救助"),
        _words(f"{PERSON} 住址 联系电话 救助金额（元） {PERIOD}"),
    ),
    "child": ListKind(
        re.compile("儿童|孤儿|未成年"),
        _words(
            f"{PERSON} 住址 儿童类别 监护人姓名 监护人关系 监护人电话 就读学校 风险等级 "
            f"建档日期 {PERIOD} 档案编号"
        ),
    ),
    "elder": ListKind(
        re.compile("老年|老人|高龄|空巢"),
        _words(f"{PERSON} 住址 联系电话 老年人类别 能力等级 评估标准 建档日期 {PERIOD}"),
    ),
    "disability": ListKind(
        re.compile("残疾"),
        _words(
            "姓名 性别 身份证号 出生日期 区划代码 住址 联系电话 对象类别 残疾人证号 残疾类别 "
            f"残疾等级 {PERIOD}"
        ),
    ),
    "vagrant": ListKind(
        re.compile("流浪|乞讨|救助管理"),
        _words(f"档案编号 姓名 性别 身份证号 出生日期 区划代码 对象类别 {PERIOD}"),
    ),
    "other": ListKind(
        re.compile("服务对象|其他.*对象|妇女|家暴|家庭暴力|特困家庭|精神障碍"),
        _words(f"{PERSON} 住址 联系电话 对象类别 {PERIOD}"),
    ),
    "assignment": ListKind(
        re.compile("分派|派案|结对|责任社工"),
        _words("身份证号 档案编号 姓名 服务站区划代码 合同编号 责任社工工号 开始日期 结束日期"),
    ),
    "visit": ListKind(
        re.compile("探访|走访|巡访|回访"),
        _words(
            "探访编号 探访日期 身份证号 档案编号 姓名 探访方式 探访目的 探访人员工号 合同编号 "
            "服务站区划代码 图片记录 探访登记表 文字记录"
        ),
    ),
}
"""By list kind, in the order the lists are merged."""

DAYS: Final = frozenset(h for kind in KINDS.values() for h in kind.headers if h.endswith("日期"))
"""Headers whose cells are days: a bare number there is a serial number of the workbook's epoch."""

AMOUNTS: Final = frozenset({"月保障金额（元）", "救助金额（元）", "合同金额（元）", "合同金额（大写）"})
"""Headers whose cells are sums: one merged over several rows is the sum of all of them, once."""

ANSWERS: Final = frozenset({"成立党组织", "专职", "低保核查员", "图片记录", "探访登记表", "生活自理能力"})
"""Headers under which a word for nothing is an answer, 无 to yes or no and NONE as a code; elsewhere it is an
empty cell."""

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "姓名": _words(
        "对象姓名 服务对象姓名 人员姓名 成员姓名 家庭成员姓名 救助对象姓名 申请人姓名 "
        "儿童姓名 老人姓名 老年人姓名 残疾人姓名 受助人员姓名 受助人姓名 名字 xm"
    ),
    "身份证号": _words(
        "身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码 证件号码 "
        "证件号 身份号码 有效证件号码 gmsfhm id_card idcard sfzh"
    ),
    "性别": _words("男/女 性別"),
    "民族": _words("族别 民族成份 民族成分"),
    "出生日期": _words("出生年月日 出生年月 生日 出生时间 csrq"),
    "区划代码": _words(
        "行政区划代码 所属区划代码 区划编码 行政区划编码 居住地区划代码 村居代码 村（居）代码 "
        "所在地区划代码 乡镇区划代码 地区编码 居住地区划"
    ),
    "家庭住址": _words("住址 详细地址 家庭地址 居住地址 现住址 地址 家庭详细住址 常住地址"),
    "住址": _words("家庭住址 详细地址 家庭地址 居住地址 现住址 地址 现居住地 常住地址"),
    "地址": _words("服务站地址 详细地址 站点地址 住址 所在地址 办公地址"),
    "联系电话": _words("电话 联系方式 手机 手机号 手机号码 电话号码 本人电话 本人联系电话"),
    "电话": _words("联系电话 服务电话 站点电话 服务站电话 办公电话 联系方式"),
    "户编号": _words("家庭编号 户号 户主编号 家庭编码 保障户编号 低保户编号 family_id"),
    "与户主关系": _words("家庭关系 户主关系 与户主的关系 成员关系 与申请人关系 关系"),
    "家庭人口": _words("家庭人口数 家庭人数 保障人口 保障人数 户内人口 家庭成员数"),
    "救助证号": _words("低保证号 低保证编号 救助证编号 保障证号 特困证号 供养证号 证号"),
    "月保障金额（元）": _words(
        "月保障金额 保障金额 保障金 月保障金 月补助金额 补助金额 低保金 月发放金额 供养金 "
        "月供养金额 月人均补助"
    ),
    "救助金额（元）": _words("救助金额 临时救助金额 救助金 补助金额 发放金额"),
    "起始日期": _words(
        "起始时间 开始日期 开始时间 起始年月 享受起始日期 保障起始日期 批准日期 纳入日期 "
        "认定日期 救助日期 入站日期 进站日期 享受待遇开始时间"
    ),
    "终止日期": _words(
        "终止时间 结束日期 结束时间 终止年月 停保日期 退出日期 截止日期 离站日期 享受终止日期 停发日期 "
        "停止享受日期 停止享受时间 停止日期 停发时间 停保时间 退出时间 截止时间 享受结束日期 享受截止日期"
    ),
    "核对日期": _words("家庭经济状况核对日期 经济核对日期 最近核对日期 核对时间"),
    "供养方式": _words("特困供养方式 供养类型 供养形式"),
    "生活自理能力": _words("自理能力 自理状况 生活自理能力等级 自理等级 护理等级"),
    "儿童类别": _words("儿童类型 类别 对象类别 人员类别 困境类别 儿童分类"),
    "老年人类别": _words("老人类别 老人类型 老年人类型 类别 对象类别 人员类别"),
    "对象类别": _words("类别 人员类别 对象类型 服务对象类别 人员类型 救助类别"),
    "监护人姓名": _words("监护人 实际监护人 法定监护人 监护人名字"),
    "监护人关系": _words("与儿童关系 监护人与儿童关系 监护关系 与监护人关系"),
    "监护人电话": _words("监护人联系电话 监护人联系方式 监护人手机 监护人手机号"),
    "就读学校": _words("学校 就学学校 所在学校 学校名称"),
    "风险等级": _words("风险级别 风险评估等级 风险评估结果 风险程度"),
    "建档日期": _words("建档时间 立档日期"),
    "档案编号": _words("档案号 档案号码 档案编码 救助编号 儿童编号 个人档案编号"),
    "能力等级": _words("能力评估等级 老年人能力等级 评估等级 失能等级 能力评估结果"),
    "评估标准": _words("能力评估标准 依据标准 评估依据"),
    "残疾人证号": _words("残疾证号 残疾证编号 残疾人证编号 残疾人证号码 残疾证号码"),
    "残疾类别": _words("残疾类型 残疾种类"),
    "残疾等级": _words("残疾级别 残疾程度"),
    "统一社会信用代码": _words("信用代码 社会信用代码 统一信用代码 统一社会信用代码证号 机构代码"),
    "机构名称": _words("承接机构名称 承接机构 单位名称 承接主体 承接主体名称 名称"),
    "机构类型": _words("机构性质 单位性质 机构类别 类型"),
    "登记管理机关": _words("登记机关 注册登记机关 登记部门"),
    "业务范围": _words("经营范围 登记业务范围"),
    "评估等级": _words("社会组织评估等级 等级 社会组织等级"),
    "成立党组织": _words("是否成立党组织 党组织 有无党组织 是否有党组织"),
    "登记地区划代码": _words("登记地区划 注册地区划代码 注册地区划 区划代码 行政区划代码"),
    "联系人": _words("联系人姓名 负责人"),
    "乡镇（街道）": _words("乡镇街道 乡镇/街道 镇（街道） 镇街 所在乡镇 所属乡镇"),
    "服务站名称": _words("民政服务站名称 站点名称 名称 服务站 民政服务站 站名"),
    "原名称": _words("更名前名称 曾用名 原服务站名称 原站名"),
    "类型": _words("服务站类型 站点类型 类别"),
    "运行状态": _words("运营状态 状态 服务站状态"),
    "更名日期": _words("更名时间"),
    "启用日期": _words("启用时间 建成日期 开站日期 成立日期 建成时间"),
    "人员到岗日期": _words("到岗日期 人员到岗时间 到岗时间"),
    "依托场所": _words("场所依托 依托阵地 场所来源"),
    "运营机构信用代码": _words("运营机构统一社会信用代码 承接机构信用代码 运营方信用代码"),
    "合同编号": _words("合同号 协议编号 合同编码 服务合同编号"),
    "项目名称": _words("合同名称 服务项目名称 项目"),
    "购买主体": _words("采购人 甲方 购买方 采购单位 购买单位"),
    "购买方区划代码": _words("购买主体区划代码 采购人区划代码 甲方区划代码 区划代码"),
    "承接机构信用代码": _words("承接机构统一社会信用代码 供应商信用代码 乙方信用代码 统一社会信用代码"),
    "承接机构名称": _words("承接机构 供应商 乙方 承接主体 中标供应商 机构名称"),
    "采购方式": _words("购买方式 采购形式"),
    "签订日期": _words("合同签订日期 签约日期 签订时间"),
    "开始日期": _words("服务开始日期 合同开始日期 起始日期 生效日期 开始时间 起始时间"),
    "结束日期": _words("服务结束日期 合同结束日期 终止日期 到期日期 结束时间 终止时间"),
    "服务周期（年）": _words("服务周期 服务年限 周期（年）"),
    "合同金额（元）": _words("合同金额 合同价（元） 合同总金额 合同金额（小写） 中标金额 金额"),
    "合同金额（大写）": _words("大写金额 金额大写 合同总金额（大写） 合同价（大写）"),
    "服务标准": _words("质量标准 服务要求"),
    "评估办法": _words("考核办法 评估方式 绩效评估办法"),
    "续签自合同编号": _words("原合同编号 续签自 续签合同编号 续签原合同编号"),
    "合同状态": _words("状态 履行状态 履约状态"),
    "年度评估结果": _words("年度考核结果 评估结果 年度评估"),
    "服务站区划代码": _words("服务站点区划代码 服务区域区划代码 站点区划代码 服务站代码 服务区划代码"),
    "工号": _words("人员编号 员工编号 工作证号 编号 人员工号"),
    "学历": _words("文化程度 最高学历 学历层次"),
    "专业": _words("所学专业 专业名称"),
    "职业水平证书": _words("社工证 社会工作者职业水平 持证情况 证书 职业资格 社工资格 证书级别"),
    "取证日期": _words("取得证书日期 持证日期 发证日期 取证时间"),
    "户籍地区划代码": _words("户籍地区划 户籍区划代码 户籍所在地区划代码 户籍地代码"),
    "用人单位信用代码": _words("用人单位统一社会信用代码 聘用单位信用代码 承接机构信用代码"),
    "服务地区划代码": _words("服务地区划 服务区划代码 区划代码 驻点区划代码 服务站区划代码"),
    "岗位类别": _words("岗位 岗位类型 人员类别 职务 岗位名称"),
    "专职": _words("是否专职 专职/兼职 专兼职"),
    "低保核查员": _words("是否低保核查员 低收入核查员"),
    "入职日期": _words("入职时间 到岗日期 上岗日期"),
    "离职日期": _words("离职时间 离岗日期"),
    "民政局审核日期": _words("审核日期 民政局审核时间 审核时间"),
    "责任社工工号": _words("社工工号 责任人工号 工号 负责社工工号"),
    "探访编号": _words("编号 记录编号 走访编号 巡访编号 台账编号"),
    "探访日期": _words("走访日期 巡访日期 探访时间 日期 回访日期"),
    "探访方式": _words("走访方式 方式 探访形式 探访类型"),
    "探访目的": _words("走访目的 目的 探访事由"),
    "探访人员工号": _words("探访人工号 社工工号 工号 走访人员工号 探访人员编号"),
    "图片记录": _words("照片记录 有无图片 图片 照片 是否有图片记录"),
    "探访登记表": _words("登记表 是否填写登记表 有无登记表"),
    "文字记录": _words("探访记录 情况记录 走访记录 探访内容 记录内容"),
}

_REMARK: Final = re.compile(
    r"\((?:必填项?|选填项?|元|元/月|人|公历|阳历|年月日|\d+位|y+[-./]?m+[-./]?d+|可?多选|是/否|男/女)\)$"
)


def keys(header: str) -> Sequence[str]:
    """The ways a header may be known by: as it stands, and without a remark such as （必填） behind it."""
    key = header_key(header)
    bare = _REMARK.sub("", key)
    return (key,) if bare == key else (key, bare)


@cache
def columns_of(kind: str) -> Mapping[str, str]:
    """Canonical header by key; the header's own word goes before another header's synonym."""
    headers = KINDS[kind].headers
    known = {keys(word)[-1]: header for header in headers for word in reversed(SYNONYMS.get(header, ()))}
    return known | {key: header for header in headers for key in keys(header)}


@cache
def all_keys() -> frozenset[str]:
    """Every key of every kind of list: what makes a row look like a header."""
    return frozenset(key for kind in KINDS for key in columns_of(kind))


def kinds_named(text: str) -> Iterator[str]:
    """Kinds of list a title may mean; the last word of a title says most, so the latest comes first."""
    found = {
        kind: max((m.end() for m in about.words.finditer(text)), default=0) for kind, about in KINDS.items()
    }
    return (kind for kind in sorted(KINDS, key=lambda kind: -found[kind]) if found[kind])
