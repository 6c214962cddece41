"""草稿: the papers of an act to be read before it is done, asked for on its own form; nothing is kept of them."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from fire_supervision.lib.errors import RuleError
from records import papers
from records.models import Kind
from records.papers import BLANK_NUMBER
from records.rehearsing import rehearse


def is_asked(request: HttpRequest) -> bool:
    """Whether 预览草稿 was pressed (records/_draft.html), not the button that does it."""
    return request.method == "POST" and "draft" in request.POST


def answer(act: Callable[[], object]) -> HttpResponse:
    """What ``act`` would issue now, as one PDF. Raises what the act raises, RuleError when it issues nothing."""
    done = rehearse(act)
    if not done.papers:
        raise RuleError("这样办理不出具文书，没有草稿可以预览", remedy="关闭这一页，回到填写的页面直接办理。")
    drafts = [papers.draft(kind, _unnumbered(context, done.numbers)) for kind, context in done.papers]
    return _shown("、".join(kind.label for kind, _ in done.papers), _together(drafts))


def show(kind: Kind, context: Mapping[str, Any]) -> HttpResponse:
    """A paper that has no number yet."""
    return _shown(kind.label, papers.draft(kind, context))


def _unnumbered(context: Mapping[str, Any], numbers: list[str]) -> dict[str, Any]:
    """``context`` without ``numbers``, which nobody has: its own place stays blank, and so do those that cite them."""
    left_open = {key: value for key, value in context.items() if key != "number" or value not in numbers}
    words = json.dumps(left_open, ensure_ascii=False)
    for number in numbers:
        words = words.replace(json.dumps(number, ensure_ascii=False), json.dumps(BLANK_NUMBER, ensure_ascii=False))
    blanked: dict[str, Any] = json.loads(words)
    return blanked


def _together(drafts: list[bytes]) -> bytes:
    if len(drafts) == 1:
        return drafts[0]
    from fire_supervision.lib.pdf_stack import stacked  # noqa: PLC0415 - of use only where an act issues two papers

    with stacked(map(BytesIO, drafts)) as pages:
        return pages.read()


def _shown(title: str, content: bytes) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(False, f"草稿 {title}.pdf"),
        # As the middleware does to every page; said here, because it is the rule of a draft.
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
