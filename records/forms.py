"""Filters of the list of papers, the scan of a signed paper, how numbers begin and read."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.http import QueryDict

from fire_supervision.lib.forms import StrokesField, TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import tidy
from records.models import Copy, Document, Kind, NumberPattern, ReviewState, Seal, State, kinds, kinds_of_station
from records.patterns import MAX_LENGTH, check, in_force, resolved, same_as
from records.scans import checked
from records.seals import checked as checked_seal
from records.signatures import Place, unplaced
from stations.models import Organisation, User

# Four decimals are about ten metres.
DEGREES = r"^-?\d{1,3}\.\d{1,4}$"


class DocumentFilter(forms.Form):
    """Narrows the list; a word it cannot read is as good as none."""

    q = SoughtField(label="文书号或单位", required=False)
    kind = forms.ChoiceField(label="种类", choices=[("", "全部"), *kinds()], required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *State.choices], required=False)
    review = forms.ChoiceField(label="审查", choices=[("", "全部"), *ReviewState.choices], required=False)
    since = forms.DateField(label="签发日期自", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)

    def narrow(self, documents: QuerySet[Document]) -> QuerySet[Document]:
        self.is_valid()
        lookups = {"kind": "kind", "state": "state", "review": "review_state", "since": "issued_on__gte"}
        lookups |= {"until": "issued_on__lte"}
        given = {lookup: self.cleaned_data.get(name) for name, lookup in lookups.items()}
        documents = documents.filter(**{lookup: value for lookup, value in given.items() if value})
        for word in self.cleaned_data.get("q", "").split():
            documents = documents.filter(number__contains=word) | documents.filter(unit_name__contains=word)
        return documents


class ScanForm(forms.Form):
    file = forms.FileField(
        label="签名后的扫描件或照片",
        help_text="PDF 文件，或者 JPG、PNG 照片",
        widget=forms.FileInput({"accept": "application/pdf,image/jpeg,image/png"}),
    )
    recorder_no = forms.CharField(label="执法记录仪文件号", max_length=80, required=False)

    def __init__(self, *args: Any, letter: bool = False, **kwargs: Any) -> None:
        """``letter``: nobody signs it before a camera."""
        super().__init__(*args, **kwargs)
        if letter:
            self.fields["file"].label = "盖章件或者回执的扫描件、照片"
            del self.fields["recorder_no"]

    def clean_file(self) -> ContentFile[bytes]:
        return checked(self.cleaned_data["file"])


class PlaceField(TidyField):
    """Asked for like what is required; whether it may stay empty is said by `PlaceForm`, as the device tells it too."""

    def validate(self, value: Any) -> None:
        pass


class PlaceForm(forms.Form):
    """Where a screen was signed on: a part of every form that takes signatures."""

    place = PlaceField(label="签名地点", max_length=120, help_text="在屏幕上签名的写明，或者附上本机定位")
    latitude = forms.RegexField(DEGREES, required=False, widget=forms.HiddenInput)
    longitude = forms.RegexField(DEGREES, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "place" in self.fields and not self.errors.keys() & PlaceForm.base_fields.keys() and self._is_signed_now():
            for fault in unplaced(self.signed_at()):
                self.add_error("place", fault.words)
        return values

    def _is_signed_now(self) -> bool:
        """Whether a name was drawn on this screen; one that was there before keeps the place it has."""
        pads = [(name, field) for name, field in self.fields.items() if isinstance(field, StrokesField)]
        drawn = [(self.cleaned_data.get(name), self.get_initial_for_field(field, name), field) for name, field in pads]
        by_hand = self.cleaned_data.get("ink") == "1"
        return not by_hand and any(now and now != field.to_python(before) for now, before, field in drawn)

    def signed_at(self) -> Place:
        values = self.cleaned_data
        return Place(values["place"], values["latitude"], values["longitude"])

    def drop_outdated(self, seen: str, *names: str) -> None:
        """What was drawn in the fields ``names`` under something else than what is ``seen`` now is drawn again."""
        if self.is_bound and self.data.get("seen") != seen:
            data = self.data.copy()  # type: ignore[attr-defined] # a QueryDict
            for name in names:
                data[name] = ""
            self.data = data


class StartForm(forms.Form):
    """Where a series goes on."""

    next_number = forms.IntegerField(label="下一份从第几号开始", min_value=1, max_value=99_999)
    reason = forms.CharField(
        label="理由", max_length=200, help_text="如“此前用纸质文书编到第 36 号”", widget=forms.Textarea({"rows": 2})
    )


class StationStartForm(StartForm):
    """Where one of a station's series goes on."""

    field_order = ["kind"]
    kind = forms.TypedChoiceField(
        label="文书种类", choices=[(kind.value, kind.label) for kind in kinds_of_station()], coerce=Kind
    )


class PatternForm(forms.Form):
    """How the numbers of one kind of a bureau read, or of its enforcement papers together."""

    pattern = forms.CharField(
        label="文书号格式",
        max_length=MAX_LENGTH,
        help_text="可用 {code} 机关代字、{station} 所简称、{word} 文书代字、{year} 年份、{number:04d} 四位顺序号",
        # An empty address is that of the page itself: one URL, two renderings.
        # It wraps: a long format is read whole on a phone.
        widget=forms.Textarea(
            {
                "rows": 2,
                "hx-get": "",
                "hx-trigger": "input changed delay:300ms",
                "hx-target": "#sample",
            }
        ),
    )
    confirmed = forms.BooleanField(label="已经本局核定", required=False, help_text="没有核定的格式标“待核定”。")

    def __init__(self, data: Any, *, bureau: Organisation, kind: Kind | None, row: NumberPattern | None) -> None:
        self.bureau, self.kind = bureau, kind
        self.own = dict(NumberPattern.objects.filter(bureau=bureau).values_list("kind", "pattern"))
        confirmed = row is not None and row.confirmed_on is not None
        super().__init__(data, initial={"pattern": in_force(self.own, kind), "confirmed": confirmed})

    def clean_pattern(self) -> str:
        pattern = tidy("".join(self.cleaned_data["pattern"].splitlines()))
        try:
            check(pattern, self.kind)
        except ValueError as refused:
            raise forms.ValidationError(str(refused)) from None
        if same := same_as(resolved(self.own | {self.kind or "": pattern})):
            raise forms.ValidationError(f"{same[0].label}与{same[1].label}会重号，请加上 {{word}} 或换一个文书代字")
        return pattern


class StackForm(forms.Form):
    """Which papers of the list are printed in one go, and how; what it cannot read is as good as not said."""

    which = forms.ChoiceField(choices=[("chosen", "所选"), ("all", "全部")])
    copy = forms.ChoiceField(label="联次", choices=[("", "全部联次"), *Copy.choices], required=False)
    both_sides = forms.BooleanField(label="双面打印，每份从正面开始", required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="stack-%s")
        self.full_clean()
        # What is missing or cannot be read is not in it.
        self.said: dict[str, Any] = getattr(self, "cleaned_data", {})
        self.ids = [int(word) for word in data.getlist("ids") if word.isdecimal() and len(word) < 19] if data else []

    def choose(self, documents: QuerySet[Document]) -> QuerySet[Document]:
        """All of ``documents`` when all were asked for, otherwise those that were ticked."""
        return documents if self.said.get("which") == "all" else documents.filter(pk__in=self.ids)

    def chosen_copy(self) -> Copy | None:
        return Copy(self.said["copy"]) if self.said.get("copy") else None

    def turned(self) -> bool:
        return bool(self.said.get("both_sides"))


class SealFilter(forms.Form):
    """Narrows the list of offices; a word it cannot read is as good as none."""

    q = forms.CharField(label="机构", required=False)
    has = forms.ChoiceField(label="印章", choices=[("", "全部"), ("yes", "有印章"), ("no", "没有印章")], required=False)

    def narrow(self, offices: QuerySet[Organisation]) -> QuerySet[Organisation]:
        self.is_valid()
        for word in self.cleaned_data.get("q", "").split():
            offices = offices.filter(name__contains=word)
        if has := self.cleaned_data.get("has"):
            sealed = Seal.objects.current().values("organisation")
            offices = offices.filter(pk__in=sealed) if has == "yes" else offices.exclude(pk__in=sealed)
        return offices


class SealForm(forms.Form):
    image = forms.FileField(
        label="印模图片",
        help_text="PNG 图片，透明底或白底，红色正圆，印模至少 400 × 400 点",
        widget=forms.FileInput({"accept": "image/png"}),
    )

    def clean_image(self) -> ContentFile[bytes]:
        return checked_seal(self.cleaned_data["image"])
