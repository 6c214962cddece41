"""What a request leaves in the trail besides the acts it does: refusals, and what left the system as a file.

After the response, in a transaction of its own: the view's may have been rolled back, and a refusal is told all the
same.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

from fire_supervision.lib import sought
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.masking import link_hidden
from fire_supervision.lib.viruses import Stopped, stopped
from stations.models import User
from stations.wall import row_exists
from trail.context import written
from trail.record import notice, record_refusal

WORDS = {403: "无权访问", 404: "不存在或不在管辖范围", 409: "按规则不能办理"}
# Told of whoever it is, signed in or not. By the page, not its address: that may be a link which opens something.
OF_ANYBODY = {403: "表单不是从本系统页面提交的", 429: "请求过于频繁"}
# Pages open to everybody: at a paper's QR an unknown token is a forged paper, at a link one that was guessed or is
# lost. What was tried at a link is told by its digest: a true one would open it.
FORGED = {
    "verify": ("records.verify_failed", "核验一份查不到的文书"),
    "receipt": ("hazards.link_failed", "打开查不到的电子送达链接"),
    "receipt_paper": ("hazards.link_failed", "打开查不到的电子送达链接"),
}


class Witness:
    """Stands inside `rule_refusals`, so that it is asked about an exception before that one answers it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token, files = written.set(set()), stopped.set([])
        try:
            response = self.get_response(request)
            self._notice(request, response, frozenset(written.get() or ()))
            for file in stopped.get() or ():
                self._stopped(request, file)
        finally:
            written.reset(token)
            stopped.reset(files)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Keep why; the answer is somebody else's."""
        request.refused_with = exception  # type: ignore[attr-defined] # read below, within the same request

    def _notice(self, request: HttpRequest, response: HttpResponse, told: frozenset[str]) -> None:
        user = getattr(request, "user", None)
        match = request.resolver_match
        if match is None:
            return
        if match.view_name in FORGED and response.status_code == 404:
            _forged(request, user if isinstance(user, User) else None)
        # A number that is locked answers the same, and its failure is told already.
        elif (response.status_code == 429 and not told) or (response.status_code == 403 and not isinstance(user, User)):
            turned_away(request, user if isinstance(user, User) else None, response.status_code)
        elif isinstance(user, User) and user.is_active and user.pk:
            room = match.func.__module__.split(".")[0]
            if response.status_code in WORDS:
                self._refused(request, user, room, response.status_code)
            elif _is_file(response) and not any(act.split(".")[1].startswith(("export", "download")) for act in told):
                name, path = _file_name(response), sought.told(request.get_full_path(), user.pk)
                words = f"导出、下载{name}"
                after = {"path": path[:200], "file": name[:120]}
                notice(user, f"{room}.export", words[:200], after=after, bureau_id=user.organisation.bureau_id)

    def _stopped(self, request: HttpRequest, file: Stopped) -> None:
        """A file the virus scanner did not let in."""
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or match is None:
            return
        act, words = ("virus", f"文件带有病毒（{file.virus}）") if file.virus else ("unscanned", "病毒扫描程序没有应答")
        after = {"path": request.path[:200], "virus": file.virus}
        room, bureau_id = match.func.__module__.split(".")[0], user.organisation.bureau_id
        notice(user, f"{room}.{act}", f"{words}，没有收下：{request.path[:150]}", after=after, bureau_id=bureau_id)

    def _refused(self, request: HttpRequest, user: User, room: str, status: int) -> None:
        exception = getattr(request, "refused_with", None)
        values = request.resolver_match.kwargs if request.resolver_match else {}
        if status == 404 and not values:
            return
        words, after = WORDS[status], {"method": request.method}
        if isinstance(exception, RuleError):
            words = exception.message
        elif isinstance(exception, PermissionDenied) and str(exception):
            words = f"{words}：需要“{exception}”"
        if status == 404:
            after |= _row_asked_for(exception, values)
            words = "越权访问：不在管辖范围" if after.get("exists") else words
        bureau_id = user.organisation.bureau_id
        record_refusal(
            user, room, status, words[:120], path=link_hidden(request.path), after=after, bureau_id=bureau_id
        )


witness = Witness


def _forged(request: HttpRequest, actor: User | None) -> None:
    """Tell of a token that leads nowhere."""
    match = request.resolver_match
    assert match is not None
    (action, words), path = FORGED[match.view_name], link_hidden(request.path)
    after = {"path": path[:200], "address": request.META.get("REMOTE_ADDR")}
    notice(actor, action, f"{words}：{path[:150]}", after=after)


def turned_away(request: HttpRequest, actor: User | None, status: int) -> None:
    """Tell of what was refused before anybody looked at it: too often, or not by a form of ours."""
    match = request.resolver_match
    assert match is not None
    bureau_id = actor.organisation.bureau_id if actor else None
    room, after = match.func.__module__.split(".")[0], {"method": request.method}
    record_refusal(actor, room, status, OF_ANYBODY[status], path=f"/{match.route}", after=after, bureau_id=bureau_id)


def _row_asked_for(exception: Exception | None, values: dict[str, Any]) -> dict[str, Any]:
    """Which row a 404 was about, and whether there is one, out of the reach of whoever asked."""
    cause = exception.__context__ if exception else None
    pk = values.get("pk") or next((value for value in values.values() if isinstance(value, int)), None)
    if not isinstance(cause, ObjectDoesNotExist) or not isinstance(pk, int):
        return {}
    model: type[models.Model] | None = next(
        (each for each in apps.get_models() if type(cause) is getattr(each, "DoesNotExist", None)), None
    )
    if model is None:
        return {}
    return {"subject": model._meta.label_lower, "subject_id": pk, "exists": row_exists(model, pk)}


def _is_file(response: HttpResponse) -> bool:
    return response.status_code == 200 and response.get("Content-Disposition", "").startswith("attachment")


def _file_name(response: HttpResponse) -> str:
    """The name a browser saves it under."""
    header = response["Content-Disposition"]
    _, _, name = header.partition("filename*=")
    name = name.split("''", 1)[-1] if name else header.partition("filename=")[2].strip('"')
    return unquote(name.split(";")[0])
