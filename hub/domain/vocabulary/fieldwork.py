"""实务: visits, cases, groups, activities, patrols, publicity, volunteers."""

from hub.domain.vocabulary.term import Term


class VisitKind(Term):
    HOME = "HOME", "入户探访", "Home visit", "入户", "入户走访", "探访", "上门探访"
    RETURN = "RETURN", "回访", "Return visit"
    ROUND = "ROUND", "巡访", "Round visit", "定期巡访"
    CALL = "CALL", "走访", "Call", "定期走访"


class VisitPurpose(Term):
    CHILD_RISK = "CHILD_RISK", "儿童风险探访", "Child at risk", "风险探访", "儿童风险"
    ORPHAN_COVERAGE = (
        "ORPHAN_COVERAGE",
        "孤儿、事实无人抚养儿童全覆盖",
        "Coverage of orphans and unattended children",
        "孤儿探访",
        "孤儿全覆盖",
    )
    ELDER_MONTHLY = (
        "ELDER_MONTHLY",
        "老年人月度探访",
        "Monthly visit to the elderly",
        "老人月度探访",
        "老年人探访",
    )
    HOUSEHOLD_SURVEY = "HOUSEHOLD_SURVEY", "家计调查", "Means survey", "入户调查"
    GUARDIANSHIP = "GUARDIANSHIP", "监护情况", "Guardianship", "监护走访", "监护评估"
    OTHER = "OTHER", "其他", "Other"


class VisitFrequency(Term):
    WEEKLY = "WEEKLY", "每周", "Weekly", "每周一次"
    MONTHLY = "MONTHLY", "每月", "Monthly", "每月一次", "每个月"
    QUARTERLY = "QUARTERLY", "每季度", "Quarterly", "每季度一次", "每个季度"


class PictureFormat(Term):
    JPEG = "JPEG", "JPEG 图片", "JPEG"
    PNG = "PNG", "PNG 图片", "PNG"
    WEBP = "WEBP", "WebP 图片", "WebP"


class ProtectionStep(Term):
    MONITOR_PREVENT = "MONITOR_PREVENT", "监测预防", "Monitor and prevent"
    DISCOVER_REPORT = "DISCOVER_REPORT", "发现报告", "Discover and report"
    JOINT_HANDLING = "JOINT_HANDLING", "协同处理", "Joint handling"


class ProtectionTrigger(Term):
    VISIT = "VISIT", "探访发现", "Found by a visit"
    SCREENING = "SCREENING", "摸排发现", "Found by screening", "排查发现"
    REPORT = "REPORT", "接到报告", "Reported by others"
    OTHER = "OTHER", "其他", "Other"


class InterventionKind(Term):
    GUARDIANSHIP = "GUARDIANSHIP", "监护干预", "Guardianship intervention"
    REFERRAL = "REFERRAL", "转介帮扶", "Referral", "转介"
    PLACEMENT = "PLACEMENT", "处置安置", "Placement"
    PSYCHOLOGICAL = "PSYCHOLOGICAL", "心理支持", "Psychological support"
    LEGAL_AID = "LEGAL_AID", "法律援助", "Legal aid"
    RIGHTS = "RIGHTS", "权益保障", "Protection of rights"
    CRISIS = "CRISIS", "危机干预", "Crisis intervention"


class CaseKind(Term):
    CONSULT = "CONSULT", "咨询个案", "Consultation case"
    PROFESSIONAL = "PROFESSIONAL", "专业个案", "Professional case"


class ActivitySize(Term):
    """Derived from the number of people, never stored (R208, R209, A14)."""

    LARGE = "LARGE", "大型", "Large: more than 50 people"
    MEDIUM_SMALL = "MEDIUM_SMALL", "中小型", "Medium or small: 10 to 50 people"
    NONE = "NONE", "不计", "Fewer than 10 people"


class Occasion(Term):
    SPRING_FESTIVAL = "SPRING_FESTIVAL", "春节", "Spring Festival"
    LEI_FENG = "LEI_FENG", "学雷锋月", "Lei Feng month", "学雷锋日"
    SOCIAL_WORK_DAY = "SOCIAL_WORK_DAY", "社工日", "Social-work day"
    CHILDRENS_DAY = "CHILDRENS_DAY", "六一儿童节", "Children's Day", "六一"
    DRAGON_BOAT = "DRAGON_BOAT", "端午节", "Dragon Boat Festival"
    CHARITY_DAY = "CHARITY_DAY", "慈善日", "Charity day"
    MID_AUTUMN = "MID_AUTUMN", "中秋节", "Mid-Autumn Festival"
    DOUBLE_NINTH = "DOUBLE_NINTH", "重阳节", "Double Ninth Festival"
    CONSTITUTION_DAY = "CONSTITUTION_DAY", "宪法日", "Constitution day"
    WINTER_HOLIDAY = "WINTER_HOLIDAY", "寒假", "Winter holiday"
    SUMMER_HOLIDAY = "SUMMER_HOLIDAY", "暑假", "Summer holiday"
    OTHER = "OTHER", "其他", "Other"


class PublicityKind(Term):
    ASSISTANCE = "ASSISTANCE", "社会救助专项", "Social assistance", "社会救助政策宣传"
    CHILD_SAFETY = "CHILD_SAFETY", "儿童安全", "Safety of children"
    MINORS_LAW = "MINORS_LAW", "未成年人政策法律", "Policies and laws on minors"
    ELDER_SAFETY = "ELDER_SAFETY", "老年安全", "Safety of the elderly", "老年安全/防诈骗", "防老诈骗"
    MARRIAGE = "MARRIAGE", "婚育", "Marriage and childbearing", "婚育宣传"
    POLICY = "POLICY", "政策法规", "Policies and regulations"
    CUSTOMS_AND_SAFETY = (
        "CUSTOMS_AND_SAFETY",
        "移风易俗与安全防范",
        "Customs and public safety",
        "移风易俗",
        "移风易俗/反邪教/反间谍/禁毒/防诈骗/防溺水/一氧化碳",
    )
    CIVILISED_CITY = (
        "CIVILISED_CITY",
        "文明城、卫生城",
        "Civilised and sanitary city",
        "文明城/卫生城",
        "文明城",
    )
    ETHNIC_UNITY = "ETHNIC_UNITY", "民族团结", "Ethnic unity"


class PublicityTopic(Term):
    DROWNING = "DROWNING", "防溺水", "Drowning", "预防溺水"
    BULLYING = "BULLYING", "防欺凌", "Bullying"
    SEXUAL_ASSAULT = "SEXUAL_ASSAULT", "防性侵", "Sexual assault"
    DOMESTIC_VIOLENCE = "DOMESTIC_VIOLENCE", "防家暴", "Domestic violence"
    CARBON_MONOXIDE = "CARBON_MONOXIDE", "防一氧化碳中毒", "Carbon monoxide", "一氧化碳"
    DRUGS_AND_AIDS = "DRUGS_AND_AIDS", "禁毒防艾", "Drugs and AIDS", "禁毒"
    FRAUD = "FRAUD", "防诈骗", "Fraud", "防老诈骗"
    HEALTH = "HEALTH", "身心健康", "Health of body and mind"
    RIGHTS = "RIGHTS", "权益保障", "Rights", "权益保护"
    ANTI_CULT = "ANTI_CULT", "反邪教", "Cults"
    ANTI_ESPIONAGE = "ANTI_ESPIONAGE", "反间谍", "Espionage"
    CUSTOMS = "CUSTOMS", "移风易俗", "Customs"


class StreetCondition(Term):
    NORMAL_CAPACITY = "NORMAL_CAPACITY", "有民事行为能力", "Capable"
    CRITICAL = "CRITICAL", "危重病", "Critically ill", "危重病人"
    MENTAL = "MENTAL", "精神病", "Mentally ill", "精神病人"
    INFECTIOUS = "INFECTIOUS", "传染病", "Infectious", "传染病人"
    RETURNEE = "RETURNEE", "返家", "Being escorted home", "返乡"


class StreetAction(Term):
    CALL_110 = "CALL_110", "拨打110", "Police called"
    CALL_120 = "CALL_120", "拨打120", "Ambulance called"
    TO_RELIEF_STATION = "TO_RELIEF_STATION", "送救助站", "Brought to the relief station"
    DIRECT_SUPPLIES = "DIRECT_SUPPLIES", "发放物资", "Clothing, food or water given"
    COUNSELLING = "COUNSELLING", "心理疏导", "Counselling"
    NOTIFY_URBAN_MANAGEMENT = "NOTIFY_URBAN_MANAGEMENT", "告知城管", "Urban management notified"
    ESCORT_COORDINATION = "ESCORT_COORDINATION", "配合护送", "Escort home coordinated"


class ReportState(Term):
    """Of an entry that the hub makes in another system."""

    PENDING = "PENDING", "待上报", "Not handed over yet"
    SENT = "SENT", "已上报", "Handed over, without an answer yet"
    ACCEPTED = "ACCEPTED", "已录入", "Entered there"
    REFUSED = "REFUSED", "被退回", "Refused there"


class ReportRefusal(Term):
    INCOMPLETE = "INCOMPLETE", "信息不完整", "Something is missing"
    REPEATED = "REPEATED", "重复登记", "The person is entered there already"
    NOT_ELIGIBLE = "NOT_ELIGIBLE", "不属于救助范围", "Nobody who is relieved there"
    OUTSIDE = "OUTSIDE", "不属于辖区", "Found outside the area"
    UNWRITABLE = "UNWRITABLE", "内容无法写入", "Holds what the other system cannot write"
    OTHER = "OTHER", "其他原因", "Another reason"


class ReliefDeparture(Term):
    """The words are the hub's own: which ones the relief system has is not public."""

    ESCORTED = "ESCORTED", "护送返乡", "Escorted home", "护送", "护送离站"
    FETCHED = "FETCHED", "亲属接领", "Fetched by relatives", "接领", "接回"
    ON_THEIR_OWN = "ON_THEIR_OWN", "自行离站", "Left on their own", "自愿离站", "自行返乡", "购票返乡"
    HANDED_OVER = "HANDED_OVER", "移交", "Handed over to another body", "转送", "转站", "移送"
    SETTLED = "SETTLED", "落户安置", "Settled, with a household register", "安置"
    WITHOUT_NOTICE = "WITHOUT_NOTICE", "擅自离站", "Left without notice", "不辞而别"
    DECEASED = "DECEASED", "死亡", "Deceased", "站内死亡", "死亡离站"


class SubsidyCheckKind(Term):
    ASSESSMENT_RECHECK = "ASSESSMENT_RECHECK", "评估结果实地核查", "Field check of assessments"
    SERVICE_SPOT_CHECK = "SERVICE_SPOT_CHECK", "服务质量抽查", "Spot check of service quality"


class SubsidyFinding(Term):
    PRICE_RAISED_THEN_OFFSET = "PRICE_RAISED_THEN_OFFSET", "先涨价后抵扣", "Price raised, then offset"
    FAKE_SERVICE = "FAKE_SERVICE", "虚假服务", "Fake service"
    FRAUD = "FRAUD", "骗取套取补贴", "Subsidy taken by fraud", "骗取套取补贴资金"


class MediaLevel(Term):
    CITY = "CITY", "市级", "City"
    PROVINCE = "PROVINCE", "省级", "Province", "自治区级"
    NATIONAL = "NATIONAL", "国家级", "National", "中央级"
