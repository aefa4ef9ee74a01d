"""Whose value stands, who decided otherwise, and who was asked to put a value right."""

from hub.domain.vocabulary.term import Term


class ChosenBy(Term):
    """Why the value of one source stands in a field and not another's; the first that decides."""

    OVERRIDE = "OVERRIDE", "人工核定", "A steward has decided, until a day"
    NUMBER = "NUMBER", "身份证号所示", "The identity number tells it, and no linked file without it"
    RULE = "RULE", "本地优先规则", "A rule of precedence for this field and place"
    PRECEDENCE = "PRECEDENCE", "名单优先级", "Precedence of the list that states it"
    NEWEST = "NEWEST", "时间最新", "Newest statement of equal precedence"
    FIRST = "FIRST", "记录次序", "Equal in all of this: the first by the key of the record"
    ONLY = "ONLY", "唯一来源", "Nobody else states the field"


class PersonField(Term):
    """A field of a person that may be put right; each is the column of the same name in small letters."""

    NAME = "NAME", "姓名", "Name"
    ID_NUMBER = "ID_NUMBER", "身份证号", "Identity number, opened"
    SEX = "SEX", "性别", "Sex, GB/T 2261.1"
    BIRTH_ON = "BIRTH_ON", "出生日期", "Day of birth"
    ETHNICITY_CODE = "ETHNICITY_CODE", "民族", "Ethnic group, GB/T 3304"
    DIVISION_CODE = "DIVISION_CODE", "居住地区划", "Division of residence"
    ADDRESS = "ADDRESS", "住址", "Address"
    PHONE = "PHONE", "联系电话", "Telephone"
    HOUSEHOLD_RELATION_CODE = (
        "HOUSEHOLD_RELATION_CODE",
        "与户主关系",
        "Relation to the head of household, GB/T 4761",
    )
    RISK_LEVEL = "RISK_LEVEL", "风险等级", "Risk level (R152, R155–R157)"
    SELF_CARE = "SELF_CARE", "生活自理能力", "Self-care ability of a person in extreme hardship"
    ABILITY_LEVEL = "ABILITY_LEVEL", "老年人能力等级", "Ability level of an elderly person"
    DISABILITY_CATEGORY = "DISABILITY_CATEGORY", "残疾类别", "Disability category, GB/T 26341-2010"
    DISABILITY_GRADE = "DISABILITY_GRADE", "残疾等级", "Disability grade, 1 to 4"
    DISABILITY_CERTIFICATE = "DISABILITY_CERTIFICATE", "残疾人证号", "Disability certificate number, opened"
    GUARDIAN_NAME = "GUARDIAN_NAME", "监护人姓名", "Guardian's name"
    GUARDIAN_RELATION = "GUARDIAN_RELATION", "监护人关系", "Guardian's relation to the child"
    GUARDIAN_PHONE = "GUARDIAN_PHONE", "监护人电话", "Guardian's telephone"
    SCHOOL = "SCHOOL", "就读学校", "School"
    DECEASED_ON = "DECEASED_ON", "死亡日期", "Day of death"

    @property
    def column(self) -> str:
        return self.value.lower()


class OverrideEnd(Term):
    EXPIRED = "EXPIRED", "到期", "Its last day is over"
    ENDED = "ENDED", "提前结束", "A steward ended it"
    REPLACED = "REPLACED", "被新核定取代", "Another decision on the same field took its place"


class CorrectionStatus(Term):
    OPEN = "OPEN", "待受理", "Waits for the owner of the source"
    ACCEPTED = "ACCEPTED", "已受理", "The owner will put it right; the source does not say so yet"
    REFUSED = "REFUSED", "不予更正", "The owner stands by the value"
    DONE = "DONE", "已更正", "The source states the proposed value"
