"""Cells into values. Each function answers with the value and, where there is one, what is odd about the cell."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from stdnum.cn import uscc

from fire_supervision.lib.text import squeezed

_SPACES = re.compile(r"\s+")
# A line break that Excel put inside a Chinese name, unlike the space between two Latin words.
_SPACE_AT_HAN = re.compile(r"(?<=[^\x00-\x7f()])\s|\s(?=[^\x00-\x7f()])|(?<=[()])\s|\s(?=[()])")
_AREA = re.compile(r"^(?:约|大约|近)?(\d+(?:\.\d+)?)(?:m2|m²|平方米|平方|平米|平|㎡)?(?:左右)?$")
_COUNT = re.compile(r"^(?:约)?(\d+)(?:\.0+)?(?:人|名|具|个|只|瓶|台|位)?$")
_FLOOR_HAN = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}
_DAY = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?$")
_DAY_TIGHT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
# 1954-10-03 to 2119-01-14: what a day can be when a cell holds a bare number.
_SERIAL = range(20_000, 80_001)
_YES = {"是", "有", "√", "✓", "v", "y", "yes", "1"}
_NO = {"否", "无", "没有", "×", "x", "n", "no", "0", "不", "未"}
_GAS = {
    "瓶装": "瓶装",
    "液化气": "瓶装",
    "瓶装液化气": "瓶装",
    "罐装": "瓶装",
    "管道": "管道",
    "天然气": "管道",
    "管道天然气": "管道",
}
_CLOSED = ("已关门", "已停业", "已歇业", "已注销", "已关闭", "已搬走", "已搬迁", "不再经营")
PHONE_DIGITS = 11


@dataclass(frozen=True)
class Oddity:
    """What is odd about one cell: a code for counting and the words for the officer."""

    code: str
    reason: str


Cleaned: TypeAlias = tuple[str | int | bool | date | Decimal | None, Oddity | None]


def text(cell: object) -> str:
    """The cell as one line: full-width letters and digits made half-width, white space that Excel left taken out."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _SPACE_AT_HAN.sub("", _SPACES.sub(" ", unicodedata.normalize("NFKC", str(cell)))).strip()


def is_formula(cell: object) -> bool:
    """Whether a spreadsheet would evaluate the cell: a formula, or text that begins with ``=``, escaped or not."""
    return isinstance(cell, str) and cell.lstrip(" '\t\r\n").startswith("=")


def line(limit: int) -> Callable[[object], Cleaned]:
    """A cleaner for free text of at most ``limit`` characters."""

    def clean(cell: object) -> Cleaned:
        value = text(cell)
        if is_formula(cell):
            return value[:limit], Oddity("formula", "是公式，只照文字导入")
        if len(value) > limit:
            return value[:limit], Oddity("too long", f"超过 {limit} 字，只留前 {limit} 字")
        return value, None

    return clean


def phone(cell: object) -> Cleaned:
    """Digits of a phone; anything but 11 of them is kept as written and flagged."""
    written = text(cell)
    if isinstance(cell, str) and re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", written):
        written = f"{Decimal(written):f}"
    digits = re.sub(r"\D", "", written)
    if len(digits) == PHONE_DIGITS + 2 and digits.startswith("86"):
        digits = digits[2:]
    if not written or len(digits) == PHONE_DIGITS:
        return digits, None
    return written[:30], Oddity("phone", _phone_reason(len(digits)))


def _phone_reason(count: int) -> str:
    if count == 0:
        return "没有数字，照原样导入"
    missing = PHONE_DIGITS - count
    return f"少 {missing} 位，照原样导入" if missing > 0 else f"多 {-missing} 位，照原样导入"


def area(cell: object) -> Cleaned:
    """Square metres, as in ``约18平``, ``40㎡``, ``80.0``."""
    written = squeezed(text(cell)).replace(",", "")
    if not written:
        return None, None
    found = _AREA.match(written)
    try:
        value = Decimal(found[1]).quantize(Decimal("0.01")) if found else None
    except InvalidOperation:
        value = None
    if value is None or value >= Decimal(10**8):
        return None, Oddity("area", "不是数，留空导入")
    return value, None


def count(cell: object) -> Cleaned:
    """A whole number, as in ``3人``, ``2具``."""
    written = squeezed(text(cell))
    if not written:
        return None, None
    found = _COUNT.match(written)
    if found is None or len(found[1]) > 6:
        return None, Oddity("count", "不是数，留空导入")
    return int(found[1]), None


def floors(cell: object) -> Cleaned:
    """Storeys in figures: ``1``, ``1-2``; ``一层`` becomes ``1``. What Excel took for a date cannot be told."""
    if isinstance(cell, datetime | date):
        return "", Oddity("floors", "被 Excel 当成了日期，留空导入")
    written = squeezed(text(cell)).removesuffix("层").removesuffix("楼")
    value = "".join(_FLOOR_HAN.get(character, character) for character in re.sub(r"[至到~—]", "-", written))
    return value[:20], None


def yes_no(cell: object) -> Cleaned:
    written = squeezed(text(cell))
    if not written:
        return None, None
    if written in _YES or written in _NO:
        return written in _YES, None
    return None, Oddity("yes or no", "看不出是或否，留空导入")


def gas(cell: object) -> Cleaned:
    """瓶装, 管道, 有 (kind not said) or 无."""
    written = squeezed(text(cell))
    if written in _YES or written in _NO:
        return ("有" if written in _YES else "无"), None
    return _GAS.get(written, text(cell)[:20]), None


def day(cell: object) -> Cleaned:
    """A day in one of the notations met in ledgers, a date cell or Excel's day number."""
    if isinstance(cell, datetime):
        return cell.date(), None
    if isinstance(cell, date):
        return cell, None
    if isinstance(cell, int | float) and int(cell) in _SERIAL:
        return _serial(int(cell)), None
    written = squeezed(text(cell))
    if not written:
        return None, None
    if written.isdigit() and int(written) in _SERIAL:
        return _serial(int(written)), None
    found = _DAY.match(written) or _DAY_TIGHT.match(written)
    if found is None:
        return None, Oddity("date", "看不出是哪一天，留空导入")
    try:
        return date(int(found[1]), int(found[2]), int(found[3])), None
    except ValueError:
        return None, Oddity("date", "没有这一天，留空导入")


def _serial(number: int) -> date | None:
    from openpyxl.utils.datetime import from_excel  # noqa: PLC0415 - see lib/spreadsheets.py

    moment = from_excel(number)
    return moment.date() if isinstance(moment, datetime) else None


def credit_code(cell: object) -> Cleaned:
    """The 18-character unified social credit code (GB 32100-2015); dropped unless its check digit is right."""
    written = squeezed(text(cell)).replace("-", "").upper()
    if not written:
        return "", None
    if uscc.is_valid(written):
        return written, None
    reason = "校验位不对" if len(written) == 18 else f"应为 18 位，只有 {len(written)} 位"
    if len(written) > 18:
        reason = f"应为 18 位，多出 {len(written) - 18} 位"
    return "", Oddity("credit code", f"{reason}，不带代码导入")


def says_closed(remark: str) -> bool:
    return any(word in squeezed(remark) for word in _CLOSED)
