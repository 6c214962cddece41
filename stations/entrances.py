"""How people get in: their open sessions, the devices they are known on, what they prove themselves with."""

from binascii import unhexlify
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP
from django_otp.util import random_hex

from fire_supervision.lib.encrypted import EncryptedTextField

if TYPE_CHECKING:
    from stations.models import User


def new_secret() -> str:
    """160 random bits, in hexadecimal."""
    written: str = random_hex(20)
    return written


class SessionQuerySet(models.QuerySet["UserSession"]):
    def of(self, user: "User", at: datetime) -> Self:
        """The sessions of ``user`` that are open at ``at``, the last used first."""
        return self.filter(user=user, expire_date__gt=at).order_by("-used_at")


class UserSession(AbstractBaseSession):
    """A session as Django keeps it, with what its owner wants to know about it. The columns follow from its data."""

    user = models.ForeignKey("stations.User", models.CASCADE, related_name="+", verbose_name="人员", null=True)
    device = models.CharField("设备", max_length=40, blank=True)
    address = models.GenericIPAddressField("地址", null=True)
    since = models.DateTimeField("登录时间")
    used_at = models.DateTimeField("最近使用")

    objects: ClassVar[Any] = BaseSessionManager.from_queryset(SessionQuerySet)()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"
        indexes = [models.Index(fields=["user", "-used_at"], name="session_of_person")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from stations.sessions import SessionStore  # noqa: PLC0415 - Django asks the model for its store

        return SessionStore


class KnownDevice(models.Model):
    """A device on which a person has signed in before: failures of strangers elsewhere do not lock him out here."""

    user = models.ForeignKey("stations.User", models.CASCADE, related_name="devices", verbose_name="人员")
    # SHA-256 of the random id in the device's cookie: what stands here opens nothing.
    device = models.CharField("设备", max_length=64)
    words = models.CharField("名称", max_length=40)
    since = models.DateTimeField("首次登录", auto_now_add=True)
    used_at = models.DateTimeField("最近登录", default=timezone.now)

    class Meta:
        verbose_name = "常用设备"
        constraints = [models.UniqueConstraint(fields=["user", "device"], name="known_device_once")]
        indexes = [models.Index(fields=["device"], name="known_device_of_anybody")]


class FormerPassword(models.Model):
    """The hash of a password a person had: only to refuse it when it comes back."""

    user = models.ForeignKey("stations.User", models.CASCADE, related_name="former_passwords", verbose_name="人员")
    password = models.CharField("散列", max_length=128)
    until = models.DateTimeField("用到", auto_now_add=True)

    class Meta:
        verbose_name = "用过的密码"
        ordering = ["-until", "-id"]


class RecoveryCode(models.Model):
    """One code for the day the telephone is lost, good once. Kept as a keyed hash, enough for 124 random bits."""

    user = models.ForeignKey("stations.User", models.CASCADE, related_name="recovery_codes", verbose_name="人员")
    digest = models.CharField("散列", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]
        indexes = [models.Index(fields=["user"], condition=Q(used_at__isnull=True), name="recovery_code_unused")]


class Telephone(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc] # django-otp has no types
    """A telephone that shows codes (TOTP: 6 figures, 30 seconds). Its secret is as good as a password: encrypted.

    django-otp's own table keeps the secret readable; what stood there was moved here.
    """

    user = models.ForeignKey("stations.User", models.CASCADE, related_name="+", verbose_name="人员")
    key = EncryptedTextField("密钥", max_length=80, default=new_secret)
    # How many steps of 30 seconds its clock is off, and the step of the code used last: each works once.
    drift = models.SmallIntegerField("时钟偏差", default=0)
    last_t = models.BigIntegerField("用过的时间步", default=-1)

    class Meta(Device.Meta):  # type: ignore[misc] # django-otp has no types
        verbose_name = "动态码手机"

    @property
    def secret(self) -> bytes:
        return unhexlify(self.key)

    def take(self, code: str, at: datetime) -> bool:
        """Whether ``code`` is of ``at``, give or take a step, and not used yet; from now on it is. Saves nothing."""
        totp = TOTP(self.secret, drift=self.drift)
        totp.time = at.timestamp()
        if not (code.isascii() and code.isdecimal()) or not totp.verify(int(code), 1, self.last_t + 1):
            return False
        self.last_t, self.drift, self.last_used_at = totp.t(), totp.drift, at
        return True

    def get_throttle_factor(self) -> int:
        """Seconds after the first wrong code; each further one doubles them."""
        return 1


class Knock(models.Model):
    """Requests to a door that is open to everybody, in one window. Who it was stands here only as a digest."""

    key = models.CharField("来访者", max_length=64, primary_key=True)
    count = models.PositiveIntegerField("次数")
    until = models.DateTimeField("计到", db_index=True)

    class Meta:
        verbose_name = "公开页面访问次数"


def is_over(since: datetime, days: int, at: datetime) -> bool:
    """Whether what began at ``since`` is older than ``days``; 0 days never end."""
    return days > 0 and at >= since + timedelta(days=days)
