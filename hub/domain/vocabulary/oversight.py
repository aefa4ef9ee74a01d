"""监督: reports, supervision, evaluation, archives; and the state of runs and clients."""

from hub.domain.vocabulary.term import Term


class Party(Term):
    CONTRACTOR = "CONTRACTOR", "承接机构", "Contractor", "承接主体", "承接方", "服务机构", "运营机构"
    STATION = "STATION", "民政服务站", "Station"
    TOWNSHIP = "TOWNSHIP", "乡镇（街道）", "Township or sub-district", "镇（街道）"
    COUNTY_BUREAU = "COUNTY_BUREAU", "县级民政局", "County or district bureau", "区民政局", "县民政局"
    PREFECTURE_BUREAU = "PREFECTURE_BUREAU", "市民政局", "Prefecture-city bureau"
    PROVINCE_DEPARTMENT = "PROVINCE_DEPARTMENT", "民政厅", "Provincial department", "自治区民政厅", "省民政厅"


class ReportKind(Term):
    MONTHLY = "MONTHLY", "月度工作报告", "Monthly report", "月报"
    MID_TERM = "MID_TERM", "中期工作报告", "Mid-term report", "年度中期工作报告"
    FINAL_TERM = "FINAL_TERM", "末期工作报告", "Final-term report"
    PROGRESS = "PROGRESS", "建设进展报告", "Progress of station building", "进展情况"
    ANNUAL = "ANNUAL", "年度工作报告", "Annual report"
    HALF_YEAR = "HALF_YEAR", "半年工作报告", "Half-yearly report", "半年报"
    REGULAR = "REGULAR", "定期工作报告", "Regular report", "定期汇报"
    SELF_EVALUATION = "SELF_EVALUATION", "自评报告", "Self-evaluation report"
    STATISTICS = (
        "STATISTICS",
        "其他购买服务项目统计",
        "Statistics of other purchased projects in the township",
    )
    EXPERIENCE = "EXPERIENCE", "经验做法", "Good practice and opinions", "意见建议"


class ReportStatus(Term):
    DUE = "DUE", "待报送", "Due"
    SUBMITTED = "SUBMITTED", "已报送", "Submitted"
    ACCEPTED = "ACCEPTED", "已接收", "Accepted"
    RETURNED = "RETURNED", "已退回", "Returned"


class SupervisionForm(Term):
    INTERNAL = "INTERNAL", "内部督导", "Internal", "内部"
    JOINT = "JOINT", "联合督导", "Joint", "联合"
    OTHER = "OTHER", "其他", "Other"


class EvaluationKind(Term):
    SELF_STATION = "SELF_STATION", "服务站自评", "Self-evaluation of the station"
    SELF_CONTRACTOR = "SELF_CONTRACTOR", "承接机构自评", "Self-evaluation of the contractor", "中期自评"
    SECTION_SCORE = "SECTION_SCORE", "业务股室评分", "Scores of the bureau's business sections"
    OBJECT_OPINION = "OBJECT_OPINION", "服务对象意见", "Opinions of the service objects"
    THIRD_PARTY = "THIRD_PARTY", "第三方评估", "Third-party evaluation"
    PROVINCE_SPOT_CHECK = "PROVINCE_SPOT_CHECK", "民政厅抽查评估", "Spot check by the province"
    PURCHASER_SPOT_CHECK = "PURCHASER_SPOT_CHECK", "购买主体抽查", "Spot check by the purchaser"
    FINAL_YEAR = "FINAL_YEAR", "期末评估", "Final evaluation of the contract year"
    ANNUAL_FOR_RENEWAL = "ANNUAL_FOR_RENEWAL", "年度评估", "Annual evaluation that decides renewal"
    COMPREHENSIVE_REVIEW = "COMPREHENSIVE_REVIEW", "综合评审", "Comprehensive review"
    COUNTY_APPRAISAL = "COUNTY_APPRAISAL", "民政绩效考核", "Performance appraisal of the county"
    FINANCE_AUDIT = "FINANCE_AUDIT", "财政审计监督", "Finance and audit"
    STAGE_INSPECTION = "STAGE_INSPECTION", "阶段检查评估", "Stage inspection"
    ANNUAL = "ANNUAL", "全年评估", "Assessment of the year"


class ArchiveScope(Term):
    PROJECT_CLOSE = "PROJECT_CLOSE", "项目结项", "Close of a project"
    YEAR_CLOSE = "YEAR_CLOSE", "年度完成", "Completion of a year"
    STAFF_CHANGE = "STAFF_CHANGE", "人员变动", "Change of staff"


class EconomicCheckResult(Term):
    CONFORMS = "CONFORMS", "符合", "Conforms to the conditions"
    EXCEEDS = "EXCEEDS", "不符合", "Does not conform"
    UNDECIDED = "UNDECIDED", "待核实", "To be verified"


class RunStatus(Term):
    RUNNING = "RUNNING", "运行中", "Running"
    SUCCEEDED = "SUCCEEDED", "成功", "Succeeded"
    FAILED = "FAILED", "失败", "Failed"


class ClientStatus(Term):
    ACTIVE = "ACTIVE", "有效", "Active"
    SUSPENDED = "SUSPENDED", "停用", "Suspended"


class LegalBasis(Term):
    """What makes processing lawful: items (1) to (7) of PIPL article 13, first paragraph, in that order."""

    CONSENT = "CONSENT", "取得个人的同意", "Consent of the individual"
    CONTRACT = (
        "CONTRACT",
        "为订立、履行个人作为一方当事人的合同所必需，"
        "或者按照依法制定的劳动规章制度和依法签订的集体合同实施人力资源管理所必需",
        "A contract the individual is a party to, or human-resources management under law",
    )
    STATUTORY_DUTY = (
        "STATUTORY_DUTY",
        "为履行法定职责或者法定义务所必需",
        "Statutory duty or obligation",
    )
    EMERGENCY = (
        "EMERGENCY",
        "为应对突发公共卫生事件，或者紧急情况下为保护自然人的生命健康和财产安全所必需",
        "Public-health emergency, or protection of life, health and property in an emergency",
    )
    NEWS = (
        "NEWS",
        "为公共利益实施新闻报道、舆论监督等行为，在合理的范围内处理个人信息",
        "News reporting or supervision by public opinion, in the public interest",
    )
    DISCLOSED = (
        "DISCLOSED",
        "在合理的范围内处理个人自行公开或者其他已经合法公开的个人信息",
        "Information that is lawfully public, within reason",
    )
    OTHER_LAW = "OTHER_LAW", "法律、行政法规规定的其他情形", "Other circumstances laid down by law"
