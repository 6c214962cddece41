"""Acts around the door: who came in, who did not, which keys he holds, which sessions end. Each leaves an entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from axes.utils import reset
from django.db import transaction
from django.db.models import Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest

from fire_supervision.lib.errors import RuleError
from stations import second_factor
from stations.actions import end_sessions, hold_sessions
from stations.alarms import raise_of_post
from stations.backends import kept, number_of
from stations.entrances import KnownDevice, RecoveryCode, Telephone, UserSession
from stations.messages import KEYS, send, tell_of_keys
from stations.models import User
from stations.permissions import ADMINISTRATORS, Role
from trail.record import record

# ---------- coming in ----------


@transaction.atomic
def note_sign_in(user: User, factor: str = "", device: str = "") -> None:
    after = {"factor": second_factor.LABELS.get(factor, "密码"), "device": device}
    record(user, "stations.sign_in", user, f"{user.name}登录", after=after)


@transaction.atomic
def note_sign_in_failed(number: str, reason: str = "") -> None:
    """A failed sign-in; the number is kept as typed, also when nobody has it. The reason is for the auditor alone.

    What is no number is not kept: a password typed into the wrong field would stay in the trail for good.
    """
    user = User.objects.select_related("organisation").filter(number=number).first()
    why = reason or ("没有这个警号" if user is None else "" if user.is_active else "账号已停用") or "密码不正确"
    record(None, "stations.sign_in_failed", user, f"登录失败，警号 {kept(number)}", reason=why)


@transaction.atomic
def note_lock(number: str, minutes: int) -> None:
    user = User.objects.select_related("organisation").filter(number=number).first()
    record(None, "stations.lock", user, f"警号 {number} 连续登录失败，锁定 {minutes} 分钟")


@transaction.atomic
def know_device(user: User, device: str, words: str, at: datetime) -> None:
    """Remember that ``user`` signed in on ``device``; from a second device on he is told."""
    known = KnownDevice.objects.filter(user=user)
    first = not known.exists()
    _, created = known.update_or_create(
        user=user, device=device, defaults={"used_at": at}, create_defaults={"words": words, "used_at": at}
    )
    if created and not first:
        body = f"{words}，如果不是本人，请立即修改密码，并请系统管理员停用账号。"
        key = f"device:{device[:16]}:{at:%Y%m%d%H%M}"
        send(user, about=None, key=key, title="您的账号在新设备上登录", body=body, url=KEYS)


# A telephone or computer nobody signed in on for so long has changed hands; the last few of a person stay all the same,
# for whoever comes back from a long leave and finds his number locked by strangers.
DEVICE_TIME, DEVICES_KEPT = timedelta(days=180), 3


def clear_out(at: datetime) -> None:
    """Remove what nobody comes in by any more: sessions that ended, secrets nobody scanned, devices long not used.

    Nothing of it is told: it opened nothing.
    """
    UserSession.objects.filter(expire_date__lt=at).delete()
    Telephone.objects.filter(confirmed=False, created_at__lte=at - second_factor.SECRET_TIME).delete()
    place = Window(RowNumber(), partition_by="user", order_by="-used_at")
    newest = KnownDevice.objects.annotate(place=place).filter(place__lte=DEVICES_KEPT).values("pk")
    KnownDevice.objects.filter(used_at__lt=at - DEVICE_TIME).exclude(pk__in=newest).delete()


# ---------- sessions ----------


@transaction.atomic
def end_session(user: User, session: UserSession) -> None:
    """End one session of one's own."""
    hold_sessions(User.objects.filter(pk=user.pk))
    UserSession.objects.filter(pk=session.pk, user=user).delete()
    record(user, "stations.end_session", user, f"{user.name}结束一处登录：{session.device}")


@transaction.atomic
def end_other_sessions(user: User, but: str) -> int:
    ended = end_sessions(user, but=but)
    if ended:
        record(user, "stations.end_sessions", user, f"{user.name}结束其他 {ended} 处登录")
    return ended


@transaction.atomic
def note_time_out(user: User, why: str) -> None:
    words = {"idle": "长时间没有操作", "long": "登录满时限"}[why]
    record(user, "stations.session_over", user, f"{user.name}的登录自动结束", reason=words)


# ---------- second factors ----------


@transaction.atomic
def confirm_totp(user: User, code: str, name: str, at: datetime) -> bool:
    """Take the waiting secret into use when ``code`` is of it; False when it is not, or nothing waits any more."""
    telephone = second_factor.waiting_totp(user, at)
    if telephone is None or not telephone.take(code, at):
        return False
    telephone.confirmed, telephone.name = True, name
    telephone.save(update_fields=["confirmed", "name", "last_t", "drift", "last_used_at"])
    Telephone.objects.filter(user=user, confirmed=False).delete()
    entry = record(user, "stations.add_factor", user, f"{user.name}启用动态码：{name}")
    tell_of_keys(user, entry, "您的账号启用了动态码")
    return True


@transaction.atomic
def add_passkey(request: HttpRequest, user: User, answer: dict[str, Any], name: str) -> None:
    """Keep the passkey the browser has made, under its owner's name for it; raises `second_factor.NotProved`."""
    device = second_factor.take_passkey(request, user, answer)
    device.name = name
    device.save(update_fields=["name"])
    entry = record(user, "stations.add_factor", user, f"{user.name}启用通行密钥：{name}")
    tell_of_keys(user, entry, "您的账号启用了通行密钥")


@transaction.atomic
def rename_factor(user: User, kind: str, pk: int, name: str) -> None:
    device = second_factor.MODELS[kind].objects.get(user=user, pk=pk)
    before, device.name = device.name, name
    device.save(update_fields=["name"])
    what = f"{user.name}给{second_factor.LABELS[kind]}改名"
    record(user, "stations.rename_factor", user, what, before={"name": before}, after={"name": name})


@transaction.atomic
def remove_factor(user: User, kind: str, pk: int, *, is_needed: bool) -> None:
    """Give up one factor; the last one stays where the post needs one."""
    User.objects.select_for_update().get(pk=user.pk)
    own = second_factor.factors(user)
    if is_needed and len(own) == 1:
        raise RuleError("这个岗位须有第二验证，不能移除最后一个", remedy="先添加另一个，再移除这一个")
    device = second_factor.MODELS[kind].objects.get(user=user, pk=pk)
    label = second_factor.LABELS[kind]
    entry = record(user, "stations.remove_factor", user, f"{user.name}移除{label}：{device.name}")
    tell_of_keys(user, entry, f"您的账号移除了{label}")
    device.delete()
    if len(own) == 1:
        RecoveryCode.objects.filter(user=user).delete()


@transaction.atomic
def make_codes(user: User) -> list[str]:
    """Ten recovery codes, to be shown once; those made before no longer work."""
    # Asked for twice at once: those shown last work, not both.
    User.objects.select_for_update().get(pk=user.pk)
    codes = second_factor.new_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=second_factor.digest(user, code)) for code in codes)
    record(user, "stations.make_codes", user, f"{user.name}生成 {len(codes)} 个恢复码")
    return codes


@transaction.atomic
def use_code(user: User, code: str, at: datetime) -> bool:
    """Sign in with a recovery code; False when it is none or was used."""
    if not second_factor.recovery_fits(user, code, at):
        return False
    left = second_factor.codes_left(user)
    entry = record(user, "stations.use_code", user, f"{user.name}使用恢复码，剩 {left} 个")
    tell_of_keys(user, entry, "您的账号用了一个恢复码登录")
    return True


# ---------- what an administrator sees masked ----------


@transaction.atomic
def reveal_phone(actor: User, person: User) -> None:
    """That ``actor`` looked at the telephone of ``person``, which he sees masked; every look leaves an entry."""
    record(actor, "stations.reveal", person, f"查看{person.name}（{person.number}）的电话")


# ---------- the security administrator ----------


@transaction.atomic
def reset_factors(actor: User, person: User, reason: str) -> None:
    """Take away every factor of somebody who lost his; his sessions end. Never one's own."""
    if person.pk == actor.pk:
        raise RuleError("不能重设自己的第二验证", remedy="由另一名安全管理员办理，或者使用恢复码")
    names = [f"{each.label}：{each.name}" for each in second_factor.factors(person)]
    if not names:
        raise RuleError(f"{person.name}没有启用第二验证")
    for model in second_factor.MODELS.values():
        model.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    end_sessions(person)
    what = f"重设{person.name}（{person.number}）的第二验证"
    entry = record(actor, "stations.reset_factors", person, what, before={"factors": names}, reason=reason)
    tell_of_keys(person, entry, "您的第二验证已由安全管理员重设")
    # The password is another's to reset, and that waits for a third: here the others are told, and nothing waits.
    if Role(person.role) in ADMINISTRATORS:
        raise_of_post(actor, person, entry)


@transaction.atomic
def end_sessions_of(actor: User, person: User, reason: str) -> int:
    """End every session of ``person``, who is told; how many there were."""
    ended = end_sessions(person)
    if not ended:
        raise RuleError(f"{person.name}现在没有登录")
    what = f"结束{person.name}（{person.number}）的 {ended} 处登录"
    entry = record(actor, "stations.end_sessions_of", person, what, reason=reason)
    tell_of_keys(person, entry, "您的登录已由安全管理员全部结束")
    return ended


@transaction.atomic
def end_all_sessions(actor: User, but: str, reason: str) -> int:
    """End every session of whoever ``actor`` keeps, for the day something has gone wrong; ``but`` his own goes on."""
    people = User.objects.managed_by(actor)
    hold_sessions(people)
    ended: int
    ended, _ = UserSession.objects.filter(user__in=people.order_by().values("pk")).exclude(pk=but).delete()
    what = f"结束{actor.organisation}全部人员的 {ended} 处登录"
    record(actor, "stations.end_all_sessions", actor.organisation, what, reason=reason)
    return ended


@transaction.atomic
def unlock(actor: User | None, counts: Sequence[str], reason: str) -> None:
    """Forget the failures counted under ``counts``, all of one police number, and what slows down its telephones."""
    number = number_of(counts[0])
    for count in counts:
        reset(username=count)
    person = User.objects.filter(number=number).first()
    telephones = Telephone.objects.filter(user=person)
    telephones.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    record(actor, "stations.unlock", person, f"解除警号 {number} 的锁定", reason=reason)
