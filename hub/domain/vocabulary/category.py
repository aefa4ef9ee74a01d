"""对象类别: the five documents' lists together, and classes of low-income people, with their spellings."""

from hub.domain.vocabulary.term import Term


class Category(Term):
    DIBAO = (
        "DIBAO",
        "最低生活保障对象",
        "Minimum-living-allowance recipient",
        "低保",
        "低保对象",
        "低保户",
        "城乡低保",
        "城乡低保对象",
        "城市低保",
        "农村低保",
        "城市低保对象",
        "农村低保对象",
        "最低生活保障",
        "城乡最低生活保障对象",
        "最低生活保障对象（城乡低保）",
        "最低生活保障对象（低保）",
    )
    TEKUN = (
        "TEKUN",
        "特困人员",
        "Person in extreme hardship",
        "特困",
        "特困对象",
        "特困供养人员",
        "特困供养对象",
        "特困人员（机构供养）",
        "特困人员（集中供养）",
        "特困人员（分散供养）",
        "特困人员（机构供养、分散供养）",
        "集中供养特困人员",
        "分散供养特困人员",
        "五保",
        "五保对象",
        "农村五保",
    )
    TEKUN_FAMILY = (
        "TEKUN_FAMILY",
        "特困家庭",
        "Family in extreme hardship",
        "特困家庭（四帮四扶）",
        "特困家庭（“四帮四扶”工程）",
        "“四帮四扶”工程特困家庭",
        "特困家庭“四帮四扶”工程",
    )
    TEMP_AID = (
        "TEMP_AID",
        "临时救助对象",
        "Temporary-aid recipient",
        "临时救助",
        "临时救助人员",
        "申请临时救助对象",
    )
    ORPHAN = (
        "ORPHAN",
        "孤儿",
        "Orphan",
        "散居孤儿",
        "社会散居孤儿",
        "机构养育孤儿",
        "集中养育孤儿",
        "孤儿助学工程对象",
        "孤儿（含孤儿助学工程对象）",
    )
    DE_FACTO_UNATTENDED = (
        "DE_FACTO_UNATTENDED",
        "事实无人抚养儿童",
        "Child de facto without carers",
        "事实无人抚养",
        "事实孤儿",
    )
    LEFT_BEHIND_CHILD = (
        "LEFT_BEHIND_CHILD",
        "农村留守儿童",
        "Left-behind child",
        "留守儿童",
        "（农村）留守儿童",
    )
    MIGRANT_CHILD = "MIGRANT_CHILD", "流动儿童", "Migrant child"
    DIBAO_CHILD = "DIBAO_CHILD", "低保家庭儿童", "Child of a dibao family", "低保儿童"
    HARMED_CHILD = (
        "HARMED_CHILD",
        "权益受伤害儿童",
        "Child whose rights were violated",
        "权益受到伤害儿童",
        "权益受（到）伤害儿童",
        "权益受侵害儿童",
    )
    CHILD_IN_DIFFICULTY = (
        "CHILD_IN_DIFFICULTY",
        "困境儿童",
        "Child in difficulty",
        "困境未成年人",
        "其他困境儿童",
        "其他困境未成年人",
        "各类困境未成年人",
        "其他各类困境未成年人",
        "父母失联、缺位的困境儿童",
        "父母失联或缺位的困境儿童",
    )
    ADOPTED_CHILD = "ADOPTED_CHILD", "被收养儿童", "Adopted child", "收养儿童"
    VAGRANT_MINOR = (
        "VAGRANT_MINOR",
        "流浪未成年人",
        "Minor on the street",
        "流浪儿童",
        "流浪乞讨未成年人",
    )
    LEFT_BEHIND_ELDER = (
        "LEFT_BEHIND_ELDER",
        "留守老年人",
        "Left-behind elderly person",
        "留守老人",
        "农村留守老年人",
        "农村留守老人",
        "留守老人（农村留守老年人）",
    )
    EMPTY_NEST_ELDER = "EMPTY_NEST_ELDER", "空巢老年人", "Empty-nest elderly person", "空巢老人"
    LIVING_ALONE_ELDER = "LIVING_ALONE_ELDER", "独居老年人", "Elderly person living alone", "独居老人"
    TEKUN_ELDER = (
        "TEKUN_ELDER",
        "特困老年人",
        "Elderly person in extreme hardship",
        "特困老人",
        "特困供养老年人",
        "特困供养老人",
        "特困老年人/特困供养老年人",
    )
    ADVANCED_AGE_ELDER = (
        "ADVANCED_AGE_ELDER",
        "高龄老年人",
        "Elderly person of advanced age",
        "高龄老人",
        "高龄",
    )
    LONELY_ELDER = (
        "LONELY_ELDER",
        "孤寡老人",
        "Elderly person without family",
        "孤寡老年人",
        "养老机构孤寡老人",
        "孤寡老人（养老机构孤寡老人）",
    )
    DISABLED_DEMENTIA_ELDER = (
        "DISABLED_DEMENTIA_ELDER",
        "失能失智老年人",
        "Disabled or demented elderly person",
        "失能失智老人",
        "失能老年人",
        "失能老人",
        "失智老年人",
        "失智老人",
    )
    POOR_ELDER = (
        "POOR_ELDER",
        "困难老年人",
        "Poor elderly person",
        "困难老人",
        "城乡困难老人",
        "城乡困难老年人",
        "需要支持的困难老人",
    )
    SEVERE_DISABLED = (
        "SEVERE_DISABLED",
        "重度残疾人",
        "Severely disabled person",
        "重度残疾",
        "重残",
        "贫困重度残疾",
        "贫困重度残疾人",
    )
    DISABLED = "DISABLED", "残疾人", "Disabled person", "困难残疾人"
    MENTAL_DISORDER = (
        "MENTAL_DISORDER",
        "精神障碍者",
        "Person with a mental disorder",
        "精神障碍患者",
        "精神障碍人员",
    )
    VAGRANT = (
        "VAGRANT",
        "流浪乞讨人员",
        "Vagrant or beggar without support",
        "流浪乞讨",
        "生活无着的流浪乞讨人员",
        "生活无着流浪乞讨人员",
        "返乡和易走失人员",
    )
    TEMP_TROUBLED = (
        "TEMP_TROUBLED",
        "临时遇困人员",
        "Person in temporary trouble",
        "流浪乞讨等临时遇困人员",
        "生活无着流浪乞讨等临时遇困人员",
    )
    DV_VICTIM = "DV_VICTIM", "家庭暴力受害人", "Victim of domestic violence", "家暴受害人", "家庭暴力受害者"
    LEFT_BEHIND_WOMAN = "LEFT_BEHIND_WOMAN", "留守妇女", "Left-behind woman", "农村留守妇女"
    CRISIS_VICTIM = (
        "CRISIS_VICTIM",
        "重大危机事件受伤害人员",
        "Person hurt by a rights violation or a major crisis",
        "权益伤害、重大危机事件受伤害人员",
        "权益伤害受伤害人员",
    )
    WELFARE_INSTITUTION_RESIDENT = (
        "WELFARE_INSTITUTION_RESIDENT",
        "福利机构在院人员",
        "Resident of a welfare institution",
        "福利机构老年人、孤残儿童",
        "福利机构老年人",
        "福利机构孤残儿童",
        "孤残儿童",
    )
    OTHER_FUNDED = (
        "OTHER_FUNDED",
        "其他民政服务对象",
        "Other, by direction of the purchase fund",
        "按照政府购买服务资金使用方向确定的其他民政服务对象",
        "其他服务对象",
        "其他",
    )

    # Classes of low-income people beside 低保 and 特困: 国办发〔2023〕39号.
    RELAPSE_MONITORED = (
        "RELAPSE_MONITORED",
        "防止返贫监测对象",
        "Person monitored against falling back into poverty",
        "防返贫监测对象",
        "易返贫致贫人口",
    )
    DIBAO_MARGINAL = (
        "DIBAO_MARGINAL",
        "最低生活保障边缘家庭成员",
        "Member of a family at the margin of dibao",
        "低保边缘家庭成员",
        "低保边缘家庭",
        "低保边缘",
        "低边",
    )
    RIGID_EXPENDITURE = (
        "RIGID_EXPENDITURE",
        "刚性支出困难家庭成员",
        "Member of a family in difficulty through unavoidable expenses",
        "刚性支出困难家庭",
        "刚性支出困难",
        "支出型困难家庭成员",
        "支出型困难家庭",
    )
    OTHER_HARDSHIP = (
        "OTHER_HARDSHIP",
        "其他困难人员",
        "Other person in hardship",
        "其他低收入人口",
    )
