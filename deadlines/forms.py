"""What a day is, and which year is shown."""

from django import forms

from deadlines.models import DayKind


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    kind = forms.TypedChoiceField(label="这一天", choices=DayKind.choices, coerce=DayKind, widget=forms.RadioSelect)
    name = forms.CharField(label="名称", max_length=40, help_text="如“国庆节”“国庆节调休上班”")


class YearForm(forms.Form):
    """The year in the URL; anything else is the present one."""

    year = forms.IntegerField(min_value=2000, max_value=2100)
