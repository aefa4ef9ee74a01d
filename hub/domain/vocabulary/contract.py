"""承接机构、采购、合同、资金: contractors, procurement, contracts and money."""

from hub.domain.vocabulary.term import Term


class OrganizationKind(Term):
    SOCIAL_ORGANIZATION = (
        "SOCIAL_ORGANIZATION",
        "社会组织",
        "Social organisation",
        "社会工作服务机构",
        "社会服务机构",
        "民办非企业单位",
        "社会团体",
        "基金会",
    )
    ENTERPRISE = "ENTERPRISE", "企业", "Enterprise", "公司", "有限责任公司", "企业法人"
    PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION", "事业单位", "Public institution", "事业单位法人"
    OTHER = "OTHER", "其他", "Other", "机构", "其他机构", "其他社会力量"


class RegistrationAuthority(Term):
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS", "民政部门", "Civil-affairs department", "民政", "民政局", "民政厅"
    MARKET_REGULATION = (
        "MARKET_REGULATION",
        "市场监督管理部门",
        "Market regulator",
        "市场监督管理",
        "市场监督管理局",
        "市场监管",
        "工商",
    )
    SECTOR_AUTHORITY = "SECTOR_AUTHORITY", "行业主管部门", "Sector authority"


class OrganizationGrade(Term):
    GRADE_1A = "GRADE_1A", "1A", "1A", "A", "1A级"
    GRADE_2A = "GRADE_2A", "2A", "2A", "AA", "2A级"
    GRADE_3A = "GRADE_3A", "3A", "3A", "AAA", "3A级"
    GRADE_4A = "GRADE_4A", "4A", "4A", "AAAA", "4A级"
    GRADE_5A = "GRADE_5A", "5A", "5A", "AAAAA", "5A级"


class Rating(Term):
    EXCELLENT = "EXCELLENT", "优秀", "Excellent"
    QUALIFIED = "QUALIFIED", "合格", "Qualified"
    UNQUALIFIED = "UNQUALIFIED", "不合格", "Unqualified"


class ManagementSystemKind(Term):
    PERSONNEL = "PERSONNEL", "人员", "Personnel", "人员管理"
    FINANCE = "FINANCE", "财务", "Finance", "财务管理"
    VOLUNTEER = "VOLUNTEER", "志愿者", "Volunteers", "志愿者管理"
    RECORDS = "RECORDS", "文书档案", "Documents and archives", "文书档案管理"
    SERVICE_COMMITMENT = "SERVICE_COMMITMENT", "服务承诺", "Service commitment"
    EVALUATION = "EVALUATION", "评价监督", "Evaluation and supervision"


class DisclosureKind(Term):
    PROFILE = "PROFILE", "基本情况", "Basic facts"
    QUALIFICATION = "QUALIFICATION", "专业资质", "Qualifications"
    FINANCIAL_REPORT = "FINANCIAL_REPORT", "年度财务报告", "Annual financial report"
    PROJECT_NEWS = "PROJECT_NEWS", "社会服务项目动态", "News of service projects", "项目动态"


class ProcurementMethod(Term):
    OPEN_TENDER = "OPEN_TENDER", "公开招标", "Open tender", "公开招标采购"
    INVITED_TENDER = "INVITED_TENDER", "邀请招标", "Invited tender"
    COMPETITIVE_CONSULTATION = "COMPETITIVE_CONSULTATION", "竞争性磋商", "Competitive consultation"
    COMPETITIVE_NEGOTIATION = "COMPETITIVE_NEGOTIATION", "竞争性谈判", "Competitive negotiation"
    INQUIRY = "INQUIRY", "询价", "Inquiry", "询价采购"
    SINGLE_SOURCE = "SINGLE_SOURCE", "单一来源采购", "Single source", "单一来源"
    FRAMEWORK_AGREEMENT = "FRAMEWORK_AGREEMENT", "框架协议采购", "Framework agreement", "框架协议"


class ContractStatus(Term):
    DRAFT = "DRAFT", "草拟", "Draft", "拟签", "未签订"
    ACTIVE = "ACTIVE", "履行中", "Active", "执行中", "履约中", "有效", "在履行"
    RENEWED = "RENEWED", "已续签", "Renewed", "续签"
    NOT_RENEWED = "NOT_RENEWED", "不予续签", "Not renewed", "未续签", "不续签"
    TERMINATED = "TERMINATED", "已终止", "Terminated", "终止", "提前终止", "已解除", "解除"
    CLOSED = "CLOSED", "已结项", "Closed", "结项", "已完成", "履行完毕", "已到期"


class AnnualInspection(Term):
    QUALIFIED = "QUALIFIED", "合格", "Qualified", "年检合格"
    BARELY_QUALIFIED = "BARELY_QUALIFIED", "基本合格", "Barely qualified", "年检基本合格"
    UNQUALIFIED = "UNQUALIFIED", "不合格", "Unqualified", "年检不合格"
    NOT_INSPECTED = "NOT_INSPECTED", "未参加年检", "Not inspected", "未参检", "未年检"


class AnnualEvaluation(Term):
    QUALIFIED = "QUALIFIED", "合格", "Qualified", "评估合格"
    UNQUALIFIED = "UNQUALIFIED", "不合格", "Unqualified", "评估不合格"


class FilingKind(Term):
    PURCHASE_PLAN = "PURCHASE_PLAN", "年度购买计划", "Annual purchase plan"
    IMPLEMENTATION_PLAN = "IMPLEMENTATION_PLAN", "年度实施计划", "Annual implementation plan", "实施方案"
    WORK_PLAN = "WORK_PLAN", "工作计划", "Work plan"
    TRAINING_PLAN = "TRAINING_PLAN", "培训计划", "Training plan"
    CONTRACT = "CONTRACT", "合同", "Contract", "协议"
    SCOPE_CHANGE = "SCOPE_CHANGE", "扩大服务范围、增加服务事项", "Change of the scope of service"
    CATALOGUE_REQUEST = (
        "CATALOGUE_REQUEST",
        "纳入购买服务目录申请",
        "Request for an addition to the catalogue",
    )


class BudgetCategory(Term):
    PERSONNEL = "PERSONNEL", "人员成本费用", "Personnel", "人员成本"
    ACTIVITY = "ACTIVITY", "服务活动费用", "Service activities", "服务活动"
    SUPERVISION_TRAINING = (
        "SUPERVISION_TRAINING",
        "项目督导培训费",
        "Project supervision and training",
        "项目督导培训",
    )
    ADMIN = "ADMIN", "机构管理费", "Agency management", "机构管理"


class FundKind(Term):
    ASSISTANCE_HANDLING = (
        "ASSISTANCE_HANDLING",
        "社会救助经办服务资金",
        "Purchase fund for handling social assistance",
        "政府购买社会救助经办服务资金",
    )
    ASSISTANCE_SPECIAL = (
        "ASSISTANCE_SPECIAL",
        "社会救助专项",
        "Social-assistance special fund",
        "社会救助专项经费",
        "社会救助专项资金",
    )
    ASSISTANCE_WORK = "ASSISTANCE_WORK", "社会救助工作经费", "Social-assistance work fund", "救助工作经费"
    HARDSHIP_SURPLUS = (
        "HARDSHIP_SURPLUS",
        "困难群众救助补助结余",
        "Surplus of hardship-assistance subsidies",
        "困难群众救助补助结余资金",
    )
    ELDERLY_CARE = "ELDERLY_CARE", "养老服务", "Elderly care", "养老服务资金"
    AGEING = "AGEING", "老龄", "Ageing", "老龄工作"
    CHILD_WELFARE = "CHILD_WELFARE", "儿童福利", "Child welfare"
    SOCIAL_AFFAIRS = "SOCIAL_AFFAIRS", "社会事务", "Social affairs"
    DIVISIONS = "DIVISIONS", "区划地名", "Divisions and place names"
    SOCIAL_ORGANIZATIONS = "SOCIAL_ORGANIZATIONS", "社会组织管理", "Management of social organisations"
    CHARITY = "CHARITY", "慈善事业", "Charity"
    OLD_REVOLUTIONARY_AREAS = "OLD_REVOLUTIONARY_AREAS", "老区建设", "Old revolutionary base areas"
    LOTTERY_CENTRAL = "LOTTERY_CENTRAL", "中央福彩公益金", "Welfare-lottery fund, central"
    LOTTERY_REGION = "LOTTERY_REGION", "自治区福彩公益金", "Welfare-lottery fund, region"
    LOTTERY_LOCAL = (
        "LOTTERY_LOCAL",
        "福彩公益金（地方）",
        "Welfare-lottery fund, local",
        "福彩公益金",
        "福利彩票公益金",
        "地方福彩公益金",
    )
    LOCAL_FINANCE = "LOCAL_FINANCE", "地方财政", "Local finance", "地方财政性资金"
    BUDGET = "BUDGET", "财政预算经费", "Budget fund"
    DONATION = "DONATION", "社会捐赠", "Donations and social capital", "社会资金", "社会捐赠/社会资金"


class CapBase(Term):
    FUND_TOTAL = "FUND_TOTAL", "当年专项资金总量", "Total of the year's special fund"
    EXPENDITURE_TOTAL = (
        "EXPENDITURE_TOTAL",
        "当年社会救助专项资金支出总量",
        "Total expenditure of the year's social-assistance special fund",
    )


class Comparator(Term):
    GE = "GE", "不少于", "At least", "≥", ">=", "不低于"
    GT = "GT", "超过", "More than", ">"
    LE = "LE", "不超过", "At most", "≤", "<="
    EQ = "EQ", "等于", "Exactly", "="
    COVERAGE_100 = "COVERAGE_100", "全覆盖", "Covers all", "全面覆盖", "100%"


class DeliverablePeriod(Term):
    CONTRACT = "CONTRACT", "项目周期", "Project period", "服务期"
    YEAR = "YEAR", "每年", "Year", "全年", "年"
    QUARTER = "QUARTER", "每季度", "Quarter", "季度"
    MONTH = "MONTH", "每月", "Month", "月"
    WEEK = "WEEK", "每周", "Week", "周"


class FloorScope(Term):
    PROJECT = "PROJECT", "项目", "Project"
    STATION = "STATION", "服务站", "Station"
    COUNTY = "COUNTY", "县域", "County"
