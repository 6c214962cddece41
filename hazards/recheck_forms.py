"""复查 as a form: the result for each hazard, who was there, the names drawn on the screen."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.forms import DateInput, StrokesField, TidyField
from hazards.forms import officers_of, radio
from hazards.models import Hazard, Reinspection
from hazards.recheck_papers import SIGNERS, Drawn
from hazards.rechecks import Company, Result
from inspections.photos import Picture, read_picture
from records.forms import PlaceForm
from stations.models import User

PASSED = [("yes", "已改正"), ("no", "未改正")]
# What the form calls a field of the paper.
CALLED = {"companion.name": "companion", "companion.post": "companion_post", "officers": "lead"}


class PhotoField(forms.FileField):
    """A photograph, re-encoded; the camera opens on a phone."""

    widget = forms.FileInput(attrs={"accept": "image/*", "capture": "environment"})

    def clean(self, data: Any, initial: Any = None) -> Picture | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return read_picture(upload, settings.UPLOAD_PHOTO_MAX_MB)
        except RuleError as error:
            raise forms.ValidationError(f"{error.message}{error.remedy}") from error


class ReinspectForm(PlaceForm):
    """登记复查结果. What speaks against it is said by `rechecks.reinspect`."""

    # The browser would not let the form go, and would not say what the summary says.
    use_required_attribute = False

    done_on = forms.DateField(label="复查日期", widget=DateInput())
    lead = forms.ModelChoiceField(label="复查人", queryset=User.objects.none(), empty_label="选择民警")
    second = forms.ModelChoiceField(label="第二复查人", queryset=User.objects.none(), empty_label="选择民警")
    companion = TidyField(label="随同人员姓名", max_length=60, required=False, help_text="不在场的不填")
    companion_post = TidyField(label="职务", max_length=40, required=False)
    # As much as the form has room for; see records.fields.
    refusal = TidyField(label="拒签或不在场的情况", max_length=80, required=False)
    witness = TidyField(label="见证人", max_length=24, required=False, help_text="见证拒签、不在场的人；没有的不填")
    remark = TidyField(label="备注", max_length=300, required=False)
    ink = forms.ChoiceField(
        label="签名方式",
        choices=[("", "在屏幕上签"), ("1", "打印后现场手签")],
        required=False,
        widget=forms.RadioSelect,
    )
    sign_lead = StrokesField(label="签名", required=False)
    sign_second = StrokesField(label="签名", required=False)
    sign_companion = StrokesField(label="签名", required=False)

    def __init__(
        self,
        reinspection: Reinspection,
        hazards: Sequence[Hazard],
        user: User,
        today: date,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        visit = reinspection.order.inspection
        named = bool(visit and visit.companion)
        kwargs["initial"] = {
            "done_on": today,
            "lead": user.pk,
            "second": next((pk for pk in (visit.second_id, visit.lead_id) if pk != user.pk), None) if visit else None,
            "companion": visit.companion if visit and named else reinspection.unit.person,
            "companion_post": visit.companion_post if visit and named else "",
            "place": reinspection.unit.address,
        }
        super().__init__(*args, **kwargs)
        for name in ("lead", "second"):
            self.fields[name].queryset = officers_of(reinspection.station_id)  # type: ignore[attr-defined] # a ModelChoiceField
        self.hazards = hazards
        for hazard in hazards:
            self.fields[f"passed_{hazard.pk}"] = radio("复查结果", PASSED, None)
            self.fields[f"note_{hazard.pk}"] = TidyField(label="情况", max_length=200, required=False)
            self.fields[f"photo_{hazard.pk}"] = PhotoField(label="整改后照片", required=False)

    def show_as_needed(self) -> None:
        """Print the label of who came along without 选填; only where nobody did it may be left empty."""
        self.fields["companion"].required = True

    def rows(self) -> list[dict[str, Any]]:
        """Each hazard with its three fields; ``lost``: its photograph was sent and a browser does not send it again."""
        return [
            {"hazard": hazard, **{name: self[f"{name}_{hazard.pk}"] for name in ("passed", "note", "photo")}}
            | {"lost": f"photo_{hazard.pk}" in self.files}
            for hazard in self.hazards
        ]

    def pads(self) -> list[dict[str, Any]]:
        return [{"who": words, "field": self[f"sign_{signer}"]} for signer, words in SIGNERS.items()]

    def visit(self, at: datetime) -> dict[str, Any]:
        """What `rechecks.reinspect` takes of it; signed ``at``."""
        values = self.cleaned_data
        company = Company(values["companion"], values["companion_post"], values["refusal"], values["witness"])
        own = {name: values[name] for name in ("done_on", "lead", "second", "remark")}
        drawn = None if values["ink"] == "1" else self._drawn(at)
        return own | {"results": self._results(), "company": company, "drawn": drawn}

    def to_read(self, at: datetime) -> dict[str, Any]:
        """The same for a draft: it is read before all have signed, and until then has room for their names."""
        given, needed = self.visit(at), set(SIGNERS) - ({"companion"} if self.cleaned_data["refusal"] else set())
        return given if all(self.cleaned_data[f"sign_{signer}"] for signer in needed) else given | {"drawn": None}

    def _results(self) -> dict[int, Result]:
        values = self.cleaned_data
        return {
            hazard.pk: Result(
                values[f"passed_{hazard.pk}"] == "yes", values[f"note_{hazard.pk}"], values[f"photo_{hazard.pk}"]
            )
            for hazard in self.hazards
        }

    def _drawn(self, at: datetime) -> Drawn:
        strokes = {signer: self.cleaned_data[f"sign_{signer}"] for signer in SIGNERS}
        return Drawn(strokes, at, self.signed_at(), self.data.get("seen", ""))
