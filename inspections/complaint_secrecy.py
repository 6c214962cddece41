"""保密: whether words give the complainant away, by his name, by how he is called or by how he is reached.

The words of a complaint go on to papers, the public page of a paper, the trail, clocks and messages, some of which can
never be put right: they are searched where they are typed, and once more before a paper is made of them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from fire_supervision.lib.refusals import Fault, refuse
from inspections.models import Complaint
from stations.models import User

INSTEAD = "举报人"
GIVEN_AWAY = "填写的文字里有举报人的姓名或者电话、住址等联系方式"
REWORD = "举报人要保密，请改为“举报人”；说的是别人的，写全名或者职务。"
PLACES = dict.fromkeys(
    ("premises", "address"), "举报人要保密，请删去；名称、地址本来如此的，先登记到台账，再选择台账单位。"
)
# Typed for a name by whoever has none to type.
NOBODY = frozenset({
    INSTEAD, "匿名", "无", "不详", "未知", "保密", "本人", "群众", "热心群众", "热心市民", "市民", "居民", "村民",
    "业主", "住户", "租户", "商户", "员工", "职工",
})  # fmt: skip
# Everybody's numbers: whoever is reached by way of them is not given away by them.
HOTLINES = frozenset({"110", "119", "12345", "12350", "96119"})
_PAIRS = (
    "欧阳司马上官诸葛慕容司徒司空皇甫尉迟公孙长孙令狐宇文夏侯东方南宫端木独孤轩辕闻人澹台淳于单于申屠太叔钟离呼延赫连百里"
    "东郭西门第五"
)
COMPOUND = frozenset(_PAIRS[place : place + 2] for place in range(0, len(_PAIRS), 2))
# How somebody is called by his surname; a name ends with more of them than words are searched for.
CALLED = "先生|女士|小姐|太太"
STYLED = re.compile(rf"(?:{CALLED}|同志|师傅|老师|大哥|大姐|大爷|大妈|阿姨|叔叔|老板|经理|姓|某)+$")
SEVERAL = re.compile(r"[、，,；;/／]+")
ASIDE = re.compile(r"[(（\[【].*?(?:[)）\]】]|$)")
APART = "[^\\S\n]|[·•・‧∙．.]"
DASHES = r"[\s\-()（）—–－]"
# Shorter figures are a floor, a room, an hour.
FIGURES = re.compile(rf"\d(?:{DASHES}*\d){{4,}}")
HANDLE = re.compile(r"[a-z0-9_.+@\-]{5,}", re.IGNORECASE | re.ASCII)
# As long as a part of a telephone that finds its owner.
LOCAL = 7


def refuse_named(row: Complaint, actor: User, typed: Mapping[str, str]) -> None:
    """Raise Refusal for every field of ``typed`` that gives the complainant away.

    Whoever is not on the case is refused nothing: he could find out by guessing.
    """
    if row.is_on_case(actor):
        refuse([told_at(field) for field in naming(row.complainant, row.contact, typed)])


def told_at(field: str) -> Fault:
    return Fault(field, GIVEN_AWAY, remedy=PLACES.get(field, REWORD))


def naming(complainant: str, contact: str, typed: Mapping[str, str]) -> list[str]:
    """The fields of ``typed`` that give away whoever is called ``complainant`` and reached by ``contact``."""
    secret = _secret(complainant, contact)
    return [field for field, words in typed.items() if secret and secret.search(words)]


def nameless(row: Complaint, text: str) -> str:
    """``text`` with 举报人 in place of all that gives him away."""
    secret = _secret(row.complainant, row.contact)
    return secret.sub(INSTEAD, text) if secret else text


def _secret(complainant: str, contact: str) -> re.Pattern[str] | None:
    """What finds him in words; None where he left nothing that could."""
    found = [*_by_name(complainant), *_by_contact(contact)]
    return re.compile("|".join(sorted(found, key=len, reverse=True)), re.IGNORECASE) if found else None


def _by_name(complainant: str) -> Iterator[str]:
    """By the whole name however it is spaced, and by the surname as people are called by it.

    A surname alone is no name: half of the streets and shops bear one.
    """
    for part in SEVERAL.split(ASIDE.sub("", unicodedata.normalize("NFKC", complainant))):
        name = re.sub(APART, "", part)
        bare = STYLED.sub("", name).removeprefix("姓")
        if not bare or name in NOBODY:
            continue
        familiar = len(bare) == 2 and bare[0] in "老小阿"
        surname = bare[1:] if familiar else bare[:2] if bare[:2] in COMPOUND else bare[:1]
        if bare != surname and len(bare) > 1:
            yield _whole(_spaced(bare), bare)
        elif name != surname and len(name) > 1:
            yield _whole(_spaced(name), name)
        if len(bare) <= 4 and not bare.isascii():
            yield f"{_spaced(surname)}(?:{APART})*(?:{CALLED})"


def _by_contact(contact: str) -> Iterator[str]:
    """By every number in it, with and without its area code and however it is spaced; by an address of the mail, a
    WeChat id; by a place where he lives."""
    words = unicodedata.normalize("NFKC", contact)
    for said in FIGURES.findall(words):
        digits = re.sub(r"\D", "", said)
        local = re.sub(r"^(?:86(?=1)|0(?:10|2\d|[3-9]\d\d))(?=\d{7})", "", digits)
        parts = {digits, local, *(run for run in re.findall(r"\d+", said) if len(run) >= LOCAL)} - HOTLINES
        yield from (_number(part) for part in sorted(parts))
    yield from (_whole(re.escape(handle), handle) for handle in HANDLE.findall(words) if not _is_number(handle))
    place = re.sub(r"\s", "", words)
    if len(place) > LOCAL and re.search(r"\d", re.sub("|".join(HOTLINES), "", place)):
        yield _spaced(place)


def _is_number(handle: str) -> bool:
    return re.search("[a-z]", handle, re.IGNORECASE) is None


def _number(digits: str) -> str:
    """A telephone, which may stand behind +86; a short one stands alone, or it is a part of something else."""
    spaced = rf"{DASHES}*".join(f"[{digit}{chr(0xFF10 + int(digit))}]" for digit in digits)
    return spaced if len(digits) >= LOCAL else rf"(?<!\d){spaced}(?!\d)"


def _spaced(name: str) -> str:
    return f"(?:{APART})*".join(re.escape(char) for char in name)


def _whole(found: str, name: str) -> str:
    """A word of letters is not looked for inside another."""
    return rf"(?<![a-z0-9]){found}(?![a-z0-9])" if name.isascii() else found
