"""服务对象: sex, the 31 categories of the five documents, needs, risk and ability."""

from hub.domain.vocabulary.term import Term


class Sex(Term):
    """GB/T 2261.1-2003; its digits 0, 1, 2 and 9 are synonyms."""

    UNKNOWN = "UNKNOWN", "未知的性别", "Unknown", "0", "未知"
    MALE = "MALE", "男", "Male", "1", "男性"
    FEMALE = "FEMALE", "女", "Female", "2", "女性"
    UNSPECIFIED = "UNSPECIFIED", "未说明的性别", "Not specified", "9", "未说明"


class SupportMode(Term):
    INSTITUTION = "INSTITUTION", "集中供养", "Institutional support", "机构供养", "集中", "集中供养特困人员"
    SCATTERED = "SCATTERED", "分散供养", "Scattered support", "分散", "分散供养特困人员"


class SelfCare(Term):
    """民发〔2021〕43号: six items; none lost, one to three lost, four to six lost."""

    FULL = "FULL", "全自理", "Full self-care", "具备生活自理能力", "完全自理", "自理", "有生活自理能力"
    PARTIAL = (
        "PARTIAL",
        "半护理",
        "Partial self-care",
        "部分丧失生活自理能力",
        "部分丧失",
        "半自理",
        "半失能",
    )
    NONE = (
        "NONE",
        "全护理",
        "No self-care",
        "完全丧失生活自理能力",
        "完全丧失",
        "不能自理",
        "失能",
    )


class RiskLevel(Term):
    LEVEL_1 = (
        "LEVEL_1",
        "一级（高风险）",
        "Level one, high risk",
        "高",
        "一级",
        "高风险",
        "一级高风险",
        "高（一级）",
    )
    LEVEL_2 = (
        "LEVEL_2",
        "二级（中风险）",
        "Level two, medium risk",
        "中",
        "二级",
        "中风险",
        "中级风险",
        "二级中级风险",
        "中（二级）",
    )
    LEVEL_3 = (
        "LEVEL_3",
        "三级（低风险）",
        "Level three, low risk",
        "低",
        "三级",
        "低风险",
        "三级低风险",
        "低（三级）",
    )


class AbilityStandard(Term):
    GB_T_42195_2022 = (
        "GB_T_42195_2022",
        "GB/T 42195-2022",
        "Ability assessment of the elderly, 2022",
        "GB/T42195",
    )
    MZ_T_039_2013 = "MZ_T_039_2013", "MZ/T 039-2013", "Ability assessment of the elderly, 2013", "MZ/T039"


class AbilityLevel(Term):
    """Levels 0 to 4 of GB/T 42195-2022; MZ/T 039-2013 has the first four only, with 重度失能 as its last.

    The digits mean the same in both standards; the standard stands beside the level.
    """

    INTACT = "INTACT", "能力完好", "Intact", "0", "0级", "完好"
    MILD = "MILD", "轻度失能", "Mildly impaired", "1", "1级", "轻度"
    MODERATE = "MODERATE", "中度失能", "Moderately impaired", "2", "2级", "中度"
    SEVERE = "SEVERE", "重度失能", "Severely impaired", "3", "3级", "重度"
    COMPLETE = "COMPLETE", "完全失能", "Completely impaired", "4", "4级"


class DisabilityCategory(Term):
    """GB/T 26341-2010, numbered as in the certificate."""

    VISUAL = "VISUAL", "视力残疾", "Visual", "1", "视力"
    HEARING = "HEARING", "听力残疾", "Hearing", "2", "听力"
    SPEECH = "SPEECH", "言语残疾", "Speech", "3", "言语", "语言残疾"
    PHYSICAL = "PHYSICAL", "肢体残疾", "Physical", "4", "肢体"
    INTELLECTUAL = "INTELLECTUAL", "智力残疾", "Intellectual", "5", "智力"
    MENTAL = "MENTAL", "精神残疾", "Mental", "6", "精神"
    MULTIPLE = "MULTIPLE", "多重残疾", "Multiple", "7", "多重"


class GuardianKind(Term):
    GUARDIAN = "GUARDIAN", "监护人", "Guardian"
    ENTRUSTED = "ENTRUSTED", "委托监护人", "Entrusted guardian", "受委托监护人"


class DossierKind(Term):
    CHILD = "CHILD", "儿童", "Child"
    ELDER = "ELDER", "老年人", "Elderly person", "老人"
    VAGRANT = "VAGRANT", "流浪乞讨人员", "Vagrant"
    OTHER = "OTHER", "其他", "Other"


class NeedKind(Term):
    COUNSELLING = "COUNSELLING", "心理疏导", "Counselling", "心理支持", "精神慰藉", "心理辅导"
    CARE = "CARE", "照料护理", "Care and nursing", "生活照料", "生活照顾"
    REHABILITATION = "REHABILITATION", "康复训练", "Rehabilitation"
    HOSPITAL_ESCORT = "HOSPITAL_ESCORT", "送医陪护", "Escort to hospital", "住院陪护"
    INTEGRATION = "INTEGRATION", "社会融入", "Social integration", "社区参与"
    CAPACITY = "CAPACITY", "能力提升", "Capacity building"
    RESOURCE_LINKING = "RESOURCE_LINKING", "资源链接", "Linking of resources"
    LEGAL_ADVICE = "LEGAL_ADVICE", "法律咨询", "Legal advice", "法律援助"
    RIGHTS = "RIGHTS", "权益保障", "Protection of rights", "权益维护"
    MEDICAL_HELP = "MEDICAL_HELP", "医疗救助", "Medical help"
    GUARDIANSHIP = "GUARDIANSHIP", "监护支持", "Support of guardianship"
    OTHER = "OTHER", "其他", "Other"


class NeedStatus(Term):
    OPEN = "OPEN", "待响应", "Open"
    IN_SERVICE = "IN_SERVICE", "服务中", "In service"
    MET = "MET", "已满足", "Met"
    CLOSED = "CLOSED", "已关闭", "Closed without being met"


class AssessmentKind(Term):
    GUARDIANSHIP = "GUARDIANSHIP", "监护评估", "Guardianship"
    NEEDS = "NEEDS", "需求评估", "Needs"
    ELDER_ABILITY = "ELDER_ABILITY", "老年人能力评估", "Ability of an elderly person", "老年人能力综合评估"
    ELDER_PHYSICAL = "ELDER_PHYSICAL", "老年人身体状况评估", "Physical condition of an elderly person"
    TEKUN_SELF_CARE = (
        "TEKUN_SELF_CARE",
        "特困人员生活自理能力评估",
        "Self-care of a person in extreme hardship",
    )
    MENTAL_DISORDER = "MENTAL_DISORDER", "精神障碍评估", "Mental disorder", "精神障碍社区康复评估"
    ADOPTION = "ADOPTION", "收养评估", "Adoption"
    ROUND_VISIT = "ROUND_VISIT", "巡访评估", "By round visits"
