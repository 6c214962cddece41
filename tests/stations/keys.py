"""What people sign in with in tests: a telephone whose codes are known, a session elsewhere."""

from django.utils import timezone
from django_otp.oath import TOTP

from stations.entrances import Telephone, UserSession
from stations.models import User
from stations.sessions import SessionStore


def totp_of(user: User, name: str = "我的手机") -> Telephone:
    """A telephone that is enrolled."""
    telephone: Telephone = Telephone.objects.create(user=user, name=name, confirmed=True)
    return telephone


def code_of(telephone: Telephone) -> str:
    """What the telephone shows now."""
    totp = TOTP(telephone.secret, drift=telephone.drift)
    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"


def session_of(user: User, device: str = "安卓设备 微信") -> UserSession:
    """A session of ``user`` on another device."""
    store = SessionStore()
    store.update({"_auth_user_id": str(user.pk), "device": device})
    store.create()
    store.save()
    return UserSession.objects.get(pk=store.session_key)
