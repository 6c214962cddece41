"""电子送达 as forms: the consent and where the link goes; what the addressee types."""

from datetime import date
from typing import Any

from django import forms

from fire_supervision.lib.forms import DateInput, PersonalField, StrokesField, TidyField
from hazards.forms import officers_of
from hazards.models import Order
from hazards.service_forms import RECORDED, assistant_field
from hazards.ways import RELATIONS
from records.forms import PlaceForm
from records.signatures import Place
from stations.models import User

CHANNELS = ("短信", "微信", "电子邮件")
# A signature of no strokes.
UNSIGNED = {"width": 1, "height": 1, "strokes": []}


class DispatchForm(PlaceForm):
    """发送链接. The consent is signed last: it is bound to everything above it."""

    # A paper one may be kept instead of what is drawn, and the device may tell the place.
    use_required_attribute = False

    consented_by = TidyField(label="同意人", max_length=60, help_text="法定代表人、负责人或者其委托的人")
    consented_on = forms.DateField(label="同意日期", widget=DateInput())
    consent = StrokesField(label="确认书签名", required=False)
    consent_paper = TidyField(
        label="纸质确认书",
        max_length=80,
        required=False,
        help_text="已在纸上签的，写明编号或者存放处；在屏幕上签的不用填",
    )
    channel = TidyField(
        label="用什么发送", max_length=40, widget=forms.TextInput({"list": "known-channel", "autocomplete": "off"})
    )
    account = PersonalField(
        label="接收号码",
        max_length=80,
        min_length=4,
        help_text="手机号、微信号或者邮箱，与确认书一致。打开链接时须输入后四位（邮箱@前的最后四位）",
    )
    second = forms.ModelChoiceField(User.objects.none(), label="第二送达人", required=False, empty_label="没有")
    recorder_no = TidyField(label="执法记录仪文件号", max_length=80, required=False, help_text=RECORDED)

    def __init__(self, order: Order, user: User, today: date, data: Any = None) -> None:
        visit = order.inspection
        others = [pk for pk in (visit.lead_id, visit.second_id) if pk != user.pk] if visit else []
        initial = {
            "consented_by": order.unit.person or (visit.companion if visit else ""),
            "consented_on": today,
            "channel": CHANNELS[0],
            "account": order.unit.phone,
            "second": next(iter(others), None),
            "place": order.unit.address,
        }
        super().__init__(data, initial=initial)
        colleagues = officers_of(order.station_id).exclude(pk=user.pk)
        self.fields["second"].queryset = colleagues  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["assistant"] = assistant_field(order)

    def link(self) -> dict[str, Any]:
        """What `hazards.dispatching.dispatch` takes of it."""
        own = {name: value for name, value in self.cleaned_data.items() if name not in PlaceForm.base_fields}
        return own | {"place": self.signed_at(), "seen": self.data.get("seen", "")}

    def to_read(self) -> dict[str, Any]:
        """The same for a draft: the 确认书 is read before it is signed, and until then has room for the name."""
        signed = self.cleaned_data["consent"] or self.cleaned_data["consent_paper"]
        return self.link() | ({} if signed else {"consent": UNSIGNED})


class LastFourForm(forms.Form):
    """Who opens the link shows that it was sent to him."""

    # Less of an address that has less before its @.
    last_four = forms.CharField(
        label="接收号码后四位",
        max_length=4,
        help_text="派出所发送这个链接时用的手机号、微信号的最后四位；是邮箱的，填邮箱@前的最后四位，不足四位的填@前的全部字符。"
        "字母不分大小写",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )


class AcknowledgeForm(PlaceForm):
    """确认收悉: who signs, as what, where his telephone tells, and the signature."""

    # Nobody asks the addressee to write down where he is; what his telephone tells he may add.
    place = None  # type: ignore[assignment] # how a form leaves out an inherited field
    name = TidyField(label="姓名", max_length=30)
    relation = forms.ChoiceField(
        label="与受送达人关系", choices=[("", "请选择"), *((words, words) for words in RELATIONS)]
    )
    strokes = StrokesField(label="签名", error_messages={"required": "请在方框里签名"})

    def signature(self) -> dict[str, Any]:
        """What `hazards.dispatching.acknowledge_dispatch` takes of it."""
        given = {name: self.cleaned_data[name] for name in ("name", "relation", "strokes")}
        return given | {"place": Place("", self.cleaned_data["latitude"], self.cleaned_data["longitude"])}
