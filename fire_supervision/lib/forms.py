"""The words of an empty field, said once for every form."""

from django import forms

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
