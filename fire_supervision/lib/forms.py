"""What every form shares: the words of an empty field, the browser's own pickers, tidy text, drawn signatures."""

import json
from typing import Any

from django import forms

from fire_supervision.lib import faces
from fire_supervision.lib.text import tidy

MAX_STROKES = 200_000
# No pad has so many points; a stroke that leads further could not be printed, and the paper is frozen by then.
FARTHEST = 20_000
# On the control of a field that holds personal data; put there by the column or the field, never by a template.
PERSONAL = {"data-personal": "", "autocomplete": "off"}
# A hand that moved over less than this share of the pad has not signed.
LEAST_INK = 0.06
# Django has no setting for these and its translation, 这个字段是必填项, speaks of a field, not of the officer.
REQUIRED: dict[type[forms.Field], str] = {
    forms.Field: "请填写",
    forms.ChoiceField: "请选择",
    forms.MultipleChoiceField: "请选择",
    forms.ModelChoiceField: "请选择",
    forms.ModelMultipleChoiceField: "请选择",
    forms.FileField: "请选择文件",
}


def speak_plainly() -> None:
    """Give each kind of field its word; a form's own ``error_messages`` still win."""
    for kind, words in REQUIRED.items():
        kind.default_error_messages = {**vars(kind).get("default_error_messages", {}), "required": words}


class DateInput(forms.DateInput):
    """The browser's own date picker, with the day in the form it understands."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's picker of a day and a minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TidyField(forms.CharField):
    """One line of text without the white space around and inside it, as papers print it.

    A character no face has is refused where it is typed: behind the form the paper's gate would refuse it.
    """

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return tidy(text) if text else text

    def validate(self, value: str | None) -> None:
        super().validate(value)
        if value and (char := faces.lacking(value)):
            raise forms.ValidationError(f"{faces.called(char)}印不出来，请删去或改成文字")


class PersonalField(TidyField):
    """A telephone, a name that is kept secret: static/js keeps no such field in the browser, and offers none again."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | PERSONAL


class StrokesField(forms.CharField):
    """A drawn signature as static/js/signature.js sends it: a dict of width, height and strokes, or None."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if len(text) > MAX_STROKES:
            raise forms.ValidationError("签名笔画太多，请重签")
        try:
            drawn = json.loads(text)
            strokes = [[[int(x), int(y), int(t)] for x, y, t in stroke] for stroke in drawn["strokes"]]
            size = {"width": int(drawn["width"]), "height": int(drawn["height"])}
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise forms.ValidationError("签名没有收到，请重签") from error
        if not any(strokes) or min(size.values()) <= 0:
            return None
        if max(*size.values(), _farthest(strokes)) > FARTHEST:
            raise forms.ValidationError("签名没有收到，请重签")
        if _extent(strokes) < LEAST_INK * size["width"]:
            raise forms.ValidationError("签名太短，请重签")
        return size | {"strokes": strokes}


def _farthest(strokes: list[list[list[int]]]) -> int:
    return max(abs(place) for stroke in strokes for x, y, _ in stroke for place in (x, y))


def _extent(strokes: list[list[list[int]]]) -> int:
    """Width and height of what was drawn, together."""
    points = [point for stroke in strokes for point in stroke]
    return sum(max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (0, 1))
