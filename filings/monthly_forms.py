"""Handing in the report of a month; the filter of who has."""

from typing import Any

from django import forms

STATES = [("", "全部"), ("missing", "未报送"), ("late", "逾期、迟报"), ("unread", "待接收")]


class MonthlyForm(forms.Form):
    """The note, and for a correction its reason; the figures are never typed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(
        label="更正原因", max_length=200, help_text="如“补录 10 月 28 日的两次检查”", widget=forms.Textarea({"rows": 2})
    )
    note = forms.CharField(
        label="本月工作和问题",
        max_length=2000,
        required=False,
        help_text="表里没有的，如宣传、培训、专项行动和需要大队支持的问题",
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, *args: Any, corrects: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not corrects:
            del self.fields["reason"]


class MonthFilter(forms.Form):
    """Narrows the stations of a month; what cannot be read narrows nothing."""

    state = forms.ChoiceField(label="报送", choices=STATES, required=False)
    month = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("state", ""))
