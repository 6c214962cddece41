"""The consent to 电子送达 in the volume: behind the 送达回证 of its notice, a line of its own."""

# ruff: noqa: F811 - fixtures of another room, asked for by their names

from collections.abc import Callable

from desk.volume_contents import Section, entries_of, of_case, of_unit
from hazards import actions
from hazards.models import Dispatch
from records.models import Document, Kind
from records.samples.visit import STROKES
from stations.models import User
from tests.desk.volumes import TODAY, conclude, find, moment, open_visit, order, visit  # noqa: F401 - fixtures
from tests.hazards.conftest import VISITED, link, printed  # noqa: F401 - fixtures


def titles(row: Dispatch, user: User) -> list[list[tuple[str, str]]]:
    """The lines of the part of the notices, in the volume of the unit and in that of the case."""
    assert row.order.inspection is not None
    subjects = (of_unit(row.unit, user), of_case(row.order.inspection, user))
    listed = [[each for each in entries_of(subject, TODAY) if each.section == Section.ORDERS] for subject in subjects]
    return [[(each.title, each.number) for each in entries] for entries in listed]


def test_the_consent_follows_the_receipt_of_its_notice(link: Callable[..., Dispatch], officer: User) -> None:
    row = link()
    assert row.document is not None
    assert row.order.document is not None
    opened = actions.open_dispatch(row, "手机", moment(VISITED, 15))
    who = {"name": "刘桂香", "relation": "经营者本人", "strokes": STROKES}
    actions.acknowledge_dispatch(opened, **who, at=moment(VISITED, 16))
    receipt = Document.objects.get(kind=Kind.SERVICE_RECEIPT)
    expected = [
        ("责令限期改正通知书", row.order.number),
        ("送达回证", receipt.number),
        ("电子送达确认书", row.document.number),
    ]
    assert titles(row, officer) == [expected, expected]


def test_a_consent_on_paper_is_no_paper_of_ours(link: Callable[..., Dispatch], officer: User) -> None:
    row = link(consent=None, consent_paper="确认书第3号，附卷")
    expected = [("责令限期改正通知书", row.order.number)]
    assert titles(row, officer) == [expected, expected]
