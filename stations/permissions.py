"""Who may do what: one table. Every view and API operation names one capability."""

from typing import Protocol

from django.db import models


class Role(models.TextChoices):
    """The posts a person can hold; one at a time."""

    ASSISTANT = "ASSISTANT", "辅警"
    OFFICER = "OFFICER", "民警"
    CHIEF = "CHIEF", "所长"
    SUPERVISOR = "SUPERVISOR", "消防监督员"
    BRIGADE_LEADER = "BRIGADE_LEADER", "大队领导"
    BUREAU_OFFICER = "BUREAU_OFFICER", "分局业务民警"
    BUREAU_LEADER = "BUREAU_LEADER", "局领导"
    SYSTEM_ADMIN = "SYSTEM_ADMIN", "系统管理员"
    SECURITY_ADMIN = "SECURITY_ADMIN", "安全管理员"
    AUDIT_ADMIN = "AUDIT_ADMIN", "审计管理员"


class Can(models.TextChoices):
    """What a view or an API operation asks for."""

    VIEW_WORKBENCH = "VIEW_WORKBENCH", "查看工作台"
    SEARCH = "SEARCH", "搜索"
    VIEW_UNITS = "VIEW_UNITS", "查看单位"
    EDIT_UNITS = "EDIT_UNITS", "登记、修改单位"
    CLOSE_UNITS = "CLOSE_UNITS", "关闭、恢复单位"
    ASSIGN_UNITS = "ASSIGN_UNITS", "分配责任民警"
    IMPORT_UNITS = "IMPORT_UNITS", "导入台账"
    VIEW_INSPECTIONS = "VIEW_INSPECTIONS", "查看检查"
    INSPECT = "INSPECT", "开展检查"
    CATALOGUE = "CATALOGUE", "查看隐患库"
    EDIT_CATALOGUE = "EDIT_CATALOGUE", "核定隐患库"
    VIEW_HAZARDS = "VIEW_HAZARDS", "查看隐患与文书"
    ISSUE_PAPERS = "ISSUE_PAPERS", "签发文书"
    SERVE = "SERVE", "登记送达"
    REINSPECT = "REINSPECT", "复查"
    REFER = "REFER", "移送"
    APPROVE_EXTENSIONS = "APPROVE_EXTENSIONS", "审批延期"
    ANSWER_REFERRALS = "ANSWER_REFERRALS", "接收移送、登记处理结果"
    VIEW_COMPLAINTS = "VIEW_COMPLAINTS", "查看举报"
    HANDLE_COMPLAINTS = "HANDLE_COMPLAINTS", "受理、核查、答复举报"
    HAND_OVER = "HAND_OVER", "移交工作"
    VIEW_REPORTS = "VIEW_REPORTS", "查看月报"
    HAND_IN_REPORTS = "HAND_IN_REPORTS", "报送月报"
    ENTER_OPEN_ORDERS = "ENTER_OPEN_ORDERS", "录入存量文书"
    VOID_PAPERS = "VOID_PAPERS", "作废文书"
    SET_NUMBERS = "SET_NUMBERS", "设定文书起始号"
    ANSWER_FILINGS = "ANSWER_FILINGS", "补正备案"
    VIEW_FILINGS = "VIEW_FILINGS", "查看备案审查"
    REVIEW_FILINGS = "REVIEW_FILINGS", "备案审查"
    VIEW_ASSESSMENT = "VIEW_ASSESSMENT", "查看考核"
    PUBLISH_ASSESSMENT = "PUBLISH_ASSESSMENT", "发布考核"
    EDIT_SCHEME = "EDIT_SCHEME", "设定考核办法"
    VIEW_RULES = "VIEW_RULES", "查看期限规则与日历"
    EDIT_RULES = "EDIT_RULES", "核定、修改期限规则"
    EDIT_CALENDAR = "EDIT_CALENDAR", "维护工作日历"
    EXPORT = "EXPORT", "导出"
    OWN_ACCOUNT = "OWN_ACCOUNT", "本人账号与消息"
    MANAGE_PEOPLE = "MANAGE_PEOPLE", "管理账号"
    MANAGE_ORGANISATIONS = "MANAGE_ORGANISATIONS", "管理机构"
    MANAGE_SETTINGS = "MANAGE_SETTINGS", "管理权限与设置"
    VIEW_TRAIL = "VIEW_TRAIL", "查看审计记录"
    VIEW_ALARMS = "VIEW_ALARMS", "查看、处置安全告警"


class Capable(Protocol):
    """Whoever holds a post. `stations.User` fits."""

    role: str

    def can(self, capability: Can) -> bool: ...


_EVERYONE = {Can.OWN_ACCOUNT, Can.VIEW_WORKBENCH}
_READERS = _EVERYONE | {
    Can.SEARCH,
    Can.VIEW_UNITS,
    Can.VIEW_INSPECTIONS,
    Can.CATALOGUE,
    Can.VIEW_HAZARDS,
    Can.VIEW_FILINGS,
    Can.VIEW_ASSESSMENT,
    Can.VIEW_RULES,
    Can.VIEW_COMPLAINTS,
    Can.VIEW_REPORTS,
}
_OFFICER = _READERS | {
    Can.EDIT_UNITS,
    Can.CLOSE_UNITS,
    Can.INSPECT,
    Can.ISSUE_PAPERS,
    Can.SERVE,
    Can.REINSPECT,
    Can.REFER,
    Can.ANSWER_FILINGS,
    Can.HANDLE_COMPLAINTS,
    Can.EXPORT,
}

ROLE_CAN: dict[Role, frozenset[Can]] = {
    # 国办发〔2024〕54号: an assistant never inspects alone; he reads and keeps the ledger. What ends
    # a unit's duties decides something: closing it, and saying that two entries are one, is an officer's.
    Role.ASSISTANT: frozenset(
        (_READERS | {Can.EDIT_UNITS}) - {Can.VIEW_ASSESSMENT, Can.VIEW_FILINGS, Can.VIEW_COMPLAINTS, Can.VIEW_REPORTS}
    ),
    Role.OFFICER: frozenset(_OFFICER),
    Role.CHIEF: frozenset(
        _OFFICER
        | {
            Can.ASSIGN_UNITS,
            Can.IMPORT_UNITS,
            Can.VOID_PAPERS,
            Can.SET_NUMBERS,
            Can.ENTER_OPEN_ORDERS,
            Can.APPROVE_EXTENSIONS,
            Can.HAND_OVER,
            Can.HAND_IN_REPORTS,
        }
    ),
    Role.SUPERVISOR: frozenset(_READERS | {Can.REVIEW_FILINGS, Can.ANSWER_REFERRALS, Can.EXPORT}),
    Role.BRIGADE_LEADER: frozenset(
        _READERS | {Can.REVIEW_FILINGS, Can.ANSWER_REFERRALS, Can.EXPORT, Can.EDIT_CATALOGUE}
    ),
    Role.BUREAU_OFFICER: frozenset(
        _READERS
        | {
            Can.EDIT_UNITS,
            Can.CLOSE_UNITS,
            Can.ASSIGN_UNITS,
            Can.IMPORT_UNITS,
            Can.EDIT_RULES,
            Can.EDIT_CALENDAR,
            Can.EDIT_CATALOGUE,
            Can.EDIT_SCHEME,
            Can.PUBLISH_ASSESSMENT,
            Can.EXPORT,
        }
    ),
    Role.BUREAU_LEADER: frozenset(_READERS | {Can.EXPORT}),
    # 等保三级 8.1.4: the three administrators exclude each other and every business role.
    Role.SYSTEM_ADMIN: frozenset({Can.OWN_ACCOUNT, Can.MANAGE_PEOPLE, Can.MANAGE_ORGANISATIONS}),
    Role.SECURITY_ADMIN: frozenset({Can.OWN_ACCOUNT, Can.MANAGE_SETTINGS, Can.VIEW_ALARMS}),
    Role.AUDIT_ADMIN: frozenset({Can.OWN_ACCOUNT, Can.VIEW_TRAIL, Can.VIEW_ALARMS}),
}

# 行政处罚法42、程序规定52: who counts as one of the two officers an inspection needs.
ENFORCERS = frozenset({Role.OFFICER, Role.CHIEF})
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Who fills in sheets on a phone, often without a network for an hour.
AT_THE_DOOR = frozenset({Role.ASSISTANT, Role.OFFICER, Role.CHIEF})


def may_export(user: Capable) -> bool:
    """Whether somebody may take tables out: by the capability, or because he keeps the list he takes (三员)."""
    return user.can(Can.EXPORT) or Role(user.role) in ADMINISTRATORS


class Fresh(models.TextChoices):
    """How lately somebody must have proved who he is."""

    SHIFT = "SHIFT", "每班一次"
    # Within STEP_UP_MINUTES, for any number of acts: one's own keys.
    RECENT = "RECENT", "刚刚"
    EACH = "EACH", "每次"


# What signing in alone does not open. `requires` asks, so that no view has to remember it.
STEP_UP: dict[Can, Fresh] = {
    **dict.fromkeys(
        (
            Can.ISSUE_PAPERS, Can.SERVE, Can.REINSPECT, Can.REFER, Can.APPROVE_EXTENSIONS, Can.ANSWER_REFERRALS,
            Can.HANDLE_COMPLAINTS, Can.ENTER_OPEN_ORDERS, Can.HAND_IN_REPORTS, Can.REVIEW_FILINGS,
            Can.PUBLISH_ASSESSMENT, Can.MANAGE_PEOPLE, Can.MANAGE_ORGANISATIONS, Can.MANAGE_SETTINGS,
        ),
        Fresh.SHIFT,
    ),
    Can.VOID_PAPERS: Fresh.EACH,
    Can.EXPORT: Fresh.EACH,
}  # fmt: skip
