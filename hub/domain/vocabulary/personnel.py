"""驻站人员: kinds of post, education, certificates, training, handover."""

from hub.domain.vocabulary.term import Term


class PersonnelKind(Term):
    RESIDENT = "RESIDENT", "驻站人员", "Resident staff", "驻站社工", "驻站工作人员", "驻站社会工作者"
    PROJECT = "PROJECT", "项目社工", "Project social worker", "项目社会工作者"
    SUPERVISOR = "SUPERVISOR", "督导员", "Supervisor", "项目督导员", "项目专职督导员", "督导"
    VAGRANCY_RELIEF = (
        "VAGRANCY_RELIEF",
        "流浪乞讨救助管理人员",
        "Vagrancy-relief worker",
        "流浪乞讨救助人员",
        "流浪乞讨救助管理等相关工作人员",
    )
    STATION_HEAD = "STATION_HEAD", "站长", "Station head"
    DEPUTY_HEAD = "DEPUTY_HEAD", "副站长", "Deputy station head"


class Education(Term):
    BELOW_COLLEGE = (
        "BELOW_COLLEGE",
        "大专以下",
        "Below junior college",
        "<大专",
        "小学",
        "初中",
        "高中",
        "中专",
        "职高",
        "技校",
        "中等职业教育",
        "普通高级中学教育",
        "初级中学教育",
        "小学教育",
        "高中及以下",
        "中专/高中",
    )
    COLLEGE = "COLLEGE", "大专", "Junior college", "专科", "大学专科", "大学专科教育", "大学专科毕业", "高职"
    BACHELOR = (
        "BACHELOR",
        "本科",
        "Bachelor",
        "大学",
        "大学本科",
        "学士",
        "大学本科教育",
        "大学本科毕业",
    )
    MASTER_OR_ABOVE = (
        "MASTER_OR_ABOVE",
        "硕士及以上",
        "Master or above",
        "硕士",
        "研究生",
        "博士",
        "硕士研究生",
        "博士研究生",
        "研究生教育",
        "硕士研究生毕业",
        "博士研究生毕业",
        "硕士+",
    )


class CredentialKind(Term):
    ASSISTANT = (
        "ASSISTANT",
        "助理社会工作师",
        "Assistant social worker",
        "助理社工师",
        "初级",
        "初级社会工作师",
    )
    SOCIAL_WORKER = "SOCIAL_WORKER", "社会工作师", "Social worker", "中级", "社工师", "中级社会工作师"
    SENIOR = "SENIOR", "高级社会工作师", "Senior social worker", "高级", "高级社工师"
    OTHER = "OTHER", "其他证书", "Other certificate", "其他"


class TrainingKind(Term):
    PRE_JOB = "PRE_JOB", "岗前培训", "Pre-job training", "岗前"
    CONTINUING = "CONTINUING", "继续教育", "Continuing education", "继续教育培训"
    SUPERVISION = "SUPERVISION", "督导培训", "Supervision training", "一线人员的督导培训"
    CHILD_WORKER = (
        "CHILD_WORKER",
        "儿童督导员、儿童主任培训",
        "Training of child supervisors and child directors",
        "儿童督导员/主任",
    )
    VOLUNTEER = "VOLUNTEER", "志愿者培训", "Volunteer training", "志愿者"
    BUREAU = "BUREAU", "民政部门组织的培训", "Training held by a bureau", "市/县组织"


class TrainingTopic(Term):
    LAW = "LAW", "法律法规", "Laws and regulations", "相关民政法律法规"
    POLICY = "POLICY", "政策文件", "Policy documents"
    PROCESS = "PROCESS", "工作流程", "Work processes"
    METHOD = "METHOD", "服务方法要求", "Service methods", "服务方法"
    CHILD_PROTECTION = "CHILD_PROTECTION", "未保工作", "Protection of minors", "未成年人保护工作"
    SOCIAL_WORK = "SOCIAL_WORK", "社会工作", "Social work"
    OTHER = "OTHER", "其他", "Other"


class ChildWorkerKind(Term):
    CHILD_SUPERVISOR = "CHILD_SUPERVISOR", "儿童督导员", "Child supervisor of a township"
    CHILD_DIRECTOR = "CHILD_DIRECTOR", "儿童主任", "Child director of a village"


class MarkingKind(Term):
    BADGE = "BADGE", "工作牌", "Badge"
    UNIFORM = "UNIFORM", "工作服", "Uniform"


class HandoverItemKind(Term):
    SERVICE = "SERVICE", "服务内容", "Service in charge"
    RECORDS = "RECORDS", "档案资料", "Archive material"
    EQUIPMENT = "EQUIPMENT", "设施设备", "Facilities and equipment"
    OTHER = "OTHER", "其他", "Other"
