"""A visit to a shop on Friday 25 September 2026, begun and not yet answered."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from inspections import actions
from inspections.entries import FindingDraft, People
from inspections.models import Answer, ChecklistItem, HazardType, Inspection
from inspections.rules import pass_value, sheet_of
from records.signatures import Place
from stations.models import User
from units.models import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
VISITED = date(2026, 9, 25)
AT = datetime(2026, 9, 25, 10, 30, tzinfo=SHANGHAI)
DOOR = Place("北大街62号")
STROKES = {"width": 300, "height": 160, "strokes": [[[10, 10, 0], [40, 60, 90]]]}


@pytest.fixture
def draft(officer: User, unit: Unit) -> Inspection:
    return actions.start(officer, unit, VISITED, AT)


@pytest.fixture
def item(draft: Inspection) -> Callable[[str], ChecklistItem]:
    """A row of the draft's form by its code."""
    return lambda code: ChecklistItem.objects.get(checklist_id=draft.checklist_id, code=code)


@pytest.fixture
def pass_all() -> Callable[[Inspection], None]:
    """Have every row that has to be answered of a form nobody has touched say a value that passes."""

    def answer(inspection: Inspection) -> None:
        items = [row.item for row in sheet_of(inspection).rows if not row.item.is_text]
        Answer.objects.bulk_create(_passed(inspection, item) for item in items)

    return answer


def _passed(inspection: Inspection, item: ChecklistItem) -> Answer:
    value = pass_value(item) or item.values[-1 if item.code == "gathering" else 1]["value"]
    return Answer(inspection=inspection, item=item, value=value, mark=item.mark_of(value) or "")


@pytest.fixture
def people(partner: User) -> People:
    return People(second=partner, showed_id=True, companion="刘桂香", companion_post="店主", ink=True)


@pytest.fixture
def ready(draft: Inspection, officer: User, pass_all: Callable[[Inspection], None], people: People) -> Inspection:
    """The draft with nothing missing."""
    pass_all(draft)
    return actions.set_people(draft, officer, people)


@pytest.fixture
def locked_exit() -> FindingDraft:
    return FindingDraft(place="一层北侧后门", words="安全出口锁闭", quantity="1", mode="NOW", fixed_on_spot=True)


@pytest.fixture
def find(officer: User, item: Callable[[str], ChecklistItem], locked_exit: FindingDraft) -> Callable[..., Any]:
    """Fail 安全出口 as 锁闭 and note EV02 there."""

    def note(inspection: Inspection) -> Any:
        actions.answer(inspection, officer, item("exit"), "锁闭")
        return actions.add_finding(inspection, officer, item("exit"), HazardType.objects.get(code="EV02"), locked_exit)

    return note


def picture(
    size: tuple[int, int] = (640, 480), kind: str = "JPEG", colour: str = "grey", exif: Image.Exif | None = None
) -> SimpleUploadedFile:
    """A photograph as a phone sends it."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **({"exif": exif} if exif else {}))
    return SimpleUploadedFile("photo", buffer.getvalue(), content_type=f"image/{kind.lower()}")
