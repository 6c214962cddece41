"""No administrator is made by one person's hand: what the system administrator opens, another confirms."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fire_supervision.lib.errors import RuleError
from stations import actions, administrators, securing
from stations.alarms import acknowledge
from stations.entrance_forms import NOT_CONFIRMED, NOT_SIGNED_IN
from stations.models import Message, Organisation, User
from stations.permissions import ADMINISTRATORS, Can, Role
from tests.stations.keys import totp_of
from trail.models import Alarm, AlarmKind, AuditEntry

TODAY = date(2026, 9, 22)
PASSWORD = "mo-xian-qing-yu-27"
Three = tuple[User, User, User]


@pytest.fixture
def three(system_admin: User, security_admin: User, audit_admin: User) -> Three:
    return system_admin, security_admin, audit_admin


@pytest.fixture
def shadow(three: Three, bureau: Organisation) -> User:
    """An auditor the system administrator has opened, with a password of his own."""
    made, _ = actions.create_person(three[0], actions.NewPerson("990099", "影子", Role.AUDIT_ADMIN, bureau), TODAY)
    made.set_password(PASSWORD)
    made.must_change_password = False
    made.save(update_fields=["password", "must_change_password"])
    return made


def sign_in(number: str, password: str = PASSWORD) -> tuple[Client, str]:
    client = Client()
    return client, client.post("/login/", {"number": number, "password": password}).content.decode()


def told(*people: User) -> list[list[str]]:
    return [list(person.inbox.values_list("title", flat=True)) for person in people]


def test_a_made_up_auditor_reads_nothing_until_another_has_confirmed_him(
    three: Three, shadow: User, browse: Callable[[User], Client]
) -> None:
    client, page = sign_in("990099")
    assert NOT_CONFIRMED in page
    assert client.get("/trail/").status_code == 302
    assert AuditEntry.objects.get(action="stations.sign_in_failed").reason == "三员账号待确认"
    # Only who has the password learns of it.
    assert NOT_SIGNED_IN in sign_in("990099", "wrong-wrong-wrong")[1]
    _, security, auditor = three
    assert told(*three) == [[], ["安全告警：三员账号变动"], ["安全告警：三员账号变动"]]

    page = browse(auditor).get("/trail/alarms/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    answer = browse(security).post(f"/people/{shadow.pk}/confirm/", {"seen": seen[1]})

    assert answer.status_code == 302
    client, _ = sign_in("990099")
    assert client.get("/trail/").status_code == 200
    entry = AuditEntry.objects.get(action="stations.confirm_post")
    assert (entry.actor_id, entry.subject_id) == (security.pk, shadow.pk)
    assert entry.before == {"appointed_by": f"{three[0].name}（{three[0].number}）"}


def test_a_session_that_is_there_all_the_same_opens_nothing(shadow: User, browse: Callable[[User], Client]) -> None:
    assert browse(shadow).get("/trail/").status_code == 302
    assert not shadow.can(Can.VIEW_TRAIL)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("act", ["create", "move", "enable", "reset"])
def test_whatever_leads_to_one_of_the_three_posts_waits_and_is_told_at_once(
    three: Three, bureau: Organisation, person: Callable[..., User], officer: User, role: Role, act: str
) -> None:
    system, security, auditor = three
    other = person(role, bureau, "某员")
    acts: dict[str, Callable[[], User]] = {
        "create": lambda: actions.create_person(system, actions.NewPerson("990099", "影子", role, bureau), TODAY)[0],
        "move": lambda: actions.move_person(system, officer.pk, role, bureau, "调整", TODAY),
        "enable": lambda: actions.enable_person(system, other.pk, "归队"),
        "reset": lambda: actions.reset_password(system, other.pk, timezone.now())[0],
    }
    if act == "enable":
        actions.disable_person(system, other.pk, "离岗")

    made = acts[act]()

    assert made.appointed_by == system
    assert [told(each)[0].count("安全告警：三员账号变动") for each in (system, security, auditor)] == [0, 1, 1]
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.bureau_id) == (AlarmKind.POST, bureau.pk)
    assert alarm.words.startswith(f"{system.name}（{system.number}）")
    assert alarm.words.endswith("，确认后生效。")


def test_what_leads_to_business_waits_for_nobody_and_one_message_tells_the_security_administrator(
    three: Three, station: Organisation, officer: User
) -> None:
    system, security, auditor = three
    roster = [
        actions.NewPerson("200001", "黄小明", Role.CHIEF, station),
        actions.NewPerson("200002", "乙", Role.OFFICER, station),
    ]
    made = actions.create_people(system, roster, TODAY)
    actions.move_person(system, officer.pk, Role.CHIEF, station, "任所长", TODAY)
    actions.reset_password(system, officer.pk, timezone.now())

    assert not User.objects.exclude(appointed_by=None).exists()
    assert told(system, security, auditor) == [[], [f"{system.name}登记了 2 个账号，不知情的请核实"], []]
    assert Message.objects.get(user=security).body == "城关派出所所长黄小明（200001）、城关派出所民警乙（200002）"
    assert not Alarm.objects.exists()
    assert len(made) == 2


def test_nobody_confirms_his_own_nor_what_has_changed_since_he_looked(
    three: Three, shadow: User, bureau: Organisation, person: Callable[..., User]
) -> None:
    system, security, auditor = three
    seen = administrators.seen(shadow)
    with pytest.raises(RuleError, match="不能确认自己办理的"):
        actions.confirm_post(system, shadow.pk, seen)
    with pytest.raises(RuleError, match="不能确认自己办理的"):
        actions.confirm_post(shadow, shadow.pk, seen)
    actions.move_person(system, shadow.pk, Role.SYSTEM_ADMIN, bureau, "改派", TODAY)
    with pytest.raises(RuleError, match="又有变动"):
        actions.confirm_post(auditor, shadow.pk, seen)

    shadow.refresh_from_db()
    actions.confirm_post(auditor, shadow.pk, administrators.seen(shadow))
    with pytest.raises(RuleError, match="不用确认"):
        actions.confirm_post(security, shadow.pk, seen)


def test_moved_on_to_business_he_waits_no_more(three: Three, shadow: User, station: Organisation) -> None:
    actions.move_person(three[0], shadow.pk, Role.OFFICER, station, "改派", TODAY)

    assert User.objects.get(pk=shadow.pk).appointed_by is None


def test_who_is_not_confirmed_stands_in_for_nobody(three: Three, shadow: User) -> None:
    """Else the real auditor were disabled as soon as a made-up one is entered."""
    system, security, auditor = three
    with pytest.raises(RuleError, match="唯一在用的审计管理员"):
        actions.disable_person(system, auditor.pk, "离职")

    actions.confirm_post(security, shadow.pk, administrators.seen(shadow))
    actions.disable_person(system, auditor.pk, "离职")


def test_those_who_confirm_are_not_put_to_wait_all_at_once(three: Three) -> None:
    """At the server it can be done: there the password holds, and nobody is asked."""
    system, security, auditor = three
    actions.reset_password(system, security.pk, timezone.now())
    with pytest.raises(RuleError, match=f"除{auditor.name}外，江城市公安局没有"):
        actions.reset_password(system, auditor.pk, timezone.now())

    made, _ = actions.reset_password(None, auditor.pk, timezone.now())
    assert made.appointed_by is None
    made, _ = actions.reset_password(None, security.pk, timezone.now())
    assert made.appointed_by is None


def test_factors_taken_from_an_administrator_are_told_to_the_others(three: Three) -> None:
    """His password is another's to reset, and that waits."""
    _, security, auditor = three
    totp_of(auditor)

    securing.reset_factors(security, auditor, "手机丢失")

    assert "安全告警：三员账号变动" in told(auditor)[0]
    assert User.objects.get(pk=auditor.pk).appointed_by is None
    assert Alarm.objects.get().words.endswith("的第二验证。")


def test_who_an_alarm_is_about_does_not_answer_for_it(three: Three, shadow: User) -> None:
    alarm = Alarm.objects.get()
    with pytest.raises(RuleError, match="涉及本人"):
        acknowledge(alarm, shadow, "没事", timezone.now())
    acknowledge(alarm, three[2], "已核实", timezone.now())


def test_the_pages_say_that_he_waits(three: Three, shadow: User, browse: Callable[[User], Client]) -> None:
    system, security, _ = three
    client = browse(system)
    listed = client.get("/people/", {"state": "wait"})
    assert [person.pk for person in listed.context["page"].rows] == [shadow.pk]
    assert "待确认" in client.get(f"/people/{shadow.pk}/").content.decode()
    assert client.post(f"/people/{shadow.pk}/confirm/").status_code == 403
    assert browse(security).post(f"/people/{shadow.pk}/confirm/").status_code == 409


def test_to_confirm_takes_a_proof(
    shadow: User, three: Three, browse: Callable[[User], Client], settings: Settings
) -> None:
    settings.STEP_UP = True

    answer = browse(three[1]).post(f"/people/{shadow.pk}/confirm/", {"seen": administrators.seen(shadow)})

    assert answer["Location"].startswith("/step-up/?for=VIEW_ALARMS")
    assert User.objects.get(pk=shadow.pk).appointed_by == three[0]
