"""民政服务站: kinds, status, premises, signs, institutions and equipment."""

from hub.domain.vocabulary.term import Term


class StationKind(Term):
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS", "民政服务站", "Civil-affairs service station"
    SOCIAL_WORK = "SOCIAL_WORK", "社会工作服务站", "Social-work service station", "社工站", "社工服务站"


class StationStatus(Term):
    PLANNED = "PLANNED", "筹建中", "Planned", "筹建", "拟建", "待建"
    OPERATING = "OPERATING", "持续运营", "Operating", "正常运行", "运行中", "运营中", "正常运营"
    SUSPENDED = "SUSPENDED", "暂停运行", "Suspended", "已暂停运行", "暂停", "停运", "暂停运营"
    CLOSED = "CLOSED", "已关闭", "Closed", "关闭", "撤销", "已撤销"


class SiteHostKind(Term):
    MINORS_PROTECTION_STATION = (
        "MINORS_PROTECTION_STATION",
        "未成年人保护站",
        "Minors' protection station",
        "未成年人保护工作站",
        "未保站",
    )
    ELDERLY_CARE_CENTRE = (
        "ELDERLY_CARE_CENTRE",
        "养老服务照料中心",
        "Elderly-care service centre",
        "居家社区养老服务照料中心",
    )
    PARTY_SERVICE_CENTRE = "PARTY_SERVICE_CENTRE", "党群服务中心", "Party and mass service centre"
    CIVILISATION_POST = (
        "CIVILISATION_POST",
        "新时代文明实践所",
        "New-era civilisation practice post",
        "新时代文明实践站",
    )
    FORMER_SOCIAL_WORK_STATION = (
        "FORMER_SOCIAL_WORK_STATION",
        "原社工站",
        "Former social-work station",
        "原社会工作服务站",
    )
    PUBLIC_SERVICE_CENTRE = (
        "PUBLIC_SERVICE_CENTRE",
        "公共服务阵地",
        "Public-service premises",
        "民生服务中心",
        "公共服务阵地（含民生服务中心）",
        "公共服务阵地/民生服务中心",
    )
    CENTRAL_COMMUNITY = "CENTRAL_COMMUNITY", "中心社区", "Central community"
    ELDERLY_INSTITUTION = (
        "ELDERLY_INSTITUTION",
        "养老机构",
        "Elderly-care institution",
        "养老服务机构",
        "敬老院",
    )
    CHILD_INSTITUTION = "CHILD_INSTITUTION", "儿童服务机构", "Institution that serves children"
    OTHER = "OTHER", "其他", "Other", "其他场所", "自有场所"


class StationRole(Term):
    HEAD = "HEAD", "站长", "Head of the station"
    DEPUTY = "DEPUTY", "副站长", "Deputy head of the station"


class StationRoleCapacity(Term):
    TOWNSHIP_LEADER = "TOWNSHIP_LEADER", "分管领导", "Township leader in charge of civil affairs"
    SECTION_HEAD = "SECTION_HEAD", "业务科室负责人", "Head of the township's civil-affairs section"
    CIVIL_AFFAIRS_LEAD = "CIVIL_AFFAIRS_LEAD", "民政工作负责人", "Civil-affairs lead of the township"
    TOWNSHIP_STAFF = "TOWNSHIP_STAFF", "乡镇工作人员", "Staff member of the township", "工作人员"
    CONTRACTOR_LEAD = (
        "CONTRACTOR_LEAD",
        "承接机构负责人",
        "Lead of the contractor",
        "承接方相关负责人",
        "项目负责人",
    )


class SignForm(Term):
    VERTICAL = "VERTICAL", "竖牌", "Vertical board"
    HORIZONTAL = "HORIZONTAL", "横牌", "Horizontal board"


class SignPosition(Term):
    STATION_DOOR = "STATION_DOOR", "站门口", "At the station door", "民政服务站门口"
    ABOVE_OFFICE_DOOR = "ABOVE_OFFICE_DOOR", "办公房门头上方", "Above the office door"
    OUTSIDE = "OUTSIDE", "站外显眼位置", "Outside, at a conspicuous place"
    INDOORS = "INDOORS", "室内显著位置", "Indoors, at a conspicuous place"


class InstitutionKind(Term):
    ORGANISATION = "ORGANISATION", "组织架构", "Organisation structure"
    ADMINISTRATION = "ADMINISTRATION", "行政管理", "Administration"
    VENUE = "VENUE", "场地管理", "Venue management"
    SERVICE = "SERVICE", "服务制度", "Service", "服务管理"
    VOLUNTEER = "VOLUNTEER", "志愿者管理", "Volunteer management"
    RECORDS = "RECORDS", "档案管理", "Records management"
    REPORTING = "REPORTING", "汇报沟通", "Regular reporting and communication", "定期汇报沟通制度"
    SUPERVISION = "SUPERVISION", "督导", "Supervision", "督导制度"
    WORK_ARCHIVE = "WORK_ARCHIVE", "工作档案", "Work archives", "工作档案制度"
    EVALUATION = "EVALUATION", "多方评估", "Multi-party evaluation", "多方评估制度"
    HANDOVER = (
        "HANDOVER",
        "工作交接和档案移交",
        "Handover and archive transfer",
        "工作交接和档案移交制度",
    )
    FINANCE = "FINANCE", "财务管理", "Finance"
    OTHER = "OTHER", "其他", "Other"


class EquipmentKind(Term):
    DESKS_AND_CHAIRS = "DESKS_AND_CHAIRS", "桌椅", "Desks and chairs"
    MATERIAL_CABINET = "MATERIAL_CABINET", "资料柜", "Material cabinet"
    FILE_CABINET = "FILE_CABINET", "档案柜", "File cabinet"
    COMPUTER = "COMPUTER", "电脑", "Computer", "计算机"
    PRINTER = "PRINTER", "打印机（复印机）", "Printer or copier", "打印机", "复印机", "打印机/复印机"
    SERVICE_EQUIPMENT = (
        "SERVICE_EQUIPMENT",
        "民政服务相关设备器材",
        "Equipment for civil-affairs services",
        "与民政服务相关的设备、器材",
    )
