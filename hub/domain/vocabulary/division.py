"""行政区划与机构: levels and kinds of divisions, and of the offices above a station."""

from hub.domain.vocabulary.term import Term


class DivisionLevel(Term):
    PROVINCE = "PROVINCE", "省级", "Province level", "省", "自治区", "直辖市"
    PREFECTURE = "PREFECTURE", "地级", "Prefecture level", "市级", "设区市", "地级市"
    COUNTY = "COUNTY", "县级", "County level", "县", "区", "市辖区", "县级市"
    TOWNSHIP = "TOWNSHIP", "乡级", "Township level", "乡镇级", "乡镇（街道）", "镇（街道）"
    VILLAGE = "VILLAGE", "村级", "Village level", "村（社区）"


class DivisionKind(Term):
    PROVINCE = "PROVINCE", "省", "Province"
    AUTONOMOUS_REGION = "AUTONOMOUS_REGION", "自治区", "Autonomous region"
    MUNICIPALITY = "MUNICIPALITY", "直辖市", "Municipality under the central government"
    PREFECTURE_CITY = "PREFECTURE_CITY", "设区市", "City with districts", "地级市"
    PREFECTURE = "PREFECTURE", "地区", "Prefecture", "自治州", "盟"
    DISTRICT = "DISTRICT", "市辖区", "District", "区"
    COUNTY = "COUNTY", "县", "County", "旗"
    AUTONOMOUS_COUNTY = "AUTONOMOUS_COUNTY", "自治县", "Autonomous county", "自治旗"
    COUNTY_CITY = "COUNTY_CITY", "县级市", "County-level city"
    SUBDISTRICT = "SUBDISTRICT", "街道", "Sub-district", "街道办事处"
    TOWN = "TOWN", "镇", "Town"
    TOWNSHIP = "TOWNSHIP", "乡", "Township", "民族乡", "苏木"
    TOWNSHIP_LIKE = "TOWNSHIP_LIKE", "类似乡级单位", "Unit like a township", "开发区", "农场", "类似乡级"
    VILLAGE = "VILLAGE", "村", "Village", "村委会", "村民委员会"
    COMMUNITY = "COMMUNITY", "社区", "Community", "居委会", "居民委员会", "社区居委会"


class DivisionAuthority(Term):
    MCA = "MCA", "民政部", "Ministry of Civil Affairs: counties and above, GB/T 2260"
    STATISTICS = "STATISTICS", "国家统计局", "National Bureau of Statistics: townships and villages"
    LOCAL = "LOCAL", "地方民政部门", "Civil-affairs department of a province, for its own systems"


class DivisionChangeKind(Term):
    RENAMED = "RENAMED", "更名", "Another name under the same code"
    RECODED = "RECODED", "变更代码", "Lives on under another code"
    MERGED = "MERGED", "并入", "Became part of another division"
    SPLIT = "SPLIT", "分设", "Was divided into several, and is none of them alone"
    ABOLISHED = "ABOLISHED", "撤销", "Ended without a successor"


class OfficeKind(Term):
    DEPARTMENT_OFFICE = "DEPARTMENT_OFFICE", "厅机关处室", "Office of the provincial department", "处室"
    BUSINESS_SECTION = (
        "BUSINESS_SECTION",
        "业务股室",
        "Business section of a county bureau",
        "股室",
        "业务科室",
    )


class GuidanceHostKind(Term):
    BUREAU = "BUREAU", "民政局", "Civil-affairs bureau"
    INCUBATION_CENTRE = "INCUBATION_CENTRE", "社会组织孵化中心", "Incubation centre of social organisations"
