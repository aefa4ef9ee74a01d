"""Every fault that an emulator can be made to have, in words; run as a module it prints them.

The part of a name before the first dash is the fault's number in the catalogue of upstream faults, X1 to X35.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from connectors.emulators import drop_faults, faults
from connectors.emulators.fault_words import WORDS
from connectors.emulators.switches import Words


class Fault(NamedTuple):
    """``system``: the emulator that has it. ``outcome``: what a connector must do, see ``OUTCOMES``."""

    system: str
    name: str
    words: Words
    outcome: str

    @property
    def number(self) -> str:
        """``X5``; nothing for a fault outside the catalogue."""
        digits = self.name.removeprefix("x").partition("-")[0]
        return f"X{int(digits)}" if digits.isdecimal() else ""


OUTCOMES: Final = {
    "read": Words("nothing is lost, doubled or wrong", "不丢、不重、不错"),
    "corrected": Words("merged with what is true", "按真实情况并入"),
    "accepted": Words("merged as it stands", "照原样并入"),
    "ignored": Words("no row at all", "不算一行"),
    "quarantined": Words("the row is refused with this code", "该行以此代码拒收"),
    "stopped": Words(
        "the run fails with this code and changes nothing", "本次同步以此代码失败，不作任何更改"
    ),
    "waits": Words("not read until it is complete", "完整之前不读取"),
}

SYSTEMS: Final = {
    "web": Words("any system that is asked over HTTP", "任何 HTTP 系统"),
    "platform": Words("the national sharing platform", "国家数据共享交换平台"),
    "gateway": Words("a province's gateway", "省级网关"),
    "children": Words("the list of children behind it", "网关上的儿童名单"),
    "soap": Words("the SOAP service of social assistance", "社会救助 SOAP 服务"),
    "exchange": Words("the exchange database of social assistance", "社会救助前置库"),
    "relief": Words("the relief system's exchange database", "救助管理前置库"),
    "drop": Words("files dropped over SFTP", "SFTP 文件投放"),
    "push": Words("pushed warnings", "推送的预警"),
    "notices": Words("a procurement portal with contract notices", "政府采购网合同公告"),
    "register": Words("exports of the register of organisations", "社会组织登记导出"),
    "roster": Words("county rosters", "县区名单"),
}

_RUNNING: Final = {
    "web": {
        "x05-500": ("status 500; asked again", "返回 500；重试", "read"),
        "x05-slow": ("no answer for a minute; asked again", "一分钟没有应答；重试", "read"),
        "x05-half-open": ("the connection ends in the middle; asked again", "应答中途断开；重试", "read"),
        "x06-page": ("a page to log in to, with status 200", "状态 200 的登录页面", "stopped SOURCE_ERROR"),
        "x08-too-often": ("429: come again in a second", "429：一秒后再来", "read"),
    },
    "platform": {
        "x04-short": ("a page lacks its last three rows", "一页缺最后三行", "read"),
        "x04-shifted": ("a page repeats three rows of the one before", "一页重复前页的三行", "read"),
        "x06-code": ("success outside, an error inside; asked again", "外层成功、内层错误；重试", "read"),
        "x06-empty": ("success outside, nothing inside; asked again", "外层成功、内层为空；重试", "read"),
        "x07-expired": ("the secret is good no more", "密钥已失效", "read"),
        "x07-grant": ("the service is not granted (E-106)", "服务未授权（E-106）", "read"),
        "x08-quota": ("the questions of the day are used up", "当日次数用尽", "stopped SOURCE_ERROR"),
        "x14-case": ("idCard, GMSFHM; result for rows", "字段名大小写变化，rows 变 result", "read"),
        "x15-types": ("numbers for texts, words for nothing", "数字代替文本，“无”代替空", "read"),
        "x16-code": ("a class nobody has heard of", "没有见过的类别", "quarantined CODE_UNKNOWN"),
        "x16-event": ("an event nobody has heard of", "没有见过的登记类别", "quarantined CODE_UNKNOWN"),
        "x32-other": (
            "the cremation of somebody else of the same number",
            "同号他人的火化记录",
            "quarantined CONTRADICTION",
        ),
    },
    "gateway": {
        "x04-short": ("a page lacks its last record", "一页缺最后一条", "read"),
        "x04-shift": ("the first record is written again and goes to the end", "首条更新后移到末尾", "read"),
        "x04-swap": ("the first record is gone and another one comes", "首条消失，另来一条", "read"),
        "x06-error": ("status 200 and an error; asked again", "状态 200 的错误；重试", "read"),
        "x07-request": ("the request secret ends between two pages", "请求密钥在翻页间失效", "read"),
        "x07-refresh": ("the refresh secret, too", "刷新密钥也失效", "read"),
    },
    "children": {
        "x17-meaning": (
            "the day beside an unknown reason: nobody knows which day it is",
            "离开日期旁的原因未知：不知是哪个日期",
            "quarantined CODE_UNKNOWN",
        ),
    },
    "soap": {
        "x06-error": ("status 200 and an error code in the text", "状态 200，正文为错误代码", "read"),
        "x34-type": ("a document type in the envelope", "信封带 DTD", "stopped UNSAFE_XML"),
        "x34-entity": ("an entity of a file in the text", "正文引用本地文件实体", "stopped UNSAFE_XML"),
        "x34-bomb": ("entities that grow in the text", "正文实体膨胀", "stopped UNSAFE_XML"),
    },
    "exchange": {
        "x01-late": ("rows of three days ago arrive today", "三天前的行今天才到", "read"),
        "x02-sent-again": ("everything is sent again", "整批重发", "read"),
        "x03-out-of-order": ("an end before the change made earlier", "终止先于早先的变更到达", "read"),
        "x10-half-deleted": ("half the people are deleted", "删除一半的人", "stopped MASS_DELETE_STOPPED"),
        "x11-same-second": ("two changes of one person within a second", "同一秒内同一人两次变更", "read"),
        "x12-flags-taken": ("another reader turns all flags", "标志被别的读取方改掉", "read"),
        "x12-filled-again": ("a table is emptied and filled again", "表被清空后重新写入", "read"),
        "x13-renamed": ("a column has another name", "列改了名", "stopped SCHEMA_DRIFT"),
        "x13-named-back": ("and its own again", "列名改回来", "read"),
        "x13-added": ("a column nobody asked for", "新增无人需要的列", "read"),
        "x14-small-letters": ("names in small letters", "表名、列名变小写", "read"),
        "x15-words-for-nothing": ("several words for nothing", "空值写法不一", "read"),
        "x16-new-code": ("a code nobody has heard of", "没有见过的代码", "quarantined CODE_UNKNOWN"),
        "x24-lost-characters": (
            "names that GBK cannot write",
            "GBK 写不出的姓名",
            "quarantined NAME_LOST_CHARACTER",
        ),
        "x32-dead": (
            "dead, and the benefit goes on",
            "人已死亡，待遇未停",
            "quarantined DECEASED_WITHOUT_END",
        ),
        "x32-without-family": ("a family that is not there", "所属家庭不存在", "quarantined REQUIRED"),
    },
    "relief": {
        "x01-late": ("rows of three days ago arrive today", "三天前的行今天才到", "read"),
        "x02-sent-again": ("everything is sent again", "整批重发", "read"),
        "x03-out-of-order": ("an end before what was noted earlier", "离站先于早先的登记到达", "read"),
        "x10-deleted": ("stays that are taken back", "撤销的救助记录", "read"),
        "x11-same-second": ("two changes of one stay within a second", "同一秒内同一记录两次变更", "read"),
        "x12-filled-again": ("the table is emptied and filled again", "表被清空后重新写入", "read"),
        "x13-renamed": ("a column has another name", "列改了名", "stopped SCHEMA_DRIFT"),
        "x13-named-back": ("and its own again", "列名改回来", "read"),
        "x15-spans": ("ages as people write them", "年龄写法不一：约45岁、40-50", "accepted"),
        "x16-new-code": ("an unknown way of leaving", "没有见过的离站方式", "quarantined CODE_UNKNOWN"),
        "x18-no-name": ("no number, and aliases that repeat", "没有证件号，化名重复", "accepted"),
        "x19-checksum": ("another last character of the number", "校验位不符", "quarantined ID_CHECKSUM"),
        "x01-answers-late": ("a message is answered only the next time", "下次才回执", "read"),
        "x02-answers-twice": ("two receipts for a message", "同一消息两次回执", "read"),
        "x12-inbox-lost": ("the inbox is emptied unread", "收件表未处理即被清空", "read"),
        "x12-inbox-taken": ("the inbox is emptied once it is read", "收件表处理后被清空", "read"),
        "x16-refuses": ("a message is refused", "退回上报", "read"),
        "x32-left-before": ("left before the first day", "离站早于入站", "quarantined PERIOD_REVERSED"),
    },
    "drop": {
        "x01-late": ("a file arrives later than the next one", "文件迟到", "read"),
        "x02-resent": ("the same file once more", "同一文件再发一次", "read"),
        "x09-replaced": ("another file under the same name", "同名文件被替换", "read"),
    },
    "push": {
        "x02-again": ("a delivery is sent again although it was taken", "已收下的又发一次", "read"),
        "x03-order": ("two deliveries change places", "两次推送颠倒", "read"),
        "x07-skew": ("a wrong clock: refused until it is right", "发送方时钟不准：改正前不收", "read"),
        "forged": ("signed with another key: refused", "签名密钥不对：不收", "read"),
    },
    "notices": {
        "x04-repeated": ("a list repeats what the page before had", "列表翻页重复", "read"),
        "x05-gone": ("not there: read again later", "暂时打不开：以后再读", "quarantined UNREADABLE_FILE"),
        "x13-label": ("合同编号 under another label", "合同编号写作他名", "quarantined HEADER_MISSING"),
        "x16-method": ("an unknown way of buying", "没有见过的采购方式", "quarantined CODE_UNKNOWN"),
        "x23-supplier": ("a supplier nobody knows", "供应商名称对不上", "quarantined REFERENCE_UNKNOWN"),
        "x28-from-signing": ("a year from the day of signing", "自签订之日起一年", "read"),
        "x29-capital": ("the amount in capitals only", "只有大写金额", "read"),
        "x29-half": ("the amount in figures is masked", "小写金额被遮盖", "read"),
        "x29-masked": ("both amounts are masked", "大小写金额均被遮盖", "quarantined MONEY_MASKED"),
        "x29-disagree": ("figures and capitals disagree", "大小写金额不一致", "quarantined MONEY_DISAGREE"),
        "x31-gbk": ("a page in GBK", "网页为GBK编码", "read"),
        "x33-lines": ("labels in lines, no table", "不用表格，逐行书写", "read"),
        "x34-deep": ("elements nested 50,000 deep", "标签嵌套五万层", "quarantined HEADER_MISSING"),
        "x34-script": ("scripts with labels and amounts: no text", "脚本中夹带标签金额：不读", "read"),
        "x34-twice": ("two numbers of one contract", "一页两个合同编号", "quarantined CONTRADICTION"),
        "x35-more": ("accounts and telephones: dropped", "多给账号、电话：丢弃", "read"),
    },
    "register": {
        "x13-renamed": ("columns under other names", "列名不同", "read"),
        "x13-missing": ("no last day of certificates", "缺“有效期止”列", "quarantined HEADER_MISSING"),
        "x16-result": ("a result nobody has heard of", "没有见过的年检结论", "quarantined CODE_UNKNOWN"),
        "x19-code": ("a wrong last character", "代码校验位不符", "quarantined CREDIT_CODE_CHECKSUM"),
        "x23-twice": ("one code with two names", "一码两名", "quarantined DUPLICATE_KEY"),
        "x30-title": ("a title above the header", "表头上方有标题", "read"),
        "x32-reversed": ("it ends before it begins", "止期早于起期", "quarantined PERIOD_REVERSED"),
        "x34-formula": ("a formula in a text: kept as text", "文本写成公式：照文本保存", "accepted"),
        "x35-more": ("identity and account numbers: dropped", "多给身份证号、银行账号：丢弃", "read"),
    },
}  # fmt: skip

_DROPPED: Final = {
    "x09-no-marker": ("without its marker", "没有 .ok 标记"),
    "x09-no-digest": ("without its digest", "没有 .md5 摘要"),
    "x09-marker-early": ("the marker before the file is complete", "标记先于完整文件"),
    "x09-zero-bytes": ("nothing in it", "空文件"),
    "x09-no-row": ("headers and no row", "只有表头"),
    "x09-bomb": ("a zip that grows to 16 MB", "压缩炸弹（16 MB）"),
    "x09-traversal": ("a zip with a path that climbs", "压缩包内路径越界"),
    "x09-many-parts": ("a zip with forty lists", "压缩包内四十个文件"),
    "x09-cut-zip": ("half a zip", "压缩包不完整"),
    "x09-other-in-zip": ("a program in a zip", "压缩包内是程序"),
    "x09-link-in-zip": ("a link in a zip", "压缩包内是链接"),
    "x09-link": ("a link instead of a file: never followed", "以链接代替文件：从不跟随"),
    "x10-missing": ("40 percent of the people are missing", "少了四成的人"),
    "x13-renamed": ("身份证号 as 公民身份号码", "表头写作“公民身份号码”"),
    "x13-reordered": ("columns in another order", "列的顺序不同"),
    "x13-added": ("a column nobody asked for", "新增无人需要的列"),
    "x13-missing": ("no last month", "缺“享受终止月”列"),
    "x13-no-header": ("no header", "没有表头"),
    "x16-code": ("a subsidy nobody has heard of", "没有见过的补贴"),
    "x16-standard": ("an unknown standard of assessment", "没有见过的评估标准"),
    "x26-grade": ("a certificate of another grade: another number", "等级变更，证号随之改变"),
    "x26-foreign": ("somebody else's certificate", "填了他人的证号"),
    "x28-chinese": ("2023年3月", "2023年3月"),
    "x28-dash": ("2023-03", "2023-03"),
    "x28-open": ("3000-01 as the last month", "终止月 3000-01"),
    "x28-ambiguous": ("2023.1 may be October", "2023.1 也可能是十月"),
    "x28-lunar": ("a lunar date", "农历日期"),
    "x29-unit": ("80.00元", "80.00元"),
    "x29-fen": ("8000分", "8000分"),
    "x29-masked": ("1**", "1**"),
    "x29-total": ("a 合计 row", "合计行"),
    "x31-gbk": ("GBK", "GBK"),
    "x31-utf-8": ("UTF-8 without mark", "UTF-8，无 BOM"),
    "x31-utf-8-sig": ("UTF-8 with mark", "UTF-8，有 BOM"),
    "x31-semicolon": ("; between cells", "以分号分隔"),
    "x31-tab": ("tab between cells", "以制表符分隔"),
    "x31-quoted-newline": ("a line break inside a cell", "单元格里有换行"),
    "x31-zip": ("in a zip", "放在压缩包里"),
    "x34-formula": ("=cmd… as a name", "姓名写成 =cmd…"),
    "x34-huge-cell": ("40,000 characters in one cell", "一格四万字"),
    "x35-more": ("bank accounts and DNA numbers: dropped", "多给银行账号、DNA 编号：丢弃"),
}


def _running() -> Iterator[Fault]:
    for system, named in _RUNNING.items():
        for name, (en, zh, outcome) in named.items():
            yield Fault(system, name, Words(en, zh), outcome)


def _dropped() -> Iterator[Fault]:
    said = {"MASS_DELETE_STOPPED": "stopped", "nothing": "ignored"}
    for name, fault in drop_faults.FAULTS.items():
        outcome = fault.expected
        if outcome not in OUTCOMES:
            word = said.get(outcome, "quarantined")
            outcome = f"{word} {outcome}" if outcome.isupper() else word
        yield Fault("drop", name, Words(*_DROPPED[name]), outcome)


def _rosters() -> Iterator[Fault]:
    for name, fault in faults.FAULTS.items():
        yield Fault("roster", name, WORDS[name], f"{fault.expected} {fault.code or ''}".rstrip())


FAULTS: Final = tuple(
    sorted((*_running(), *_dropped(), *_rosters()), key=lambda fault: list(SYSTEMS).index(fault.system))
)
"""By system, in the order they are listed."""


def page() -> str:
    """The tables of README.md."""
    parts = []
    for system, words in SYSTEMS.items():
        lines = [
            f"### `{system}`: {words.en} {words.zh}",
            "",
            "| fault | what is done | 说明 | then |",
            "|---|---|---|---|",
        ]
        for fault in FAULTS:
            if fault.system == system:
                word, _, code = fault.outcome.partition(" ")
                then = f"{word} `{code}`" if code else word
                lines.append(f"| `{fault.name}` | {fault.words.en} | {fault.words.zh} | {then} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")
