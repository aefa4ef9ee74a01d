"""规则: how binding a rule is, whom it is about, and how its numbers are compared."""

from hub.domain.vocabulary.term import Term


class Force(Term):
    MUST = "MUST", "应当", "Must"
    PRIN = "PRIN", "原则上", "As a principle"
    ENC = "ENC", "鼓励", "Encouraged"
    MAY = "MAY", "可以", "May"
    FACT = "FACT", "事实或定义", "Fact or definition"


class NormSubject(Term):
    """What a verdict is given on."""

    STATION = "STATION", "服务站", "Station"
    PERSONNEL = "PERSONNEL", "工作人员", "Member of staff"
    BENEFICIARY = "BENEFICIARY", "服务对象", "Beneficiary"
    CONTRACT = "CONTRACT", "合同", "Contract"
    CONTRACTOR = "CONTRACTOR", "承接机构", "Contractor"
    COUNTY = "COUNTY", "县（市、区）", "County"
    PREFECTURE = "PREFECTURE", "设区市", "Prefecture"
    PROVINCE = "PROVINCE", "省（自治区）", "Province"


class NormScope(Term):
    """Over what a number is counted: six people for a project are not six for each of its stations."""

    PERSON = "PERSON", "每人", "Each person"
    STATION = "STATION", "每站", "Each station"
    PROJECT = "PROJECT", "整个项目", "The whole project"
    CONTRACT = "CONTRACT", "每份合同", "Each contract"
    COUNTY = "COUNTY", "全县（市、区）", "The whole county"
    PREFECTURE = "PREFECTURE", "全市", "The whole prefecture"
    PROVINCE = "PROVINCE", "全省（自治区）", "The whole province"


class NormPeriod(Term):
    """Within which time; a project period and a year are not the same unless the project lasts one."""

    ONCE = "ONCE", "一次", "Once"
    WEEK = "WEEK", "每周", "Each week"
    MONTH = "MONTH", "每月", "Each month"
    QUARTER = "QUARTER", "每季度", "Each quarter"
    HALF_YEAR = "HALF_YEAR", "每半年", "Each half year"
    YEAR = "YEAR", "每年", "Each year"
    CONTRACT_YEAR = "CONTRACT_YEAR", "每一合同年度", "Each contract year"
    CONTRACT = "CONTRACT", "合同期", "Term of the contract"
    PROJECT = "PROJECT", "项目周期", "Project period"


class NormComparator(Term):
    """Strict and inclusive bounds are kept apart: 超过50人 is not 不少于50人."""

    AT_LEAST = "AT_LEAST", "不少于", "At least"
    MORE_THAN = "MORE_THAN", "超过", "More than"
    AT_MOST = "AT_MOST", "不超过", "At most"
    LESS_THAN = "LESS_THAN", "少于", "Less than"
    EXACTLY = "EXACTLY", "等于", "Exactly"
    ONE_OF = "ONE_OF", "其中之一", "One of"
    ALL_OF = "ALL_OF", "全部具备", "All of"
    READS = "READS", "文字为", "Reads"
    CONTAINS = "CONTAINS", "包含", "Contains"
    WITHIN = "WITHIN", "范围内", "Within"


class BoundStanding(Term):
    """What becomes of a bound among others that are in force at the same place and day."""

    ALONE = "ALONE", "唯一", "Nothing else limits the same"
    BINDS = "BINDS", "适用", "Binds: none in force is stricter"
    YIELDS = "YIELDS", "让位", "Yields to a stricter one"
    BESIDE = "BESIDE", "并存", "Stands beside others it cannot be measured against"


class BoundRelation(Term):
    """How a bound is to another one on the same quantity of the same subject."""

    STRICTER = "STRICTER", "更严", "Whatever meets it meets the other, and not the other way round"
    LOOSER = "LOOSER", "较宽", "Whatever meets the other meets it, and not the other way round"
    EQUAL = "EQUAL", "相同", "Both ask for the same"
    TOGETHER = "TOGETHER", "共同适用", "Both can be met, and neither includes the other"
    CONTRADICTS = "CONTRADICTS", "互相矛盾", "Nothing meets both"
    NO_VALUE = "NO_VALUE", "未规定数值", "A document gives no value"
    OTHER_SCOPE = "OTHER_SCOPE", "计量范围不同", "They are counted over different scopes"
    OTHER_BASE = "OTHER_BASE", "基数不同", "They are shares of different totals"
    OTHER_CASE = "OTHER_CASE", "适用情形不同", "They are for different cases"
    OTHER_PERIOD = "OTHER_PERIOD", "周期不同", "They are counted over different periods"
    OTHER_UNIT = "OTHER_UNIT", "单位不同", "They are in different units"
    OTHER_FORCE = "OTHER_FORCE", "效力不同", "The stricter one is less binding"
    NO_ORDER = "NO_ORDER", "无法比较", "Words or conditions without an order"


class NoName(Term):
    """Why the rules give a station no name."""

    NO_RULE = "NO_RULE", "无命名规则", "No document in force names stations here"
    NO_TOWNSHIP = (
        "NO_TOWNSHIP",
        "非乡镇（街道）",
        "The division is no township or sub-district",
    )


class VerdictStatus(Term):
    """What is not known is not met, and is told apart from it."""

    MET = "MET", "符合", "Met"
    NOT_MET = "NOT_MET", "不符合", "Not met"
    DUE = "DUE", "未到期", "Not met yet, and not late"
    NOT_APPLICABLE = "NOT_APPLICABLE", "不适用", "Not about this record"
    UNKNOWN = "UNKNOWN", "无法判断", "Cannot be decided: a value or a threshold is missing"
