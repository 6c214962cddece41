"""责任条款: shipped as 待核定, settled by the bureau version by version, never changed while in force."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from stations.models import Organisation, User
from tests.units.pledges import SIGNED, settled, signed
from trail.models import AuditEntry
from units import terms
from units.models import PledgeTerms, Unit

Browse = Callable[[User], Client]
DAY = timedelta(days=1)
OWN = [{"title": "用火用电", "text": "不私拉电线。"}]


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")


def faults(refused: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, str]]:
    return [(fault.field, fault.message) for fault in refused.value.faults]


def test_confirming_writes_a_version_of_the_bureau_and_leaves_the_shipped_one(bureau_officer: User) -> None:
    shipped = PledgeTerms.objects.get(kind="PREMISES")
    own = settled(bureau_officer)
    assert (own.version, own.since, own.confirmed_on, own.confirmed_by, own.reason) == (
        2, SIGNED, SIGNED, bureau_officer, "经法制部门审核",
    )  # fmt: skip
    assert (own.items, own.liability, own.bureau) == (
        shipped.items, shipped.liability, bureau_officer.organisation.bureau,
    )  # fmt: skip
    shipped.refresh_from_db()
    assert (shipped.confirmed_on, shipped.bureau) == (None, None)
    entry = AuditEntry.objects.get(action="units.settle_terms")
    assert (entry.subject_id, entry.reason, entry.before["version"], entry.after["version"]) == (
        own.pk, "经法制部门审核", 1, 2,
    )  # fmt: skip


def test_what_is_signed_before_the_day_keeps_its_version(unit: Unit, officer: User, bureau_officer: User) -> None:
    first = signed(unit, officer)
    begins = SIGNED + 9 * DAY
    own = settled(bureau_officer, since=begins, items=OWN)
    held = [terms.terms_on(unit, day) for day in (SIGNED, begins - DAY, begins, begins + DAY)]
    assert held == [first.terms, first.terms, own, own]
    second = signed(unit, officer, on=begins, since=begins, until=date(2027, 12, 31))
    first.refresh_from_db()
    assert (first.terms.version, second.terms) == (1, own)
    assert second.document is not None
    assert (second.document.context["terms_version"], second.document.context["terms"]) == (2, OWN)


@given(offsets=st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True), day=st.integers(-5, 65))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_every_day_the_version_that_began_last_holds(
    unit: Unit, bureau_officer: User, offsets: list[int], day: int
) -> None:
    with transaction.atomic():
        for number, offset in enumerate(sorted(offsets)):
            begins = SIGNED + offset * DAY
            settled(bureau_officer, since=begins, on=begins, liability=f"第{number}次核定。")
        today = SIGNED + day * DAY
        begun = [offset for offset in offsets if offset <= day]
        expected = SIGNED + max(begun) * DAY if begun else None
        assert terms.terms_on(unit, today).since == expected
        versions = terms.versions_of(unit.bureau_id, today)["PREMISES"]
        assert versions.present.since == expected
        assert len(versions.every) == (2 if versions.coming else 1) + len(versions.former)
        transaction.set_rollback(True)


def test_another_bureau_still_reads_the_shipped_text(unit: Unit, bureau_officer: User, stranger: User) -> None:
    settled(bureau_officer)
    other = Organisation.objects.create(kind="BUREAU", name="邻市公安局", short_name="邻市")
    assert terms.versions_of(unit.bureau_id, SIGNED)["PREMISES"].present.version == 2
    assert terms.versions_of(other.pk, SIGNED)["PREMISES"].present.version == 1
    assert terms.versions_of(None, SIGNED)["PREMISES"].present.version == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"since": SIGNED - DAY}, ("since", "起用日期不早于今天")),
        ({"items": []}, ("terms[0].title", "责任条款至少写一条")),
        ({"items": [{"title": "", "text": "不私拉电线。"}]}, ("terms[0].title", "没有填写第1条的标题")),
        ({"liability": ""}, ("liability", "没有填写法律责任")),
    ],
)
def test_what_no_paper_could_be_issued_with_is_said_at_its_field(
    bureau_officer: User, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    with pytest.raises(Refusal) as refused:
        settled(bureau_officer, **changes)
    assert faults(refused) == [fault]
    assert settled(bureau_officer).version == 2


def test_a_text_no_face_can_print_or_too_long_for_its_place_is_refused(bureau_officer: User) -> None:
    for text in ("不私拉电线\U0001f525。", "长" * 337):
        with pytest.raises(Refusal) as refused:
            settled(bureau_officer, items=[{"title": "用火用电", "text": text}])
        assert [field for field, _ in faults(refused)] == ["terms[0].text"]


def test_the_same_text_or_the_same_day_is_no_new_version(bureau_officer: User) -> None:
    settled(bureau_officer)
    with pytest.raises(Refusal) as refused:
        settled(bureau_officer, since=SIGNED + DAY)
    assert faults(refused) == [("terms[0].text", "和现行的条款相同，没有要改的")]
    with pytest.raises(Refusal) as refused:
        settled(bureau_officer, items=OWN)
    assert faults(refused) == [("since", "现行的一版 2026-09-22 起用，新的应在这以后起用")]


def test_one_version_at_a_time_is_to_come_and_may_be_withdrawn_until_its_day(bureau_officer: User) -> None:
    begins = SIGNED + 9 * DAY
    settled(bureau_officer, since=begins)
    with pytest.raises(RuleError, match="不能再核定一版"):
        settled(bureau_officer, since=begins + DAY, items=OWN)
    with pytest.raises(RuleError, match="没有尚未起用的条款可以撤回"):
        terms.withdraw_terms(bureau_officer, "PREMISES", on=begins)
    terms.withdraw_terms(bureau_officer, "PREMISES", on=begins - DAY)
    assert AuditEntry.objects.filter(action="units.withdraw_terms").count() == 1
    assert settled(bureau_officer, since=begins + DAY, items=OWN).version == 2


def test_nobody_outside_a_bureau_settles_them(supervisor: User) -> None:
    with pytest.raises(RuleError, match="由公安机关核定"):
        settled(supervisor)


def test_a_version_of_a_bureau_cannot_be_kept_without_whoever_settled_it(bureau: Organisation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PledgeTerms.objects.create(kind="PREMISES", bureau=bureau, version=2, items=OWN, liability="。", since=SIGNED)


# ---------- the pages ----------

URL = "units:settle_terms"


def typed(**changes: str) -> dict[str, str]:
    return {
        "title_0": "用火用电", "text_0": "不私拉电线。", "liability": "依法承担相应的法律责任。",
        "since": "2026-10-01", "reason": "经法制部门审核",
    } | changes  # fmt: skip


def test_everybody_reads_them_and_the_officer_of_the_bureau_settles(
    officer: User, leader: User, brigade_leader: User, bureau_officer: User, browse: Browse
) -> None:
    page, url = reverse("units:terms_of", args=["PREMISES"]), reverse(URL, args=["PREMISES"])
    readers = (officer, leader, brigade_leader, bureau_officer)
    assert [url in browse(user).get(page).content.decode() for user in readers] == [False, False, False, True]
    assert [browse(user).get(url).status_code for user in readers] == [403, 403, 403, 200]
    assert browse(bureau_officer).get(reverse("units:terms_of", args=["NONE"])).status_code == 404
    assert browse(bureau_officer).get(reverse(URL, args=["NONE"])).status_code == 404


def test_the_form_is_filled_with_the_present_text_and_settles_it(bureau_officer: User, browse: Browse) -> None:
    client, url = browse(bureau_officer), reverse(URL, args=["PREMISES"])
    form = client.get(url).context["form"]
    shipped = PledgeTerms.objects.get(kind="PREMISES")
    shown = [(title.value(), text.value()) for _, title, text in form.rows()]
    assert shown == [(item["title"], item["text"]) for item in shipped.items] + [(None, None)] * 2
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    answer = client.post(url, sent | {"reason": "经法制部门审核"}, follow=True)
    own = PledgeTerms.objects.get(bureau__isnull=False)
    assert (own.items, own.liability, own.since) == (shipped.items, shipped.liability, SIGNED)
    assert [str(message) for message in answer.context["messages"]] == [
        "单位（场所）第 2 版已核定，2026-09-22 起签订的责任书照此印制，已签订的不变"
    ]
    assert ("已核定" in answer.content.decode(), "第 1 版" in answer.content.decode()) == (True, True)


def test_a_row_is_added_and_an_emptied_one_goes_away(bureau_officer: User, browse: Browse) -> None:
    rows = {"title_0": "", "text_0": "", "title_3": "用电", "text_3": "不私拉。"}
    rows |= {"title_9": "用气", "text_9": "不用过期软管。"}
    browse(bureau_officer).post(reverse(URL, args=["PREMISES"]), typed(**rows))
    items = PledgeTerms.objects.get(bureau__isnull=False).items
    assert items == [{"title": "用电", "text": "不私拉。"}, {"title": "用气", "text": "不用过期软管。"}]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"since": "2026-09-21"}, "since", "起用日期不早于今天"),
        ({"reason": ""}, "reason", "请填写"),
        ({"title_0": "", "text_0": ""}, "title_0", "责任条款至少写一条"),
        ({"title_4": "用气"}, "text_4", "没有填写第2条“用气”"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    bureau_officer: User, browse: Browse, changes: dict[str, str], field: str, words: str
) -> None:
    answer = browse(bureau_officer).post(reverse(URL, args=["PREMISES"]), typed(**changes))
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors), form.errors[field][0].split("。")[0]) == (422, [field], words)
    assert form["liability"].value() == "依法承担相应的法律责任。"
    assert not PledgeTerms.objects.filter(bureau__isnull=False).exists()


def test_a_version_to_come_is_shown_and_withdrawn_on_the_page(bureau_officer: User, browse: Browse) -> None:
    client, page = browse(bureau_officer), reverse("units:terms_of", args=["PREMISES"])
    client.post(reverse(URL, args=["PREMISES"]), typed())
    words = client.get(page).content.decode()
    assert ("2026年10月1日起用第 2 版" in words, reverse(URL, args=["PREMISES"]) in words) == (True, False)
    assert client.post(reverse(URL, args=["PREMISES"]), typed()).status_code == 409
    assert client.post(reverse("units:withdraw_terms", args=["PREMISES"])).status_code == 302
    assert client.post(reverse("units:withdraw_terms", args=["PREMISES"])).status_code == 409
    assert reverse(URL, args=["PREMISES"]) in client.get(page).content.decode()


def test_the_pages_cost_the_same_with_one_version_and_with_three(bureau_officer: User, browse: Browse) -> None:
    client, counts = browse(bureau_officer), []
    urls = [reverse("units:terms"), reverse("units:terms_of", args=["PREMISES"]), reverse(URL, args=["PREMISES"])]
    for settle in (False, True):
        if settle:
            settled(bureau_officer, since=SIGNED - 2 * DAY, on=SIGNED - 2 * DAY)
            settled(bureau_officer, items=OWN)
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 12


def test_a_brigade_reads_what_the_bureau_of_its_stations_settled(
    brigade_leader: User, station: Organisation, bureau_officer: User, browse: Browse
) -> None:
    settled(bureau_officer)
    row = browse(brigade_leader).get(reverse("units:terms_of", args=["PREMISES"])).context["row"]
    assert row.present.version == 2
