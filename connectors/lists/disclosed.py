"""What a column that nobody asked for tells of people, by its name (X35), so that drops can be counted by it.

It decides nothing: whatever is not asked for is dropped, known by these words or not.
"""

from __future__ import annotations

import re
from typing import Final

from hub.domain.text import fold
from hub.domain.vocabulary import FieldClass

WORDS: Final = (
    (FieldClass.BIOMETRIC, "DNA|基因|FACE|人脸|面部|指纹|FINGER|虹膜|IRIS|声纹|照片|相片|PHOTO|IMAGE"),
    (FieldClass.BANK, "银行|开户|账号|帐号|账户|帐户|卡号|存折|BANK|ACCOUNT"),
    (
        FieldClass.MEANS,
        "核对|核查|财产|存款|车辆|房产|房屋|不动产|证券|理财|收入|资产|纳税|社保缴|ASSET|INCOME|ESTATE",
    ),
    (FieldClass.HEALTH, "HEALTH|健康|疾病|患病|病史|病种|诊断|医疗|DISEASE|ILLNESS|DIAGNOS"),
)
_CLASSES: Final = tuple((kind, re.compile(words)) for kind, words in WORDS)


def field_class(name: str) -> FieldClass:
    """The first whose words are in the name."""
    folded = fold(name).upper()
    return next((kind for kind, words in _CLASSES if words.search(folded)), FieldClass.OTHER)
