"""Every part of the front end in every state, on one page for the eye. Wired in DEBUG only."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.paging import Page
from stations.http import public

TODAY = date(2026, 10, 9)
NOON = datetime(2026, 10, 9, 12, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


class FilterForm(forms.Form):
    q = forms.CharField(label="查找", required=False)
    category = forms.ChoiceField(label="类别", choices=[("", "全部类别"), ("hotel", "小旅店")], required=False)
    risk = forms.ChoiceField(label="风险", choices=[("", "不限"), ("high", "高、较高")], required=False)
    officer = forms.ChoiceField(label="民警", choices=[("", "全部民警")], required=False)


class UnitForm(forms.Form):
    name = forms.CharField(label="单位名称", max_length=60, help_text="与营业执照一致")
    code = forms.RegexField(
        label="统一社会信用代码",
        regex=r"^[0-9A-Z]{18}$",
        error_messages={"invalid": "应为 18 位数字或大写字母"},
        required=False,
    )
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("hotel", "小旅店")])
    floors = forms.MultipleChoiceField(
        label="使用楼层", choices=[("1", "一层"), ("2", "二层")], widget=forms.CheckboxSelectMultiple
    )
    gas = forms.ChoiceField(label="燃气", choices=[("no", "无"), ("pipe", "管道")], widget=forms.RadioSelect)
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    lived_in = forms.BooleanField(label="有人住宿", required=False)


def explanation() -> list[dict[str, Any]]:
    """Three working days after 30 September 2026: the National Day holiday, then a make-up Saturday."""
    first = date(2026, 9, 30)
    holiday = [{"date": first + timedelta(days=n), "kind": "skip", "label": "国庆节放假"} for n in range(1, 8)]
    return [
        {"date": first, "kind": "start", "label": "改正期限届满"},
        *holiday,
        {"date": date(2026, 10, 8), "kind": "count", "label": ""},
        {"date": date(2026, 10, 9), "kind": "count", "label": ""},
        {"date": date(2026, 10, 10), "kind": "due", "label": "", "work": True},
    ]


def units() -> list[dict[str, str]]:
    rows = [
        ("城北驾校食堂", "体育路 9 号", "小餐饮", "st-amber", "较高", "2", "送达逾期 2 个工作日", "over", "张某"),
        ("金色年华歌厅", "北大街 88 号", "小歌舞娱乐", "st-red", "高", "3", "今天移送", "today", "李某"),
        ("利群旅馆", "水门北街 46 号", "小旅店", "st-amber", "较高", "1", "复查还剩 1 个工作日", "soon", "李某"),
        ("新华南街老年公寓", "新华南街 21 号", "小型医疗机构", "st-red", "高", "1", "限期 10月16日", "later", "张某"),
        ("彦博路小学校外托管班", "彦博路 7 号", "小型学校幼儿园", "st-green", "低", "0", "已检查", "done", "张某"),
    ]
    keys = ("name", "address", "category", "colour", "risk", "hazards", "words", "tone", "officer")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def timeline() -> list[dict[str, Any]]:
    paper = {"url": "#", "label": "介公（北关）消限字〔2026〕第0029号"}
    return [
        {"when": "2026-10-10 前", "title": "第 2 次复查", "text": "责任人 李某", "tone": "next"},
        {"when": date(2026, 9, 28), "title": "第 1 次复查：未改正完", "text": "4 处中 3 处合格。", "tone": "red"},
        {"when": NOON, "title": "送达", "text": "直接送达，当场签收。", "tone": "green", "links": [paper]},
        {"when": date(2026, 9, 22), "title": "责令限期改正", "text": "", "by": "签发 王某", "links": [paper]},
    ]


def page() -> Page[Any]:
    return Page(rows=units(), total=12_345, next_cursor="next", previous_cursor="previous")


def states() -> dict[str, Any]:
    """What a part can be: tones of a clock, colours of a status, steps, a refusal."""
    steps = [
        ("发现", "done"),
        ("责令", "done"),
        ("第 1 次复查未通过", "red"),
        ("第 2 次复查", "now"),
        ("销号或移送", ""),
    ]
    tones = [
        ("逾期 3 个工作日", "over"),
        ("今天到期", "today"),
        ("还剩 2 个工作日", "soon"),
        ("限期 10月16日", "later"),
    ]
    return {
        "steps": [{"words": words, "state": state} for words, state in steps],
        "tones": [*tones, ("已复查", "done")],
        "colours": ["red", "amber", "green", "blue", "line"],
        "progress": {"done": 1840, "total": 3063, "words": "正在导入", "url": "", "finished": True},
        "refusal": RuleError("还没有送达，不能登记复查", basis="监督检查规定第20条", remedy="先登记送达，再开始复查"),
        "trend": [88.2, 89.0, 91.5, None, 90.3, 94.0],
    }


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page of parts; a part that looks wrong is mended in static/scss."""
    wrong = UnitForm({"name": "利群旅馆", "code": "9214", "category": ""})
    wrong.is_valid()
    context = states() | {
        "nav_key": "units",
        "today": TODAY,
        "now": NOON,
        "page": page(),
        "filter_form": FilterForm(request.GET, auto_id="filter_%s"),
        "form": wrong,
        "fresh_form": UnitForm(prefix="new"),
        "explanation": explanation(),
        "entries": timeline(),
    }
    return render(request, "styleguide.html", context)
