"""What the frame around every page shows: navigation by capability, unread messages, the organisation."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from stations.messages import unread
from stations.models import User
from stations.permissions import Can, Role
from stations.sessions import idle_time


@dataclass(frozen=True)
class Entry:
    """One word of the navigation and the capability that shows it."""

    key: str
    label: str
    icon: str
    url_name: str
    capability: Can


RAIL = (
    Entry("workbench", "工作台", "grid-1x2", "desk:workbench", Can.VIEW_WORKBENCH),
    Entry("units", "单位", "shop", "units:list", Can.VIEW_UNITS),
    Entry("inspections", "检查", "clipboard-check", "inspections:list", Can.VIEW_INSPECTIONS),
    Entry("complaints", "举报", "telephone", "inspections:complaints", Can.VIEW_COMPLAINTS),
    Entry("hazards", "隐患", "exclamation-triangle", "hazards:list", Can.VIEW_HAZARDS),
    Entry("clocks", "期限", "clock-history", "deadlines:clocks", Can.VIEW_HAZARDS),
    Entry("papers", "文书", "file-earmark-text", "records:list", Can.VIEW_HAZARDS),
    Entry("filings", "备案审查", "inbox", "filings:queue", Can.REVIEW_FILINGS),
    Entry("returned", "退回补正", "inbox", "filings:returned", Can.ANSWER_FILINGS),
    Entry("monthly", "月报", "calendar-check", "filings:monthly", Can.VIEW_REPORTS),
    Entry("assessments", "考核", "bar-chart", "assessments:current", Can.VIEW_ASSESSMENT),
    Entry("catalogue", "隐患库", "book", "inspections:catalogue", Can.CATALOGUE),
    Entry("rules", "规则与日历", "calendar3", "deadlines:rules", Can.VIEW_RULES),
    Entry("people", "人员", "people", "stations:people", Can.MANAGE_PEOPLE),
    Entry("organisations", "机构", "building", "stations:organisations", Can.MANAGE_ORGANISATIONS),
    Entry("settings", "权限与设置", "gear", "stations:settings", Can.MANAGE_SETTINGS),
    Entry("seals", "印章", "award", "records:seals", Can.MANAGE_SETTINGS),
    Entry("trail", "审计记录", "journal-text", "trail:list", Can.VIEW_TRAIL),
    Entry("alarms", "安全告警", "bell", "trail:alarms", Can.VIEW_ALARMS),
)
OWN = Entry("me", "我的", "person", "stations:me", Can.OWN_ACCOUNT)
# Four in thumb reach; who has none of the first three (an administrator) gets his own work instead.
TABS = (
    "workbench", "filings", "inspections", "units", "people", "organisations", "settings", "seals", "trail", "alarms",
)  # fmt: skip
# Whoever watches rather than inspects looks at the quarter first.
WATCHING = ("workbench", "filings", "assessments", "units", "inspections", *TABS[4:])


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        return {}
    rail = [_shown(entry) for entry in RAIL if user.can(entry.capability)]
    order = TABS if user.can(Can.INSPECT) or not user.can(Can.VIEW_ASSESSMENT) else WATCHING
    tabs = sorted((entry for entry in rail if entry["key"] in order), key=lambda entry: order.index(entry["key"]))[:3]
    return {
        "nav": rail,
        "tabs": [*tabs, _shown(OWN)],
        # The person of a request brings the number along (OfficerBackend); anybody else costs a query.
        "unread_messages": unread(user) if user.unread is None else user.unread,
        "organisation_line": user.organisation.heading,
        "idle_seconds": int(idle_time(Role(user.role)).total_seconds()),
        "frame_urls": {"search": reverse("desk:search") if user.can(Can.SEARCH) else None},
    }


def _shown(entry: Entry) -> dict[str, Any]:
    return {"key": entry.key, "label": entry.label, "icon": entry.icon, "url": reverse(entry.url_name)}
