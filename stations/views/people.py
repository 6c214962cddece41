"""Accounts, one by one: the system administrator's pages."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from stations import actions, exports, personal, securing
from stations.forms import EditPersonForm, MoveForm, PersonFilter, PersonForm, ReasonForm
from stations.http import OfficerRequest, requires
from stations.models import Organisation, User, UserQuerySet
from stations.permissions import Can
from stations.personal import Personal

ORDERS = {"number": ["number"], "-number": ["-number"], "name": ["name"], "-name": ["-name"]}


def _kept(request: OfficerRequest) -> UserQuerySet:
    return User.objects.managed_by(request.user).select_related("organisation")


def _person(request: OfficerRequest, pk: int) -> User:
    return get_object_or_404(_kept(request), pk=pk)


@requires(Can.MANAGE_PEOPLE)
def people(request: OfficerRequest) -> HttpResponse:
    everybody = _kept(request)
    form = PersonFilter(request.GET, Organisation.objects.managed_by(request.user), request.user.pk)
    found = form.narrow(everybody, timezone.now())
    if request.GET.get("export"):
        return _export(request, found)
    order = ORDERS.get(request.GET.get("sort", ""), ["number"])
    page = page_of(found, order, request.GET.get("cursor", ""))
    context = {"form": form, "page": page, "of": everybody.count(), "nav_key": "people"}
    return render(request, "stations/person_list.html", context)


def _export(request: OfficerRequest, people: UserQuerySet) -> HttpResponse:
    header = ["警号", "姓名", "岗位", "机构", "执法证号", "电话", "账号", "登记时间", "上次登录"]
    rows = (
        [
            person.number, person.name, person.get_role_display(), person.organisation.name, person.certificate_no,
            personal.shown(request.user, Personal.STAFF_PHONE, person.phone),
            _state(person), person.created_at, person.last_login,
        ]
        for person in people.order_by("number")
    )  # fmt: skip
    return exports.table(request, f"人员 {localdate()}.xlsx", "人员", header, rows)


def _state(person: User) -> str:
    return ("待确认" if person.appointed_by_id else "在用") if person.is_active else "已停用"


@requires(Can.MANAGE_PEOPLE)
@never_cache
def create(request: OfficerRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, Organisation.objects.managed_by(request.user))
    if form.is_valid():
        new = actions.NewPerson(**form.cleaned_data)
        person, password = actions.create_person(request.user, new, localdate())
        return _hand_over(request, [(person, password)])
    return render(request, "stations/person_form.html", {"form": form, "nav_key": "people"})


def _hand_over(request: OfficerRequest, accounts: list[tuple[User, str]]) -> HttpResponse:
    """The one time a password can be seen: it is in this answer and nowhere else, hence no redirect."""
    context = {"accounts": accounts, "days": settings.FIRST_PASSWORD_DAYS, "nav_key": "people"}
    context["waits"] = any(person.appointed_by_id for person, _ in accounts)
    return render(request, "stations/password_detail.html", context)


@requires(Can.MANAGE_PEOPLE)
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    context = {
        "person": person,
        "postings": person.postings.select_related("organisation"),
        "is_self": person.pk == request.user.pk,
        "nav_key": "people",
    }
    return render(request, "stations/person_detail.html", context)


@requires(Can.MANAGE_PEOPLE)
def edit(request: OfficerRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = EditPersonForm(request.POST or None, instance=person, viewer=request.user)
    if form.is_valid():
        actions.edit_person(request.user, pk, form.cleaned_data)
        notices.success(request, "资料已修改。")
        return redirect("stations:person", pk)
    return render(request, "stations/person_form.html", {"form": form, "person": person, "nav_key": "people"})


@requires(Can.MANAGE_PEOPLE)
def move(request: OfficerRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = MoveForm(request.POST or None, Organisation.objects.managed_by(request.user), person)
    if form.is_valid():
        asked = form.cleaned_data
        moved = actions.move_person(
            request.user, pk, asked["role"], asked["organisation"], asked["reason"], localdate()
        )
        done = "，由安全管理员或者审计管理员确认后生效。" if moved.appointed_by_id else "，权限和可见范围即时生效。"
        notices.success(request, f"{person.name}已调动{done}")
        return redirect("stations:person", pk)
    return render(request, "stations/move_form.html", {"form": form, "person": person, "nav_key": "people"})


@never_cache
@requires(Can.MANAGE_PEOPLE)
@require_POST
def phone(request: OfficerRequest, pk: int) -> HttpResponse:
    """显示电话: a deliberate look at one number."""
    person = _person(request, pk)
    securing.reveal_phone(request.user, person)
    return personal.reveal(request, person.phone, person.name, pk, reverse("stations:person", args=[pk]))


@requires(Can.MANAGE_PEOPLE)
@require_POST
def disable(request: OfficerRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, actions.disable_person, "账号已停用，已登录的设备下一次操作即退出。")


@requires(Can.MANAGE_PEOPLE)
@require_POST
def enable(request: OfficerRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, actions.enable_person, "账号已启用。")


def _with_reason(request: OfficerRequest, pk: int, act: Callable[[User, int, str], User], done: str) -> HttpResponse:
    _person(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        act(request.user, pk, form.cleaned_data["reason"])
        notices.success(request, done)
    else:
        notices.error(request, "没有填写原因，账号没有改动。")
    return redirect("stations:person", pk)


@requires(Can.MANAGE_PEOPLE)
@require_POST
@never_cache
def reset(request: OfficerRequest, pk: int) -> HttpResponse:
    _person(request, pk)
    return _hand_over(request, [actions.reset_password(request.user, pk, timezone.now())])
