"""What changes one's own account: signing in and out, the password."""

from django.db import transaction

from stations.models import User
from trail.record import record


@transaction.atomic
def note_sign_in(user: User) -> None:
    record(user, "stations.sign_in", user, f"{user.name}登录")


@transaction.atomic
def note_sign_in_failed(number: str) -> None:
    """A failed sign-in; the number is kept as typed, also when nobody has it."""
    user = User.objects.filter(number=number).first()
    record(None, "stations.sign_in_failed", user, f"登录失败，警号 {number}")


@transaction.atomic
def note_sign_out(user: User) -> None:
    record(user, "stations.sign_out", user, f"{user.name}退出登录")


@transaction.atomic
def change_own_password(user: User, password: str) -> None:
    """Set the password a person chose for himself; every other session of his ends."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(user, "stations.change_password", user, f"{user.name}修改密码")
