"""What is asked before a station goes over to another bureau."""

from typing import Any

from django import forms

from stations.models import Organisation, OrganisationKind, OrganisationQuerySet


class BureauForm(forms.Form):
    """The bureau it goes to, the ground, and the station's name once more."""

    bureau = forms.ModelChoiceField(Organisation.objects.none(), label="划归到", empty_label="请选择公安机关")
    reason = forms.CharField(
        label="依据", max_length=200, help_text="如机构调整的批文", widget=forms.Textarea(attrs={"rows": 2})
    )
    name = forms.CharField(label="再输一次派出所名称", max_length=60, help_text="确认没有选错")

    def __init__(self, data: Any, organisations: OrganisationQuerySet, station: Organisation) -> None:
        super().__init__(data)
        self.station = station
        assert station.bureau_id is not None  # a station has a parent, and so a bureau
        bureaus = organisations.filter(kind=OrganisationKind.BUREAU, is_active=True).exclude(pk=station.bureau_id)
        field = self.fields["bureau"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = bureaus
        # With none to choose from there is nothing to fill in.
        self.has_bureaus = bureaus.exists()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name != self.station.name:
            raise forms.ValidationError(f"名称不一致，应为“{self.station.name}”")
        return name
