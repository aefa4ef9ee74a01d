"""What each fault of the rosters is, in words; ``faults`` does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.emulators.switches import Words

WORDS: Final[Mapping[str, Words]] = {
    "x13-column-added": Words(
        "a column nobody asked for (bank accounts): dropped, the rows stay",
        "新增无人需要的列（银行账号）：丢弃该列，行照收",
    ),
    "x13-columns-reordered": Words("columns in another order", "列的顺序不同"),
    "x13-header-synonym-1": Words("身份证号 as the header", "表头写作“身份证号”"),
    "x13-header-synonym-2": Words("公民身份号码 as the header", "表头写作“公民身份号码”"),
    "x13-header-synonym-3": Words("证件号码 as the header", "表头写作“证件号码”"),
    "x13-header-missing": Words(
        "the assignment list has no 合同编号: the whole file (row 0)",
        "服务分派表缺“合同编号”列：整个文件拒收（第 0 行）",
    ),
    "x18-no-number": Words(
        "no identity number where there is no file number either", "身份证号和档案编号都没有"
    ),
    "x18-no-number-but-file": Words("no identity number, but a file number", "没有身份证号，但有档案编号"),
    "x19-checksum": Words("another last character", "校验位不符"),
    "x19-transposed": Words("two digits have changed places", "两位数字颠倒"),
    "x19-letter-o": Words("O for 0", "字母 O 当作 0"),
    "x19-letter-i": Words("I for 1", "字母 I 当作 1"),
    "x19-cyrillic-x": Words("Cyrillic Х for X", "西里尔字母 Х 当作 X"),
    "x19-greek-x": Words("Greek Χ for X", "希腊字母 Χ 当作 X"),
    "x19-small-x": Words("x for X", "小写 x 当作 X"),
    "x20-fifteen-digits": Words("first generation, 15 digits", "15 位旧号码"),
    "x21-full-width": Words("full-width digits and X", "全角数字和 X"),
    "x21-spaces": Words("blanks and a zero-width space", "含空格和零宽空格"),
    "x21-apostrophe": Words("a leading apostrophe", "前面有撇号"),
    "x22-number-cell": Words("a number cell: the last digits are lost", "存为数字：末几位丢失"),
    "x22-scientific": Words("4.59999E+17 as text", "以文本写成 4.59999E+17"),
    "x22-without-x": Words("17 digits, the X is lost", "只有 17 位，末位 X 丢失"),
    "x23-two-names": Words(
        "two people with one number: both rows, nobody can tell", "两人同号：两行都拒收，无从判断"
    ),
    "x23-second-number": Words(
        "a number assigned anew: another person, until a list states one instead of the other",
        "重新赋号：先算另一人，直到名单以新号替换旧号",
    ),
    "x24-question-mark": Words("? for a character the source's encoding lacks", "以 ? 代替来源编码没有的字"),
    "x24-box": Words("□ for it", "以 □ 代替"),
    "x24-private-use": Words("a private-use character for it", "以自造字（PUA）代替"),
    "x24-star": Words("* for it (masked)", "以 * 遮盖"),
    "x24-described": Words("（龙天） for it", "以（龙天）描述"),
    "x24-dot-as-bullet": Words("• in a minority name", "少数民族姓名的间隔号写作 •"),
    "x24-dot-as-full-stop": Words("． in a minority name", "少数民族姓名的间隔号写作 ．"),
    "x24-dot-as-hyphenation-point": Words("‧ in a minority name", "少数民族姓名的间隔号写作 ‧"),
    "x24-spaces": Words("blanks inside the name", "姓名中间有空格"),
    "x24-deceased": Words(
        "（已故） behind it, and a benefit without end", "姓名后有（已故），待遇却没有终止"
    ),
    "x24-former-name": Words("（曾用名：…） behind it", "姓名后有（曾用名：…）"),
    "x24-rare": Words("a character outside GBK", "GBK 以外的字"),
    "x25-birth-date": Words(
        "another birth date than the number says: the number wins", "出生日期与身份证号不符：以号码为准"
    ),
    "x25-sex": Words("another sex than the number says: the number wins", "性别与身份证号不符：以号码为准"),
    "x26-other-grade": Words(
        "a new disability certificate of another grade, with another number", "残疾等级变更，新证号不同"
    ),
    "x26-foreign-certificate": Words("somebody else's certificate", "填了他人的残疾人证号"),
    "x27-successor": Words(
        "a town's code of before 2022 that has one successor (同安区)",
        "2022 年前的乡镇代码，只有一个后继（同安区）",
    ),
    "x27-abolished": Words(
        "a village's code below such a town: numbered anew (同安区)", "该乡镇下的村代码：已重新编码（同安区）"
    ),
    "x27-township-like": Words(
        "a development zone (digits 400…): a place without station", "开发区代码（400 段）：没有服务站的地方"
    ),
    "x27-own-level": Words("…999, 本级 of the township", "…999，乡级本级"),
    "x27-county-own-level": Words("…999000, 本级 of the county", "…999000，县级本级"),
    "x27-six-digits": Words("the county's six digits", "县级 6 位代码"),
    "x27-six-digits-padded": Words("the same with zeros", "6 位代码补零"),
    "x27-nine-digits": Words("the township's nine digits", "乡级 9 位代码"),
    "x27-name-only": Words(
        "a name (新圩镇, six of them): never guessed", "只有名称（新圩镇，全国有六个）：不猜"
    ),
    "x27-unknown": Words("a code that never was", "从未有过的代码"),
    "x27-elsewhere": Words("a place of another county", "别的县的地方"),
    "x28-serial": Words("a serial number without a date format", "没有日期格式的序列号"),
    "x28-serial-text": Words("a serial number as text", "序列号存为文本"),
    "x28-epoch-1904": Words("a workbook of the 1904 date system", "1904 日期系统的工作簿"),
    "x28-slashes": Words("2023/3/5", "2023/3/5"),
    "x28-dots": Words("2023.3.5", "2023.3.5"),
    "x28-chinese": Words("2023年3月5日", "2023年3月5日"),
    "x28-eight-digits": Words("20230305", "20230305"),
    "x28-month-chinese": Words("2023年3月: the first day of the month", "2023年3月：当月第一天"),
    "x28-month-digits": Words("202303", "202303"),
    "x28-month-dot": Words("2023.3", "2023.3"),
    "x28-open-ended": Words("3000-01 as the last day: open", "终止日期 3000-01：没有终止"),
    "x28-month-ambiguous": Words("2023.1 may be October", "2023.1 也可能是十月"),
    "x28-lunar": Words("a lunar date", "农历日期"),
    "x28-zero": Words("1900-01-00", "1900-01-00"),
    "x28-no-day": Words("a month where a day is needed", "需要日的地方只有月"),
    "x28-impossible": Words("2023-02-30", "2023-02-30"),
    "x29-thousands": Words("1,234.50元", "1,234.50元"),
    "x29-capitals": Words("壹仟贰佰元整", "壹仟贰佰元整"),
    "x29-fen": Words("123450分", "123450分"),
    "x29-wan": Words("0.12万元", "0.12万元"),
    "x29-words": Words("约三百元左右", "约三百元左右"),
    "x29-masked": Words("3**", "3**"),
    "x29-capitals-disagree": Words("figures and capitals of a contract differ", "合同金额大小写不一致"),
    "x29-merged-total": Words("a 合计 row with merged cells", "带合并单元格的合计行"),
    "x30-merged-header": Words(
        "two rows of headers, 监护人 over 姓名, 关系, 联系电话", "两层表头：监护人下有姓名、关系、电话"
    ),
    "x30-merged-body": Words(
        "户编号 and 家庭住址 merged over the members of a household", "户编号和家庭住址按户合并"
    ),
    "x30-blank-continuation": Words(
        "户编号 left out: the person stays, the household is not known from this row",
        "户编号留空：人照收，此行不知属哪户",
    ),
    "x30-hidden-rows": Words("hidden rows are rows", "隐藏行也是行"),
    "x30-formula": Words("a formula without a stored value", "公式没有存值"),
    "x30-total-row": Words("本页小计", "本页小计"),
    "x30-remark-row": Words("备注：… below the table", "表下的“备注：…”行"),
    "x30-example-row": Words("示例", "示例行"),
    "x30-numbered-columns": Words("甲 乙 1 2 3 … below the header", "表头下的 甲 乙 1 2 3 … 行"),
    "x30-two-tables": Words("a second table below the first", "同一张表下面还有一张表"),
    "x30-remark-in-cell": Words("已迁出，待核实 in a date cell", "日期格里写着“已迁出，待核实”"),
    "x30-wps": Words("saved by WPS Office", "由 WPS 保存"),
    "x31-gbk": Words("GBK, ? for what it lacks", "GBK，没有的字写作 ?"),
    "x31-gb18030": Words("GB 18030", "GB 18030"),
    "x31-utf-8": Words("UTF-8 without mark", "UTF-8，无 BOM"),
    "x31-utf-8-sig": Words("UTF-8 with mark", "UTF-8，有 BOM"),
    "x31-utf-16": Words("UTF-16", "UTF-16"),
    "x31-semicolon": Words("; between cells", "以分号分隔"),
    "x31-tab": Words("tab between cells", "以制表符分隔"),
    "x31-quoted-newline": Words("a line break and quotes inside a cell", "单元格里有换行和引号"),
    "x31-scientific": Words("4.59999E+17 in a text file", "文本文件里的 4.59999E+17"),
    "x31-unquoted": Words("commas inside a cell that nobody quoted", "单元格里的逗号没有加引号"),
    "x32-end-before-start": Words("a benefit that ends before it begins", "待遇的终止日期早于起始日期"),
    "x33-address": Words(
        "an address in another village than the code: the code counts",
        "住址写的是别的村，与区划代码不符：以代码为准",
    ),
    "x34-formula-1": Words("=cmd… as a name", "姓名写成 =cmd…"),
    "x34-formula-2": Words("@SUM… as a name", "姓名写成 @SUM…"),
    "x34-formula-3": Words("=HYPERLINK… as a name", "姓名写成 =HYPERLINK…"),
    "x34-markup-in-name": Words("HTML as a name", "姓名写成 HTML"),
    "x34-markup": Words("HTML in an address: text like any other", "住址里有 HTML：当作普通文本"),
    "x34-sql": Words("SQL in an address: text like any other", "住址里有 SQL：当作普通文本"),
    "x34-markup-in-note": Words("HTML in the note of a visit", "探访记录里有 HTML"),
    "x34-huge-cell": Words("10 MB in one cell", "一格 10 MB"),
    "x34-document-type": Words(
        "a DTD in the workbook's XML (XXE): the whole file", "工作簿 XML 带 DTD（XXE）：整个文件拒收"
    ),
    "x34-cut-off": Words("half a file: the whole file", "只有半个文件：整个文件拒收"),
}
