"""How numbers read: what a bureau may set, and why it is refused."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib.errors import RuleError
from records import actions
from records.models import FORMS, Document, DocumentCounter, Kind, NumberPattern, default_pattern
from records.numbers import format_number
from records.patterns import check, patterns_of, printed, resolved, same_as, sample
from stations.models import Organisation, User
from trail.models import AuditEntry

PATTERN = "{code}消{word}（{station}）〔{year}〕{number:05d}号"
ALLOWED = "写法不对，只能用 {code} {station} {word} {year} {number:04d}"
LONG = "太长，所名较长的派出所文书号会超过一行 28 个字"
TOUCHING = "{station} 与 {word} 或 {number} 之间须有文字隔开，如（{station}），否则不同文书会重号"
LIST = "/settings/numbers/"


# ---------- the rule ----------


def test_the_default_number_reads_as_stations_write_it() -> None:
    assert sample(default_pattern(None), None, "江公") == "江公（城关）消限字〔2026〕第0029号"
    assert sample(default_pattern(Kind.BULLETIN), Kind.BULLETIN, "江公") == "江公消〔2026〕29号"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{station}{word}{year", "大括号没有成对"),
        ("（{station}）{word}{year}", "缺少 {number}，不同文书会重号"),
        ("{word}{number}", "缺少 {station}、{year}，不同文书会重号"),
        ("（{station}）{word}{year}{number}{chief}", f"{{chief}} {ALLOWED}"),
        ("（{station.pk}）{word}{year}{number}", f"{{station.pk}} {ALLOWED}"),
        ("（{station.__class__}）{word}{year}{number}", f"{{station.__class__}} {ALLOWED}"),
        ("（{station[0]}）{word}{year}{number}", f"{{station[0]}} {ALLOWED}"),
        ("（{station!r}）{word}{year}{number}", f"{{station}} {ALLOWED}"),
        ("{}（{station}）{word}{year}{number}", f"{{}} {ALLOWED}"),
        ("（{station}）{word}{year}{number:99999d}", f"{{number}} {ALLOWED}"),
        ("（{station}）{word}{year}{number:{year}}", f"{{number}} {ALLOWED}"),
        ("（{station:*>999999999}）{word}{year}{number}", f"{{station}} {ALLOWED}"),
        ("{station}{word}字〔{year}〕{number}号", TOUCHING),
        ("{word}〔{year}〕{station}{number}号", TOUCHING),
        # With a code of five and a name of eight: one line of 28, and half a character more.
        ("消" * 6 + "{code}（{station}）{word}{year}{number:06d}1", LONG),
    ],
)
def test_a_pattern_under_which_papers_would_collide_or_break_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        check(pattern, None)


def test_a_number_as_long_as_a_line_may_be_set_and_one_set_before_is_still_shown() -> None:
    longest = "消" * 6 + "{code}（{station}）{word}{year}{number:06d}"
    check(longest, None)
    check(default_pattern(None), None)
    assert sample(f"消{longest}", None, "江公") == "消消消消消消消江公（城关）限2026000029"


def test_a_kind_of_its_own_needs_no_word_and_an_official_paper_no_station() -> None:
    assert sample("（{station}）消检〔{year}〕{number}号", Kind.INSPECTION_RECORD) == "（城关）消检〔2026〕29号"
    assert sample("消通报〔{year}〕{number}号", Kind.BULLETIN) == "消通报〔2026〕29号"
    with pytest.raises(ValueError, match=re.escape("缺少 {station}")):
        sample("消检〔{year}〕{number}号", Kind.INSPECTION_RECORD)


@given(st.text(alphabet="{}!:.[]0d字号codestationwordyearnumber_ ", max_size=60))
def test_any_pattern_is_either_a_number_or_a_reason(pattern: str) -> None:
    try:
        number = sample(pattern, None)
    except ValueError as refused:
        number, reason = "", str(refused)
    else:
        reason = ""
    assert bool(number) != bool(reason)
    assert [part for part in ("城关", "限", "2026", "29") if number and part not in number] == []


PIECES = [
    "{code}",
    "（{station}）",
    "-{station}-",
    "{word}",
    "字",
    "{year}",
    "〔{year}〕",
    "{number}",
    "第{number:04d}号",
]
NAMES = st.text(alphabet="城关北一二0123", min_size=1, max_size=3)


@given(st.lists(st.sampled_from(PIECES), min_size=4, max_size=7), NAMES, NAMES, st.integers(1, 12), st.integers(1, 12))
def test_two_stations_two_kinds_or_two_papers_never_print_the_same_number(
    pieces: list[str], here: str, there: str, one: int, other: int
) -> None:
    pattern = "".join(pieces)
    try:
        sample(pattern, None)
    except ValueError:
        return
    papers = {
        (name, kind, number): printed(pattern, Organisation(short_name=name, code_word="江公"), kind, 2026, number)
        for name in (here, there)
        for kind in Kind
        for number in (one, other)
        if not FORMS[kind].official
    }
    assert len(set(papers.values())) == len(papers)


def test_kinds_that_would_meet_later_in_the_year_are_found() -> None:
    own = {"EXTENSION": "（{station}）消〔{year}〕{number}号", "REFERRAL": "（{station}）消〔{year}〕{number:04d}号"}
    assert same_as(resolved(own)) == (Kind.EXTENSION, Kind.REFERRAL)
    assert same_as(resolved({})) is None


# ---------- what the bureau sets ----------


@pytest.mark.django_db
def test_a_kind_follows_its_own_pattern_then_the_enforcement_papers_then_the_default(
    station: Organisation, security_admin: User
) -> None:
    bureau = security_admin.organisation
    actions.set_pattern(security_admin, bureau, None, PATTERN, None)
    actions.set_pattern(security_admin, bureau, Kind.REFERRAL, "{code}（{station}）消函〔{year}〕{number}号", None)
    numbers = [format_number(station, kind, 2026, 12) for kind in (Kind.ORDER_NOW, Kind.REFERRAL, Kind.BULLETIN)]
    assert numbers == ["江公消即（城关）〔2026〕00012号", "江公（城关）消函〔2026〕12号", "江公消〔2026〕12号"]
    actions.drop_pattern(security_admin, bureau, Kind.REFERRAL)
    assert format_number(station, Kind.REFERRAL, 2026, 12) == "江公消移（城关）〔2026〕00012号"
    with CaptureQueriesContext(connection) as queries:
        patterns_of(bureau.pk)
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_paper_issued_before_keeps_its_number(issue: Callable[..., Document], security_admin: User) -> None:
    before = issue()
    actions.set_pattern(security_admin, security_admin.organisation, None, PATTERN, None)
    after = issue()
    before.refresh_from_db()
    assert [before.number, after.number] == ["江公（城关）消限字〔2026〕第0001号", "江公消限（城关）〔2026〕00002号"]


@pytest.mark.django_db
def test_two_administrators_cannot_make_two_kinds_share_their_numbers(security_admin: User) -> None:
    bureau, pattern = security_admin.organisation, "（{station}）消〔{year}〕{number}号"
    actions.set_pattern(security_admin, bureau, Kind.EXTENSION, pattern, None)
    with pytest.raises(RuleError, match="延期改正审批表与移送函会重号"):
        actions.set_pattern(security_admin, bureau, Kind.REFERRAL, pattern, None)
    with pytest.raises(RuleError, match="大括号没有成对"):
        actions.set_pattern(security_admin, bureau, Kind.REFERRAL, "{", None)
    assert list(NumberPattern.objects.values_list("kind", flat=True)) == ["EXTENSION"]
    assert AuditEntry.objects.filter(action="records.set_pattern").count() == 1


@pytest.mark.django_db
def test_a_kind_is_not_given_back_to_a_pattern_another_kind_has_taken(security_admin: User) -> None:
    bureau = security_admin.organisation
    actions.set_pattern(security_admin, bureau, Kind.REFERRAL, "（{station}）消函〔{year}〕{number}号", None)
    actions.set_pattern(security_admin, bureau, Kind.EXTENSION, default_pattern(None).replace("{word}", "移"), None)
    with pytest.raises(RuleError, match="会重号"):
        actions.drop_pattern(security_admin, bureau, Kind.REFERRAL)
    assert NumberPattern.objects.count() == 2


# ---------- the pages ----------


@pytest.fixture
def client(browse: Callable[[User], Client], security_admin: User) -> Client:
    return browse(security_admin)


def form(bureau: Organisation, kind: str = "ENFORCEMENT") -> str:
    return f"/papers/patterns/{bureau.pk}/{kind}/"


def test_what_the_bureau_has_not_confirmed_is_marked(client: Client, bureau: Organisation) -> None:
    (shown,) = client.get(LIST).context["bureaus"]
    marks = {row["code"]: (row["own"], row["row"].confirmed_on, row["sample"]) for row in shown[1]}
    assert len(marks) == len(Kind) + 1
    assert marks["ENFORCEMENT"] == (True, None, "江公（城关）消限字〔2026〕第0029号")
    assert marks["INSPECTION_RECORD"] == (False, None, "江公（城关）消检字〔2026〕第0029号")
    assert marks["BULLETIN"] == (True, None, "江公消〔2026〕29号")
    # Both, and the two letters that are numbered with the enforcement papers.
    assert [row["title"] for row in shown[1] if row.get("unsettled")] == ["移送函", "举报答复"]
    assert client.get(LIST).content.decode().count("待核定") == 4


def test_a_letter_is_unsettled_until_the_bureau_sets_and_confirms_its_own_pattern(
    client: Client, bureau: Organisation, security_admin: User
) -> None:
    asks = "按执法文书编号（“第”加四位），还是按公文编号"
    before = [asks in client.get(form(bureau, kind)).content.decode() for kind in ("REFERRAL", "EXTENSION")]
    assert before == [True, False]
    own = "{code}（{station}）消移函〔{year}〕{number}号"
    actions.set_pattern(security_admin, bureau, Kind.REFERRAL, own, localdate())
    assert asks not in client.get(form(bureau, "REFERRAL")).content.decode()
    assert client.get(LIST).content.decode().count("待核定") == 3


def test_the_list_asks_the_database_as_often_for_three_patterns_as_for_one(
    client: Client, bureau: Organisation, security_admin: User
) -> None:
    counts = []
    for kinds in ((Kind.REFERRAL,), (Kind.EXTENSION, Kind.PLEDGE)):
        for kind in kinds:
            actions.set_pattern(security_admin, bureau, kind, PATTERN, None)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def test_the_pattern_is_saved_with_the_day_of_confirmation(
    client: Client, bureau: Organisation, security_admin: User
) -> None:
    client.post(form(bureau), {"pattern": PATTERN})
    assert NumberPattern.objects.get(bureau=bureau).confirmed_on is None
    client.post(form(bureau), {"pattern": PATTERN, "confirmed": "on"})
    row = NumberPattern.objects.get(bureau=bureau)
    assert (row.kind, row.pattern, row.confirmed_on, row.changed_by) == ("", PATTERN, localdate(), security_admin)
    first, second = AuditEntry.objects.filter(action="records.set_pattern").order_by("pk")
    assert (first.before["pattern"], first.after["pattern"]) == (default_pattern(None), PATTERN)
    assert (second.before["confirmed_on"], second.after["confirmed_on"]) == (None, localdate().isoformat())


def test_a_pattern_wraps_in_its_box_and_is_kept_on_one_line(client: Client, bureau: Organisation) -> None:
    assert '<textarea name="pattern"' in client.get(form(bureau)).content.decode()
    client.post(form(bureau), {"pattern": PATTERN.replace("字", "字\r\n")})
    assert NumberPattern.objects.get(bureau=bureau).pattern == PATTERN


def test_a_kind_is_given_a_pattern_of_its_own_and_gives_it_up_again(client: Client, bureau: Organisation) -> None:
    url, own = form(bureau, "REFERRAL"), "{code}（{station}）消函〔{year}〕{number}号"
    client.post(form(bureau), {"pattern": PATTERN})
    assert client.get(url).context["form"]["pattern"].value() == PATTERN
    assert "不再单设" not in client.get(url).content.decode()
    assert client.post(url, {"pattern": own}).status_code == 302
    assert NumberPattern.objects.get(kind="REFERRAL").pattern == own
    assert "不再单设" in client.get(url).content.decode()
    assert client.post(url, {"drop": "1"}).status_code == 302
    assert NumberPattern.objects.get().kind == ""
    assert AuditEntry.objects.filter(action="records.drop_pattern").count() == 1


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("（{station}）{year}-{number}", "缺少 {word}，不同文书会重号"),
        ("{station.__init__.__globals__}", f"{{station.__init__.__globals__}} {ALLOWED}"),
        ("消" * 7 + "{code}（{station}）{word}{year}{number:06d}", LONG),
        ("", "请填写"),
    ],
)
def test_a_pattern_that_cannot_stand_is_refused_at_its_field(
    client: Client, bureau: Organisation, pattern: str, error: str
) -> None:
    response = client.post(form(bureau), {"pattern": pattern})
    assert response.status_code == 422
    assert response.context["form"].errors == {"pattern": [error]}
    assert not NumberPattern.objects.exists()


def test_a_pattern_another_kind_has_is_refused_at_its_field(
    client: Client, bureau: Organisation, security_admin: User
) -> None:
    taken = "（{station}）消〔{year}〕{number}号"
    actions.set_pattern(security_admin, bureau, Kind.EXTENSION, taken, None)
    response = client.post(form(bureau, "REFERRAL"), {"pattern": taken})
    words = "延期改正审批表与移送函会重号，请加上 {word} 或换一个文书代字"
    assert response.context["form"].errors == {"pattern": [words]}


def test_the_sample_follows_what_is_typed(client: Client, bureau: Organisation) -> None:
    htmx = {"HX-Request": "true"}
    good = client.get(form(bureau), {"pattern": PATTERN}, headers=htmx)
    bad = client.get(form(bureau), {"pattern": "{station.pk}"}, headers=htmx)
    assert [template.name for template in good.templates] == ["records/_pattern_sample.html"]
    assert "江公消限（城关）〔2026〕00029号" in good.content.decode()
    assert "{station.pk} 写法不对" in bad.content.decode()


def test_another_bureau_and_an_unknown_kind_are_not_set_from_here(client: Client, bureau: Organisation) -> None:
    elsewhere = Organisation.objects.create(kind="BUREAU", name="海州市公安局")
    Organisation.objects.filter(pk=elsewhere.pk).update(bureau=elsewhere)
    urls = [form(bureau), form(elsewhere), form(bureau, "NOTHING")]
    assert [client.get(url).status_code for url in urls] == [200, 404, 404]


# ---------- where the bureau's own series begins ----------


def test_the_bureau_s_own_series_goes_on_where_it_is_told(
    client: Client, bureau: Organisation, security_admin: User
) -> None:
    url = f"{form(bureau, 'BULLETIN')}start/"
    assert url in client.get(form(bureau, "BULLETIN")).content.decode()
    year = localdate().year
    assert client.get(url).context["series"].next == f"江公消〔{year}〕1号"
    given = {"next_number": "5", "reason": "此前用纸质文件编到第4号"}
    assert client.post(url, given).status_code == 302
    series = client.get(url).context["series"]
    assert (series.last, series.skipped, series.gaps, series.next) == (4, 4, 0, f"江公消〔{year}〕5号")
    entry = AuditEntry.objects.get(action="records.set_start")
    assert (entry.actor_id, entry.reason) == (security_admin.pk, given["reason"])
    assert client.post(url, given | {"next_number": "4"}).status_code == 302
    assert client.get(url).context["series"].next == f"江公消〔{year}〕4号"
    DocumentCounter.objects.update(before_start=None)
    assert client.post(url, given | {"next_number": "3"}).status_code == 409
    refused = client.post(url, {"next_number": "0"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"next_number", "reason"})


def test_a_series_of_the_stations_is_not_set_by_the_bureau(client: Client, bureau: Organisation, chief: User) -> None:
    assert "start/" not in client.get(form(bureau, "REFERRAL")).content.decode()
    assert [client.get(f"{form(bureau, kind)}start/").status_code for kind in ("REFERRAL", "ENFORCEMENT")] == [404] * 2
    client.force_login(chief)
    assert client.get(f"{form(bureau, 'BULLETIN')}start/").status_code == 403
