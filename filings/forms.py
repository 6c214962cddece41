"""Filters of the queue, a supervisor's remarks, a station's answers."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from deadlines.models import Clock
from filings.models import Defect, Remark
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import squeezed
from records.models import Document, ReviewState, kinds
from stations.models import Organisation, User

AGES = [("", "全部时限"), ("over", "已逾期"), ("today", "今天到期"), ("running", "还没有到期")]
STATES = [
    ("", "待审"), (ReviewState.PENDING, "待审查"), (ReviewState.REFILED, "已补正待审"),
    (ReviewState.RETURNED, "退回补正"), (ReviewState.PASSED, "合格"), ("all", "全部"),
]  # fmt: skip
SPARE_ROWS = 3


class QueueFilter(forms.Form):
    """Narrows the queue; what cannot be read narrows nothing."""

    q = SoughtField(label="单位、文书号", required=False)
    state = forms.ChoiceField(label="审查", choices=STATES, required=False)
    station = forms.ModelChoiceField(Organisation.objects.none(), label="派出所", required=False, empty_label="全部")
    kind = forms.ChoiceField(label="种类", required=False)
    age = forms.ChoiceField(label="审查时限", choices=AGES, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        stations = self.fields["station"]
        assert isinstance(stations, forms.ModelChoiceField)
        stations.queryset = Organisation.objects.for_user(user).stations()
        self.fields["kind"] = forms.ChoiceField(label="种类", choices=[("", "全部"), *kinds()], required=False)

    def narrow(self, papers: QuerySet[Document], today: date) -> QuerySet[Document]:
        self.full_clean()
        asked = self.cleaned_data
        papers = _in_state(papers, asked.get("state", ""))
        if asked.get("station"):
            papers = papers.filter(station=asked["station"])
        if asked.get("kind"):
            papers = papers.filter(kind=asked["kind"])
        if asked.get("age"):
            papers = papers.filter(pk__in=_aged(asked["age"], today))
        return _named(papers, asked.get("q", ""))


def _in_state(papers: QuerySet[Document], state: str) -> QuerySet[Document]:
    if state == "all":
        return papers
    return papers.filter(review_state__in=[state] if state else [ReviewState.PENDING, ReviewState.REFILED])


def _named(papers: QuerySet[Document], typed: str) -> QuerySet[Document]:
    typed = squeezed(typed)
    return papers.filter(Q(unit_name__contains=typed) | Q(number__contains=typed)) if typed else papers


def _aged(age: str, today: date) -> QuerySet[Clock, Any]:
    clocks = Clock.objects.running().filter(rule_code__in=["FILING_REVIEW", "FILING_FIX"])
    due = {"over": Q(due_on__lt=today), "today": Q(due_on=today), "running": Q(due_on__gt=today)}[age]
    return clocks.filter(due).values("subject_id")


class ReturnedFilter(forms.Form):
    """Narrows the list of returned papers."""

    q = SoughtField(label="单位、文书号", required=False)
    kind = forms.ChoiceField(label="种类", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["kind"] = forms.ChoiceField(label="种类", choices=[("", "全部"), *kinds()], required=False)

    def narrow(self, papers: QuerySet[Document]) -> QuerySet[Document]:
        self.full_clean()
        if self.cleaned_data.get("kind"):
            papers = papers.filter(kind=self.cleaned_data["kind"])
        return _named(papers, self.cleaned_data.get("q", ""))


class RemarkForm(forms.Form):
    """One remark typed by hand; a row without words is no remark."""

    defect = forms.ModelChoiceField(Defect.objects.none(), label="问题类别", empty_label="选择问题类别", required=False)
    field = forms.ChoiceField(label="栏目", required=False)
    text = forms.CharField(
        label="意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300})
    )

    def __init__(
        self, *args: Any, defects: list[tuple[int | str, str]], fields_of_paper: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["defect"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Defect.objects.all()
        # Read once for all rows; the queryset only checks what was sent.
        chosen.widget.choices = [("", "选择问题类别"), *defects]
        self.fields["field"] = forms.ChoiceField(
            label="栏目", choices=[("", "整件文书"), *fields_of_paper], required=False
        )

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("text") and not asked.get("defect") and "defect" not in self.errors:
            self.add_error("defect", "请选择问题类别")
        if asked.get("defect") and not asked.get("text") and "text" not in self.errors:
            self.add_error("text", "请写明问题和怎样补正")
        return asked


RemarkFormSet = forms.formset_factory(RemarkForm, extra=SPARE_ROWS, max_num=20)


class AnswerForm(forms.Form):
    """The station's answers: one for each remark, and one for the whole."""

    answer = forms.CharField(
        label="总的补正说明", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        help_text="逐条回复了的，可以不写",
    )  # fmt: skip

    def __init__(self, *args: Any, remarks: list[Remark], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remarks = remarks
        for number, remark in enumerate(remarks, start=1):
            self.fields[f"remark_{remark.pk}"] = forms.CharField(
                label=f"对意见 {number} 的补正", required=False, max_length=300,
                widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not asked.get("answer") and not all(self.answers.values()):
            self.add_error("answer", "还有意见没有回复：逐条写明怎样补正，或者在这里写总的说明")
        return asked

    @property
    def answers(self) -> dict[int, str]:
        """What was written to each remark, by its id."""
        return {remark.pk: self.cleaned_data.get(f"remark_{remark.pk}", "") for remark in self.remarks}
