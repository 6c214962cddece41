"""What changes people: accounts, postings, the first bureau. What changes the tree is in `organising`."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.masking import masked
from stations.administrators import appoint, keep_confirmer, keep_one
from stations.administrators import confirm_post as confirm_post
from stations.alarms import tell_of_accounts
from stations.backends import count_under
from stations.entrances import FormerPassword, UserSession
from stations.messages import take_back, tell_of_keys
from stations.models import Guidance, Organisation, OrganisationKind, User, UserQuerySet, today_posting
from stations.organising import create_organisation as create_organisation
from stations.organising import disable_organisation as disable_organisation
from stations.organising import edit_organisation as edit_organisation
from stations.organising import enable_organisation as enable_organisation
from stations.organising import named
from stations.organising import reasons_to_keep as reasons_to_keep
from stations.organising import set_guidance as set_guidance
from stations.permissions import ADMINISTRATORS, Role
from stations.reparenting import move_station as move_station
from stations.rules import misfit
from trail.record import record

# Without the letters and figures that are taken for each other on paper: 0 o 1 l i.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class NewPerson:
    """What is needed to open an account."""

    number: str
    name: str
    role: str
    organisation: Organisation
    certificate_no: str = ""
    phone: str = ""


# ---------- one's own account ----------


@transaction.atomic
def note_sign_out(user: User) -> None:
    record(user, "stations.sign_out", user, f"{user.name}退出登录")


@transaction.atomic
def change_own_password(user: User, password: str, at: datetime, session_key: str | None = None) -> None:
    """Set the password a person chose for himself; every session of his but ``session_key`` ends."""
    _keep_former(user)
    user.set_password(password)
    was_due = user.must_change_password
    user.must_change_password, user.password_since = False, at
    user.save(update_fields=["password", "must_change_password", "password_since"])
    end_sessions(user, but=session_key)
    entry = record(user, "stations.change_password", user, f"{user.name}修改密码")
    if not was_due:
        tell_of_keys(user, entry, "您的密码已修改")


def _keep_former(user: User) -> None:
    """Remember the hash that is about to be replaced, as long as a rule asks for it."""
    kept = settings.PASSWORD_HISTORY - 1
    if kept > 0:
        FormerPassword.objects.create(user=user, password=user.password)
    newest = FormerPassword.objects.filter(user=user).values_list("pk", flat=True)[: max(kept, 0)]
    FormerPassword.objects.filter(user=user).exclude(pk__in=list(newest)).delete()


def end_sessions(user: User, but: str | None = None) -> int:
    """Take away the rows of the person's sessions: the next request of each is a stranger's."""
    hold_sessions(User.objects.filter(pk=user.pk))
    ended: int
    ended, _ = UserSession.objects.filter(user=user).exclude(pk=but or "").delete()
    return ended


def hold_sessions(people: UserQuerySet) -> None:
    """Wait for requests that give a session of ``people`` a new key: a row made meanwhile would not be taken away."""
    list(people.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


# ---------- accounts ----------


def one_time_password() -> str:
    """About 79 random bits in four groups, easy to read out: k7mp-4xq2-hr9v-w3kd."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def create_person(actor: User | None, new: NewPerson, on: date) -> tuple[User, str]:
    """Open an account; returns the person and the password to hand over, which is kept nowhere."""
    return create_people(actor, [new], on)[0]


def create_people(actor: User | None, people: Collection[NewPerson], on: date) -> list[tuple[User, str]]:
    """Open accounts, all or none; the passwords to hand over are kept nowhere."""
    passwords = [one_time_password() for _ in people]
    # Slow on purpose, so it is done before anything is locked.
    hashed = [make_password(password) for password in passwords]
    with transaction.atomic():
        persons = [_open_account(actor, new, secret, on) for new, secret in zip(people, hashed, strict=True)]
        if actor is not None:
            tell_of_accounts(actor, persons)
    return list(zip(persons, passwords, strict=True))


def _open_account(actor: User | None, new: NewPerson, hashed: str, on: date) -> User:
    _check_post(new.role, new.organisation)
    person = User(
        number=new.number,
        name=new.name,
        role=new.role,
        organisation=new.organisation,
        certificate_no=new.certificate_no,
        phone=new.phone,
        password=hashed,
        must_change_password=True,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:  # entered by somebody else since the form was checked
        raise RuleError(f"警号 {new.number} 已经登记", remedy="在人员列表里按警号查找") from None
    today_posting(person, on).save()
    entry = record(actor, "stations.create_person", person, f"登记{_whom(person)}", after=_facts(person))
    # Those who are there from the first day nobody could confirm.
    if actor is not None and Role(person.role) in ADMINISTRATORS:
        appoint(actor, person, entry)
    return person


@transaction.atomic
def edit_person(actor: User, pk: int, fields: dict[str, str]) -> User:
    """Change what is written about a person: number, name, certificate_no, phone.

    The number is what he signs in by: when it changes his sessions end, he is told, and a lock goes along.
    """
    person = _locked(pk)
    before = _facts(person)
    for name, value in fields.items():
        setattr(person, name, value)
    person.save(update_fields=list(fields))
    what = f"修改{_whom(person)}的资料"
    entry = record(actor, "stations.edit_person", person, what, before=before, after=_facts(person))
    if person.number != before["number"]:
        count_under(before["number"], person.number)
        end_sessions(person)
        tell_of_keys(person, entry, f"您的警号已由系统管理员改为 {person.number}，请用它登录")
    return person


@transaction.atomic
def move_person(actor: User, pk: int, role: str, organisation: Organisation, reason: str, on: date) -> User:
    """Give a person another post or organisation; his sessions end, and he signs in to what he sees from now on."""
    person = _locked(pk)
    if person.pk == actor.pk:
        raise RuleError("不能调动自己", basis="系统管理员不得兼任业务岗位", remedy="由另一名系统管理员办理")
    if (person.role, person.organisation_id) == (role, organisation.pk):
        raise RuleError("岗位和机构都没有变化，没有调动")
    _check_post(role, organisation)
    keep_one(person, role, organisation)
    if Role(role) in ADMINISTRATORS:
        keep_confirmer(person, organisation)
    _hand_over_guidance(person, role, organisation)
    before = _facts(person)
    person.postings.filter(until__isnull=True).update(until=on)
    person.role, person.organisation = role, organisation
    person.save(update_fields=["role", "organisation"])
    today_posting(person, on).save()
    take_back(person)
    end_sessions(person)
    entry = record(
        actor,
        "stations.move_person",
        person,
        f"调动{_whom(person)}",
        before=before,
        after=_facts(person),
        reason=reason,
    )
    appoint(actor, person, entry)
    return person


@transaction.atomic
def disable_person(actor: User, pk: int, reason: str) -> User:
    """Close an account; the person's next request, in whatever session, is refused."""
    person = _locked(pk)
    if person.pk == actor.pk:
        raise RuleError("不能停用自己的账号", remedy="由另一名系统管理员办理")
    if not person.is_active:
        raise RuleError(f"{person.name}的账号已经停用")
    keep_one(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    record(actor, "stations.disable_person", person, f"停用{_whom(person)}的账号", reason=reason)
    return person


@transaction.atomic
def enable_person(actor: User, pk: int, reason: str) -> User:
    person = _locked(pk)
    if person.is_active:
        raise RuleError(f"{person.name}的账号没有停用")
    _check_post(person.role, person.organisation)
    person.is_active = True
    person.save(update_fields=["is_active"])
    entry = record(actor, "stations.enable_person", person, f"启用{_whom(person)}的账号", reason=reason)
    appoint(actor, person, entry)
    return person


@transaction.atomic
def reset_password(actor: User | None, pk: int, at: datetime) -> tuple[User, str]:
    """Give a person a one-time password, which is kept nowhere; every session of his ends.

    Without an ``actor`` it is done at the server, by `new_password`.
    """
    person = _locked(pk)
    if actor is not None and person.pk == actor.pk:
        raise RuleError("不能重设自己的密码", remedy="在“我的”里修改密码")
    if actor is not None:
        keep_confirmer(person, person.organisation)
    password = one_time_password()
    _keep_former(person)
    person.set_password(password)
    person.must_change_password, person.password_since = True, at
    person.save(update_fields=["password", "must_change_password", "password_since"])
    end_sessions(person)
    # Whoever had the password may have signed in on a device of his own.
    person.devices.all().delete()
    entry = record(actor, "stations.reset_password", person, f"重设{_whom(person)}的密码")
    tell_of_keys(person, entry, "您的密码已由系统管理员重设")
    appoint(actor, person, entry)
    return person, password


def _locked(pk: int) -> User:
    # Nobody's key changes: who is told, or acts on another just now, need not wait for whoever acts on him.
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def _whom(person: User) -> str:
    return f"{person.get_role_display()}{person.name}（{person.number}）"


def _facts(person: User) -> dict[str, Any]:
    return {
        "number": person.number,
        "name": person.name,
        "role": person.get_role_display(),
        "organisation": person.organisation.name,
        "certificate_no": person.certificate_no,
        # The trail is read by auditors and nothing leaves it: enough to tell one number from another.
        "phone": masked(person.phone),
    }


def _check_post(role: str, organisation: Organisation) -> None:
    if not organisation.is_active:
        raise RuleError(f"{organisation.name}已停用，不能安排人员")
    if reason := misfit(role, organisation.kind):
        raise RuleError(reason, remedy="换一个机构，或者换一个岗位")


def _hand_over_guidance(person: User, role: str, organisation: Organisation) -> None:
    if role == Role.SUPERVISOR and organisation.pk == person.organisation_id:
        return
    guided = list(Guidance.objects.of(person).values_list("station__name", flat=True))
    if guided:
        raise RuleError(f"{person.name}还在指导或代管{'、'.join(guided)}", remedy="先在“业务指导”里改派，再调动")


# ---------- the first bureau ----------


@transaction.atomic
def found_bureau(name: str, code_word: str, admins: Mapping[Role, tuple[str, str]], on: date) -> list[tuple[User, str]]:
    """Enter the first bureau and its administrators (police number, name); the rest is done on the screens."""
    if Organisation.objects.exists():
        raise RuleError("已经有机构，不能再从头建立", remedy="由系统管理员在“机构”里新建")
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name=name, code_word=code_word)
    bureau.bureau = bureau
    bureau.save(update_fields=["bureau"])
    record(None, "stations.found_bureau", bureau, f"建立{name}", after=named(bureau))
    people = [NewPerson(number, person, role, bureau) for role, (number, person) in admins.items()]
    return create_people(None, people, on)


# ---------- keys ----------


@transaction.atomic
def note_rotation(key_id: str, done: Mapping[str, int]) -> None:
    """That personal data is under the key ``key_id`` now, and how many values of each column were encrypted anew."""
    record(None, "stations.rotate_keys", None, f"个人信息改用密钥 {key_id} 加密", after=done)
