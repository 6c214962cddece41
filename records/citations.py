"""Citations as a legal paper writes them: 消防法第16条第1款第2项 → 《中华人民共和国消防法》第十六条第一款第二项.

The catalogue and the screens keep the short form. A short title that is quoted already (《消防法》第16条) is converted
as one that is not. Standards (GB 50016-2014 第5.5.18条) and laws that are not in the table stay as they were typed.
"""

import re

# Full titles by the short names of the catalogue, the tables of deadlines and the law. A title nobody has read in the
# text of the law does not belong here: a paper may not name a law that does not exist.
TITLES = {
    "消防法": "中华人民共和国消防法",
    "监督检查规定": "消防监督检查规定",
    "规定": "消防监督检查规定",
    "行政案件程序规定": "公安机关办理行政案件程序规定",
    "程序规定": "公安机关办理行政案件程序规定",
    "应急部令5号": "高层民用建筑消防安全管理规定",
    "城镇燃气条例": "城镇燃气管理条例",
    "危险化学品安全管理条例": "危险化学品安全管理条例",
    "烟花爆竹安全管理条例": "烟花爆竹安全管理条例",
}
TITLES |= {title: title for title in TITLES.values()}

_DIGITS = "零一二三四五六七八九"
_NAMES = "|".join(sorted(TITLES, key=len, reverse=True))
_NUMBERS = r"\d{1,3}(?:[、/–—-]\d{1,3})*"
_STEP = re.compile(rf"第({_NUMBERS})([条款项])(?:之(\d))?")
_TOKEN = re.compile(
    # A name inside a longer one (××省公安派出所消防监督检查规定) is another rule's.
    rf"(?:《(?P<quoted>{_NAMES})》|(?:(?<![\u4e00-\u9fff])|(?<=[反据照和与及如依]))(?P<name>{_NAMES})"
    r"(?=第|[（；;、，。/）]|\s|$))"
    r"(?P<note>（[^（）]*令[^（）]*）)?"
    r"|(?P<title>《[^《》]+》)"
    r"|(?P<stranger>条例|办法|规定|规章|规则|细则|标准|法(?=第)|令第?\d+号|GB|GA|XF|JGJ)"
    rf"|(?P<places>(?:第{_NUMBERS}[条款项](?:之\d)?)+)"
)  # fmt: skip

# What stands for itself in a citation: a full title with the number of its decree, a standard.
_TITLED = re.compile(r"《[^《》]+》(?:（[^（）]*令[^（）]*）)?|(?:GB|GA|XF|JGJ|CJJ)(?:/T)?\s?[\d.]+(?:-\d{4})?")
_ARTICLE = re.compile(r"第[\d零一二三四五六七八九十百、/–—-]+条")
_EXAMPLE = re.compile(r"(?:^|[（(，、；：]|例|比|譬|诸)\s*如")
_AMOUNT = re.compile(r"[\d一二三四五六七八九十百千万]\s*元|\d\s*[-–—－~～]\s*\d")
# A rule by another name than its title: 沪条例第69条, 公安部令109号, 治安管理处罚法第39条; not 第60条规定, 有关规定.
_SHORT = re.compile(
    r"([\u4e00-\u9fff]*(?:(?<![的条款项关述])(?:条例|办法|规定|规章|规则|细则)(?=\s*(?:第|[（(；;、，。/／）)]|$))|法(?=\s*第))"
    r"|[\u4e00-\u9fff]*令\s?(?:第\s?)?\d+\s?号)"
)
_PAIRS = {"（": "）", "(": ")", "《": "》", "〔": "〕", "[": "]", "“": "”"}


def numeral(number: int) -> str:
    """1–999 as articles are counted: 10 十, 16 十六, 101 一百零一, 120 一百二十."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (_DIGITS[ones] if ones else "")


def cited(text: str) -> str:
    """``text`` with each law of the table under its full title and its articles in Chinese numerals.

    What stands behind a law that is not in the table is left whole: one citation never mixes both forms.
    """
    written, end, known = [], 0, False
    for token in _TOKEN.finditer(text):
        between, end = text[end : token.start()], token.end()
        if name := token["quoted"] or token["name"]:
            words, known = f"《{TITLES[name]}》{token['note'] or ''}", True
        elif token["title"]:
            words, known = token["title"], True
        elif token["stranger"]:
            words, known = token["stranger"], False
        else:
            words = _formal(token["places"]) if known else token["places"]
            # A semicolon parts laws; what goes on with the same law is listed.
            between = "、" if known and between == "；" else between
        written += [between, words]
    return "".join([*written, text[end:]])


def flaw(text: str) -> str:
    """Why ``text`` cannot stand on a paper as what was violated or as a ground; empty where it can.

    As it would be printed: laws of the table have their titles then. An empty text has no flaw, it is missing.
    """
    formal = cited(text)
    bare = _TITLED.sub("《》", formal)
    first = _ARTICLE.search(bare)
    if not _paired(formal):
        return "括号不成对"
    if _EXAMPLE.search(bare):
        return "“如”只是举例，没有写定是哪一部规定"
    if re.search("[/／]", bare):
        return "用“/”并列，没有选定是哪一条"
    if _AMOUNT.search(bare):
        return "写了金额"
    if name := _SHORT.search(bare):
        return f"“{name[1]}”不是规定的全称"
    if first and "《》" not in bare[: first.start()]:
        return f"“{first[0]}”没有写明是哪一部规定"
    return ""


def _paired(text: str) -> bool:
    """Whether every bracket of ``text`` is closed in its turn."""
    awaited: list[str] = []
    for char in text:
        if char in _PAIRS:
            awaited.append(_PAIRS[char])
        elif char in _PAIRS.values() and (not awaited or awaited.pop() != char):
            return False
    return not awaited


def _formal(places: str) -> str:
    return _STEP.sub(_each, places)


def _each(step: re.Match[str]) -> str:
    """第2、4项 → 第二项、第四项; 第31–33条 → 第三十一条至第三十三条."""
    numbers, level, more = step.groups()
    parts = (
        f"第{numeral(int(part))}{level}" if part.isdigit() else ("至" if part in "–—-" else part)
        for part in re.split(r"([、/–—-])", numbers)
    )
    return "".join(parts) + (f"之{numeral(int(more))}" if more else "")
