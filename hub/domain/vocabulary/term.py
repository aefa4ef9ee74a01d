"""What a coded value is: a code that never changes, and the words people write for it."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final, Self

from hub.domain.text import fold

_ALIKE: Final = str.maketrans(
    {
        **dict.fromkeys("[{【〔〖〈《<", "("),
        **dict.fromkeys("]}】〕〗〉》>", ")"),
        **dict.fromkeys("‘’“”'\"「」", None),
    }
)


def normalised(label: str) -> str:
    """``label`` as it is compared: folded, one kind of bracket, no quotes, upper case."""
    return fold(label).translate(_ALIKE).upper()


class Term(StrEnum):
    """Base of every enumeration: ``CODE = "中文", "English", *synonyms``; the code is the member's name.

    The code is what is stored and what the interface shows. ``zh`` is the word of the documents,
    ``synonyms`` are other spellings found in lists.
    """

    zh: str
    en: str
    synonyms: tuple[str, ...]

    def __new__(cls, code: str, zh: str = "", en: str = "", *synonyms: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh, member.en, member.synonyms = zh, en, synonyms
        return member

    @classmethod
    def parse(cls, label: str) -> Self | None:
        """The member ``label`` names by Chinese word, synonym or code; None when there is none."""
        code = _index(cls).get(normalised(label))
        return None if code is None else cls(code)


@cache
def _index(kind: type[Term]) -> dict[str, str]:
    words: dict[str, str] = {}
    for member in kind:
        for word in (member.value, member.zh, *member.synonyms):
            if words.setdefault(normalised(word), member.value) != member.value:
                raise ValueError(f"{kind.__name__}: {word} stands for two members")
    return words
