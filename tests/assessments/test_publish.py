from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.models import Q

from assessments.actions import Wanted, publish, save_scheme
from assessments.figures import Figure
from assessments.models import Assessment, Indicator, Scheme, Score
from assessments.quarters import Quarter
from assessments.results import results
from assessments.rows import counted
from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from stations.actions import move_station
from stations.models import Message, Organisation, OrganisationKind, User
from tests.assessments.conftest import TODAY, moment
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
Q3 = Quarter(2026, 3)
AFTER = date(2026, 10, 9)


def wanted(**weights: int) -> list[Wanted]:
    return [Wanted(code, code, f"{code} 的算法", Decimal(weight)) for code, weight in weights.items()]


def test_the_default_scheme_has_a_hundred_points_and_waits_for_confirmation(db: None) -> None:
    scheme = Scheme.objects.get()
    assert (scheme.bureau, scheme.confirmed) == (None, False)
    assert {row.code: row.weight for row in scheme.indicators.all()} == {
        "COVERAGE": 20, "QUALITY": 15, "FINDING": 10, "RECTIFY": 15, "RECHECK": 10, "REFER": 8, "COMPLAINT": 7,
        "OUTREACH": 7, "ARCHIVE": 5, "REPORTING": 3,
    }  # fmt: skip


def test_publishing_freezes_what_the_live_page_showed(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User
) -> None:
    live = results(bureau.pk, [Q3], AFTER)[Q3]
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    frozen = results(bureau.pk, [Q3], AFTER)[Q3]
    assert frozen.published_by == bureau_officer
    assert [(row.station, row.points, row.rank) for row in frozen.stations] == [
        (row.station, row.points, row.rank) for row in live.stations
    ]
    for before, after in zip(live.stations, frozen.stations, strict=True):
        assert before.lines == after.lines


def test_a_published_quarter_does_not_move_and_keeps_its_rows(
    busy_quarter: Unit, bureau: Organisation, station: Organisation, bureau_officer: User
) -> None:
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    clocks = Clock.objects.filter(rule_code="RECHECK", station=station)
    clocks.update(met_on=date(2026, 9, 10), state="MET")
    assert results(bureau.pk, [Q3], AFTER)[Q3].total("RECHECK") == Figure(2, 3)
    score = Score.objects.get(assessment__station=station, indicator__code="RECHECK")
    rows = counted("RECHECK", Q(station=station), Q3, AFTER, [score])
    assert rows is not None
    assert (rows.filter(is_done=True).count(), rows.count()) == (score.done, score.due) == (1, 2)


def test_a_running_quarter_cannot_be_published(busy_quarter: Unit, bureau: Organisation, bureau_officer: User) -> None:
    for day in (TODAY, date(2026, 9, 30)):
        with pytest.raises(RuleError, match="2026年第三季度还没有结束"):
            publish(bureau, Q3, bureau_officer, moment(day))
    publish(bureau, Q3, bureau_officer, moment(date(2026, 10, 1)))
    assert Assessment.objects.count() == 2


def test_a_second_publication_says_who_was_first(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User
) -> None:
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    with pytest.raises(RuleError, match="已由吴明哲于 2026-10-09 10:00 发布"):
        publish(bureau, Q3, bureau_officer, moment(AFTER, 11))
    assert Assessment.objects.count() == 2


def test_publishing_tells_each_chief_and_the_trail(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, chief: User, stranger: User, officer: User
) -> None:
    rows = {row.station_id: row for row in publish(bureau, Q3, bureau_officer, moment(AFTER))}
    told = {message.user: message.body for message in Message.objects.all()}
    own, next_door = rows[chief.organisation_id], rows[stranger.organisation_id]
    assert told == {
        chief: f"得分 {own.points}，第 {own.rank} 名",
        stranger: f"得分 {next_door.points}，第 {next_door.rank} 名",
    }
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.summary) == ("assessments.publish", "发布江城市公安局2026年第三季度考核，2 个派出所")


def test_a_station_is_assessed_once_a_quarter_whatever_happens(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User
) -> None:
    first = publish(bureau, Q3, bureau_officer, moment(AFTER))[0]
    with pytest.raises(IntegrityError):
        Assessment.objects.create(
            **first.scope_columns(), scheme=first.scheme, year=2026, quarter=3, published_at=moment(AFTER),
            published_by=bureau_officer,
        )  # fmt: skip


def test_a_bureau_edits_its_own_copy_and_the_default_stays(bureau: Organisation, bureau_officer: User) -> None:
    scheme = save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=60, RECHECK=40, REPORTING=0))
    assert (scheme.bureau, scheme.since, scheme.confirmed) == (bureau, date(2026, 7, 1), True)
    assert {row.code: row.weight for row in scheme.indicators.all()} == {"COVERAGE": 60, "RECHECK": 40}
    assert Indicator.objects.filter(scheme__bureau=None).count() == 10
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.after["COVERAGE"]["weight"]) == ("assessments.save_scheme", "60.00")
    assert entry.before["COVERAGE"]["weight"] == "20.00"


def test_a_new_version_applies_from_its_quarter_and_not_before(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User
) -> None:
    save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=100))
    found = results(bureau.pk, [Q3.previous, Q3], TODAY)
    assert [len(row.lines) for row in found[Q3.previous].stations] == [10, 10]
    assert [len(row.lines) for row in found[Q3].stations] == [1, 1]


def test_editing_twice_within_a_quarter_keeps_one_version(bureau: Organisation, bureau_officer: User) -> None:
    save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=100))
    save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=50, RECHECK=50))
    assert Scheme.objects.filter(bureau=bureau).count() == 1
    assert Indicator.objects.filter(scheme__bureau=bureau).count() == 2


def test_weights_that_are_not_a_hundred_are_refused(bureau: Organisation, bureau_officer: User) -> None:
    with pytest.raises(RuleError, match="分值合计 90 分，应为 100 分"):
        save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=90))
    assert not Scheme.objects.filter(bureau=bureau).exists()


def test_a_published_quarter_keeps_its_scheme(busy_quarter: Unit, bureau: Organisation, bureau_officer: User) -> None:
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    with pytest.raises(RuleError, match="2026年第三季度已按原办法发布"):
        save_scheme(bureau, bureau_officer, Q3, wanted(COVERAGE=100))
    save_scheme(bureau, bureau_officer, Q3.next, wanted(COVERAGE=100))
    assert Scheme.objects.filter(bureau=bureau).count() == 1


def test_a_station_that_goes_to_another_bureau_takes_no_line_out_of_a_published_ranking(
    busy_quarter: Unit, bureau: Organisation, station: Organisation, bureau_officer: User, system_admin: User
) -> None:
    east = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局河东分局")
    Organisation.objects.filter(pk=east.pk).update(bureau=east)
    east.refresh_from_db()
    own = Organisation.objects.create(kind=OrganisationKind.STATION, name="河东派出所", parent=east, bureau=east)
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    before = [(row.station, row.points, row.rank) for row in results(bureau.pk, [Q3], AFTER)[Q3].stations]
    move_station(system_admin, station.pk, east, "江公发〔2026〕8号")
    kept = results(bureau.pk, [Q3], AFTER)[Q3].stations
    assert [(row.station, row.points, row.rank) for row in kept] == before
    # The new bureau publishes the quarter of its own stations; the one that came is placed already.
    published = publish(east, Q3, bureau_officer, moment(AFTER))
    assert [row.station for row in published] == [own]
