"""Forms of one's own account: sign-in and password."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from stations.models import User

# One sentence for an unknown number, a wrong password and a disabled person: nobody learns which numbers exist.
NOT_SIGNED_IN = "警号或密码不正确"


# Django has no Chinese for all of its own sentences.
REFUSED = {
    "password_too_short": "太短，至少 {min_length} 位",
    "password_too_common": "这个密码太常见，请换一个",
    "password_too_similar": "和警号或姓名太像，请换一个",
}


def _in_chinese(error: forms.ValidationError) -> forms.ValidationError:
    words = REFUSED[error.code].format(**(error.params or {})) if error.code in REFUSED else error.message
    return forms.ValidationError(words, code=error.code)


class SignInForm(forms.Form):
    """警号 and password; ``user`` holds who it is after validation."""

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

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        self.user: User | None = None

    def clean_number(self) -> str:
        return unicodedata.normalize("NFKC", self.cleaned_data["number"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "number" in cleaned and "password" in cleaned:
            found = authenticate(self.request, username=cleaned["number"], password=cleaned["password"])
            if not isinstance(found, User):
                raise forms.ValidationError({"password": NOT_SIGNED_IN})
            self.user = found
        return cleaned


class PasswordForm(forms.Form):
    """One's own new password; the old one is asked for again."""

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
        help_text="至少 10 位，不要用警号、姓名，也不要用常见密码。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一次新密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise forms.ValidationError("原密码不正确")
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
