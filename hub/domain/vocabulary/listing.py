"""What runs find in the lists of a source: columns nobody asked for, and columns that change."""

from hub.domain.vocabulary.term import Term


class FieldClass(Term):
    """What a column that nobody asked for tells of people, by its name."""

    BANK = "BANK", "银行账户", "Bank account"
    BIOMETRIC = "BIOMETRIC", "生物识别信息", "Biometric data: DNA, face, fingerprint, photograph"
    MEANS = "MEANS", "经济状况核对信息", "Details of a check of economic status: property, deposits, income"
    HEALTH = "HEALTH", "健康医疗信息", "Health and medical care"
    OTHER = "OTHER", "其他", "Anything else"


class DriftKind(Term):
    """What changed in a list of a source between two runs."""

    COLUMN_CAME = "COLUMN_CAME", "新增列", "A column came that the list did not have"
    COLUMN_GONE = "COLUMN_GONE", "列消失", "A column is gone"
    COLUMN_RENAMED = (
        "COLUMN_RENAMED",
        "列更名",
        "A column has another name, and is read all the same",
    )
    COLUMN_LACKING = (
        "COLUMN_LACKING",
        "部分表缺列",
        "More tables of the list than before lack a column the hub reads",
    )
    TYPE_CHANGED = "TYPE_CHANGED", "类型变化", "Cells of a type the column did not have"
    CODES_UNKNOWN = "CODES_UNKNOWN", "未知代码", "More rows than before are refused for codes nobody knows"
