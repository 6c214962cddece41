"""What is typed at the door: number and password, the code of a telephone, a new password, the name of a key."""

import unicodedata
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from stations import passwords
from stations.backends import minutes_locked, typed_number
from stations.http import OfficerRequest
from stations.models import User

# One sentence for an unknown number, a wrong password and a disabled person: nobody learns which numbers exist.
NOT_SIGNED_IN = "警号或密码不正确"
# The same for a number nobody has: it is counted like any other.
LOCKED = (
    "登录失败次数过多，这个警号在这台设备上锁定，约 {minutes} 分钟后可以再试。"
    "本人可以用以前登录过的设备登录，急用请联系安全管理员解除。"
)


# Only told to whoever has the password.
FIRST_IS_OVER = "初始密码 {days} 天内没有使用，已经失效，请联系系统管理员重设。"
NOT_CONFIRMED = "三员账号须由另一名管理员确认，确认前不能登录，请联系安全管理员或者审计管理员。"

# Django has no Chinese for all of its own sentences.
REFUSED = {
    "password_too_common": "这个密码太常见，请换一个",
    "password_too_similar": "和警号或姓名太像，请换一个",
}


def _in_chinese(error: forms.ValidationError) -> forms.ValidationError:
    words = REFUSED[error.code].format(**(error.params or {})) if error.code in REFUSED else error.message
    return forms.ValidationError(words, code=error.code)


class SignInForm(forms.Form):
    """警号 and password; ``user`` holds who it is after validation, ``minutes`` for how long the number is locked.

    ``is_tried`` says whether both were there to be compared: what was left out is nobody's failure.
    """

    number = forms.CharField(
        label="警号",
        max_length=20,
        error_messages={"required": "请填写警号"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, data: Any, at: datetime) -> None:
        super().__init__(data)
        self.request, self.at = request, at
        self.user: User | None = None
        self.minutes = 0
        self.is_tried = False
        # Told to the auditor of an attempt that failed, where it was neither number nor password.
        self.reason = ""

    def clean_number(self) -> str:
        return typed_number(self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self.is_tried = "number" in cleaned and "password" in cleaned
        if self.is_tried:
            found = authenticate(self.request, username=cleaned["number"], password=cleaned["password"])
            if isinstance(found, User) and found.first_password_is_over(self.at):
                self.reason = "初始密码已过期"
                raise forms.ValidationError({"password": FIRST_IS_OVER.format(days=settings.FIRST_PASSWORD_DAYS)})
            if isinstance(found, User) and found.appointed_by_id is not None:
                self.reason = "三员账号待确认"
                raise forms.ValidationError({"password": NOT_CONFIRMED})
            if isinstance(found, User):
                self.user = found
                return cleaned
            self.minutes = minutes_locked(self.request, cleaned["number"], self.at)
            raise forms.ValidationError(
                {"password": LOCKED.format(minutes=self.minutes) if self.minutes else NOT_SIGNED_IN}
            )
        return cleaned


class PasswordForm(forms.Form):
    """One's own new password; the old one is asked for again, and counted like one typed at the door."""

    old = forms.CharField(
        label="原密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一次新密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, request: OfficerRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request, self.user = request, request.user
        self.fields["new"].help_text = passwords.rules_in_words()

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if authenticate(self.request, username=self.user.number, password=old) is None:
            raise forms.ValidationError("原密码不正确", code="wrong")
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        if new == self.cleaned_data.get("old"):
            raise forms.ValidationError("新密码和原密码一样，请换一个")
        try:
            validate_password(new, self.user)
        except forms.ValidationError as refused:
            raise forms.ValidationError([_in_chinese(error) for error in refused.error_list]) from None
        return new

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError("两次输入的新密码不一样")
        return again


class CodeForm(forms.Form):
    """A code read off a telephone, or a recovery code."""

    code = forms.CharField(
        label="动态码",
        max_length=40,
        error_messages={"required": "请填写动态码"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "autofocus": True}),
    )

    def clean_code(self) -> str:
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["code"]).split())


class ProofForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class NewTotpForm(CodeForm):
    """The first code of a telephone, and what its owner calls it."""

    name = forms.CharField(label="名称", max_length=30, initial="我的手机", help_text="有几部手机时用来分辨。")
    field_order = ("code", "name")


class NameForm(forms.Form):
    name = forms.CharField(label="名称", max_length=30, error_messages={"required": "请填写名称"})
