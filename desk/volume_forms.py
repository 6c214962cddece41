"""Which quarter of which station is packed."""

from datetime import date
from typing import Any

from django import forms

from assessments.quarters import Quarter
from stations.models import Organisation, User

# Two years back: what is older is fetched paper by paper, or as the volume of a unit.
OFFERED = 8


class QuarterForm(forms.Form):
    station = forms.ModelChoiceField(label="派出所", queryset=Organisation.objects.none(), empty_label=None)
    quarter = forms.TypedChoiceField(label="季度")

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stations = self.fields["station"]
        assert isinstance(stations, forms.ModelChoiceField)
        stations.queryset = Organisation.objects.for_user(user).stations()
        offered = quarters(today)
        self.fields["quarter"] = forms.TypedChoiceField(
            label="季度", choices=[(key, str(quarter)) for key, quarter in offered.items()], coerce=offered.__getitem__
        )


def quarters(today: date) -> dict[str, Quarter]:
    """The quarter of ``today`` and those before it, by the word of the form."""
    found = [Quarter.of(today)]
    while len(found) < OFFERED:
        found.append(found[-1].previous)
    return {f"{quarter.year}-{quarter.number}": quarter for quarter in found}
