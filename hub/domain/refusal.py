"""Why a value is refused: one code and one sentence in each language, all in one table.

A value that cannot be read for certain is refused, never guessed. A refusal says what was
expected and never repeats the value: it may be a person's name or identity number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class Sentence(NamedTuple):
    """What was expected."""

    en: str
    zh: str


REFUSALS: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        # any value
        "REQUIRED": Sentence("A value is required here.", "此项必填"),
        "TEXT_TOO_LONG": Sentence("Shorter text is expected.", "文字过长"),
        "TEXT_EXPECTED": Sentence("Text or a number is expected.", "应为文字或数字"),
        "DIGITS_LOST": Sentence(
            "The full number as text is expected; a spreadsheet keeps only 15 digits of a number.",
            "应以文本格式填写完整号码；电子表格的数字只保留15位",
        ),
        "CODE_UNKNOWN": Sentence("A code or label of the list is expected.", "应为代码表中的代码或名称"),
        "NUMBER_UNREADABLE": Sentence("A number is expected.", "应为数字"),
        "VALUE_UNSUITABLE": Sentence("A value its column can hold is expected.", "应为该列可存储的内容"),
        "PHONE_UNREADABLE": Sentence("A telephone number is expected.", "应为电话号码"),
        "PERIOD_REVERSED": Sentence(
            "The last day must not lie before the first day.", "终止日期不得早于起始日期"
        ),
        # rows and lists
        "PERSON_UNIDENTIFIED": Sentence(
            "An identity number or a file number is expected.", "身份证号与档案编号至少填写一项"
        ),
        "REFERENCE_UNKNOWN": Sentence(
            "The row refers to something the hub does not know.", "所引用的对象在系统中不存在"
        ),
        "HANDED_ON": Sentence(
            "The person was handed on: a last day no later than that, or the contract of now, is expected.",
            "该对象已移交；应填写不晚于移交日的结束日期，或改为现合同",
        ),
        "DUPLICATE_KEY": Sentence("One row per key is expected in a list.", "同一名单内主键不得重复"),
        "SAMPLED_NUMBER": Sentence(
            "Numbers of results or services are expected: letters, digits, ._:/- and no identity numbers.",
            "应为评估结果或服务记录的编号，只含字母、数字和 ._:/-，不得为身份证号",
        ),
        "CONTRADICTION": Sentence("Two columns of the row contradict each other.", "同一行的两列互相矛盾"),
        "UNREADABLE_FILE": Sentence(
            "A workbook (xlsx, xls) or a table of text (csv) that can be opened is expected.",
            "应为可以打开的工作簿（xlsx、xls）或文本表格（csv）",
        ),
        "DELIVERY_UNREADABLE": Sentence(
            "A JSON object with type, timestamp and data is expected.", "应为含 type、timestamp、data 的 JSON"
        ),
        "LIST_UNKNOWN": Sentence(
            "A title, file name or sheet name that tells the kind of list is expected.",
            "标题、文件名或工作表名应能表明名单种类",
        ),
        "FORMULA_WITHOUT_VALUE": Sentence(
            "A value is expected; the cell holds a formula that was never calculated.",
            "应为具体内容；单元格中的公式没有计算结果",
        ),
        "CHARACTER_LOST": Sentence(
            "Text that can be read whole is expected; a character was damaged on the way.",
            "文字应完整；有字符在传输或转换中损坏",
        ),
        "CELL_TOO_LONG": Sentence("A shorter cell is expected.", "单元格内容过长"),
        "ROW_TOO_WIDE": Sentence(
            "As many cells as the header has are expected; a cell with a delimiter in it must be quoted.",
            "单元格数不得多于表头；含分隔符的内容应加引号",
        ),
        "HEADER_MISSING": Sentence("A required column is missing from the list.", "名单缺少必需的列"),
        # names
        "NAME_LOST_CHARACTER": Sentence(
            "The full name is expected; a character was lost, masked or put into words.",
            "应为完整姓名；姓名中有字符丢失、被遮盖或以括注代替",
        ),
        "DECEASED_WITHOUT_END": Sentence(
            "The last day is expected where the name is marked as that of a deceased person.",
            "姓名注明已故的，应填写终止日期",
        ),
        "AGED_WITHOUT_END": Sentence(
            "A last day is expected for somebody who is past the age of the category.",
            "已超过该类别年龄的，应填写终止日期",
        ),
        "NAME_NOT_A_NAME": Sentence(
            "The name of one person is expected, letters only.", "应为一个人的姓名，只含文字"
        ),
        # identity numbers, GB 11643-1999
        "ID_LENGTH": Sentence(
            "An identity number of 18 characters (or 15 digits of the first generation) is expected.",
            "身份证号应为18位（或一代证15位）",
        ),
        "ID_FORM": Sentence(
            "17 digits and a last character 0-9 or X are expected.", "应为17位数字加1位数字或X"
        ),
        "ID_LOOKALIKE": Sentence(
            "Digits are expected; letters O, I or l stand where 0 or 1 may be meant.",
            "应为数字；号码中有字母O、I或l，疑为0或1",
        ),
        "ID_MASKED": Sentence(
            "The full identity number is expected, not a masked one.", "应为未脱敏的完整身份证号"
        ),
        "ID_LOST_DIGITS": Sentence(
            "The full identity number as text is expected; digits or the final X were lost on the way.",
            "应以文本格式填写完整身份证号；号码尾数或末位X已丢失",
        ),
        "ID_CHECKSUM": Sentence(
            "An identity number whose last character agrees with the others is expected.",
            "身份证号校验位不符",
        ),
        "ID_BIRTH_DATE": Sentence(
            "An identity number that holds a possible birth date is expected.",
            "身份证号中的出生日期不成立",
        ),
        "ID_TWO_NAMES": Sentence("One name per identity number is expected.", "同一身份证号对应不同姓名"),
        # unified social credit codes, GB 32100-2015
        "CREDIT_CODE_LENGTH": Sentence(
            "A unified social credit code of 18 characters is expected.", "统一社会信用代码应为18位"
        ),
        "CREDIT_CODE_FORM": Sentence(
            "Digits and capital letters without I, O, S, V, Z are expected, characters 3 to 8 digits.",
            "应为数字和大写字母（不含I、O、S、V、Z），第3至8位为数字",
        ),
        "CREDIT_CODE_DEPARTMENT": Sentence(
            "A registering department of GB 32100-2015 is expected as first character.",
            "第1位应为登记管理部门代码",
        ),
        "CREDIT_CODE_LOST_DIGITS": Sentence(
            "The full code as text is expected; a spreadsheet keeps only 15 digits of a number.",
            "应以文本格式填写完整代码；电子表格的数字只保留15位",
        ),
        "CREDIT_CODE_CHECKSUM": Sentence(
            "A code whose last character agrees with the others is expected.", "统一社会信用代码校验位不符"
        ),
        "CREDIT_CODE_ORGANISATION": Sentence(
            "Characters 9 to 17 must be an organisation code with its own check character.",
            "第9至17位的组织机构代码校验位不符",
        ),
        # disability certificates
        "CERTIFICATE_LENGTH": Sentence(
            "20 characters are expected: identity number, category, grade.",
            "残疾人证号应为20位：身份证号、类别、等级",
        ),
        "CERTIFICATE_CATEGORY": Sentence("A category from 1 to 7 is expected.", "残疾类别应为1至7"),
        "CERTIFICATE_GRADE": Sentence("A grade from 1 to 4 is expected.", "残疾等级应为1至4"),
        # divisions, GB/T 2260-2007 and GB/T 10114-2003
        "DIVISION_FORM": Sentence(
            "A division code of 6, 9 or 12 digits is expected; a name alone is not enough.",
            "应为6、9或12位区划代码；仅有名称无法识别",
        ),
        "DIVISION_UNKNOWN": Sentence("A division code of the division list is expected.", "区划代码不存在"),
        "DIVISION_ABOLISHED": Sentence(
            "A current division code is expected; this one was abolished without a single successor.",
            "区划代码已撤销，且无唯一的后继区划",
        ),
        "DIVISION_SPLIT": Sentence(
            "A current division code is expected; this one was divided, and could be any of several now.",
            "区划代码已撤销并分设为多个区划，无法确定现属区划",
        ),
        "DIVISION_REUSED": Sentence(
            "A current division code and the day of the record are expected; this one was given twice.",
            "该区划代码曾用于不同区划，须有记录日期方可确定",
        ),
        "DIVISION_OUTSIDE": Sentence(
            "A division within the area of the source is expected.", "区划不在数据来源的辖区之内"
        ),
        "DIVISION_TOO_HIGH": Sentence("A division of a lower level is expected.", "应为更低一级的区划代码"),
        # dates
        "DATE_UNREADABLE": Sentence("A day such as 2023-03-31 is expected.", "应为日期，如2023-03-31"),
        "DATE_OUT_OF_RANGE": Sentence("A day from 1900 to 2098 is expected.", "日期应在1900年至2098年之间"),
        "DATE_PLACEHOLDER": Sentence(
            "A real day is expected; this is how systems write that there is none.",
            "应为真实日期；此值是系统的空日期占位",
        ),
        "DATE_INCOMPLETE": Sentence("A full date with a day is expected.", "日期应精确到日"),
        "DATE_AMBIGUOUS": Sentence(
            "Year and month such as 2023-01 or 2023-10 are expected; 2023.1 may be either.",
            "应写明年月，如2023-01或2023-10；“2023.1”两者皆可能",
        ),
        "DATE_LUNAR": Sentence("A day of the Gregorian calendar is expected.", "应为公历日期，不接受农历"),
        # money
        "MONEY_UNREADABLE": Sentence(
            "An amount such as 1234.50 or 壹仟贰佰叁拾肆元伍角 is expected.",
            "应为金额，如1234.50或壹仟贰佰叁拾肆元伍角",
        ),
        "MONEY_MASKED": Sentence("The full amount is expected, not a masked one.", "应为未遮盖的完整金额"),
        "MONEY_PRECISION": Sentence("An amount in yuan and whole fen is expected.", "金额应精确到分"),
        "MONEY_DISAGREE": Sentence(
            "The same amount in figures and in capitals is expected.", "大小写金额不一致"
        ),
        "MONEY_OUT_OF_RANGE": Sentence(
            "An amount from 0 to less than a trillion yuan is expected.", "金额应不小于0且小于一万亿元"
        ),
    }
)


class Refused(ValueError):
    """A value is refused; ``code`` is one of ``REFUSALS`` and stable, ``expected`` names no value."""

    def __init__(self, code: str, *, expected: str = "", expected_zh: str = "") -> None:
        """Own sentences replace those of the table, to name the range or the labels of a list."""
        sentence = REFUSALS[code]
        self.code = code
        self.expected = expected or sentence.en
        self.expected_zh = expected_zh or sentence.zh
        super().__init__(f"{code}: {self.expected}")

    def __reduce__(self) -> tuple[Any, ...]:
        # ValueError would rebuild from its message alone; refusals cross process borders whole.
        return _rebuild, (self.code, self.expected, self.expected_zh)


def _rebuild(code: str, expected: str, expected_zh: str) -> Refused:
    return Refused(code, expected=expected, expected_zh=expected_zh)
