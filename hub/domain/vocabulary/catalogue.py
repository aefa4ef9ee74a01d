"""服务领域: fields of civil affairs, by which lists of services of different regions are held together."""

from hub.domain.vocabulary.term import Term


class ServiceField(Term):
    """The hub's own: the five documents divide services each in its own way."""

    SOCIAL_ASSISTANCE = "SOCIAL_ASSISTANCE", "社会救助", "Social assistance"
    ELDERLY_CARE = "ELDERLY_CARE", "养老服务", "Elderly care"
    AGEING = "AGEING", "老龄工作", "Work on ageing"
    CHILD_WELFARE = "CHILD_WELFARE", "儿童福利", "Child welfare and protection"
    WOMEN = "WOMEN", "妇女关爱", "Care of women"
    DISABILITY = "DISABILITY", "残疾人福利", "Welfare of disabled people"
    STREET = "STREET", "流浪乞讨救助", "Relief of people on the street"
    MARRIAGE = "MARRIAGE", "婚姻", "Marriage"
    FUNERAL = "FUNERAL", "殡葬", "Funerals"
    SOCIAL_AFFAIRS = "SOCIAL_AFFAIRS", "社会事务", "Social affairs"
    PLACE_NAMES = "PLACE_NAMES", "区划地名", "Divisions and place names"
    ORGANISATIONS = "ORGANISATIONS", "社会组织管理", "Social organisations"
    CHARITY = "CHARITY", "慈善事业", "Charity and volunteers"
    OLD_AREAS = "OLD_AREAS", "老区建设", "Old revolutionary areas"
    COMMUNITY = "COMMUNITY", "社区治理", "Community governance"
    PUBLICITY = "PUBLICITY", "政策法规宣传", "Publicity of policies and laws"
    SOCIAL_WORK = "SOCIAL_WORK", "专业社会工作", "Professional social work"
    OPERATION = "OPERATION", "站点运营", "Running the station"
