"""What stands at a field that was left empty."""

from django import forms


class Everything(forms.Form):
    line = forms.CharField()
    day = forms.DateField()
    way = forms.ChoiceField(choices=[("a", "甲")])
    ways = forms.MultipleChoiceField(choices=[("a", "甲")])
    paper = forms.FileField()
    own = forms.CharField(error_messages={"required": "写明在什么部位"})


def test_an_empty_field_asks_for_what_it_wants() -> None:
    assert dict(Everything({}).errors) == {
        "line": ["请填写"],
        "day": ["请填写"],
        "way": ["请选择"],
        "ways": ["请选择"],
        "paper": ["请选择文件"],
        "own": ["写明在什么部位"],
    }


def test_other_words_of_a_field_stay() -> None:
    form = Everything({"line": "x", "day": "昨天", "way": "a", "ways": ["a"], "own": "x"})
    assert form.errors["day"] == ["输入一个有效的日期。"]
