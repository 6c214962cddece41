"""Who we are and who may: the organisation tree, the officers, who guides whom, in-app messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager
from django.db import connection, models
from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from fire_supervision.lib.encrypted import EncryptedTextField
from stations.entrances import is_over
from stations.permissions import ENFORCERS, ROLE_CAN, Can, Role
from stations.reach import NEEDS, in_reach, roles_with
from stations.scope import Scope
from trail.models import NOBODYS


class OrganisationKind(models.TextChoices):
    """What an organisation is; brigade and township stand outside the police tree (2019 转隶)."""

    BUREAU = "BUREAU", "公安局、分局"
    STATION = "STATION", "派出所"
    OFFICE = "OFFICE", "警务室"
    BRIGADE = "BRIGADE", "消防救援大队"
    TOWNSHIP = "TOWNSHIP", "乡镇、街道"


def organisation_kinds() -> list[tuple[str, str]]:
    return OrganisationKind.choices


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def stations(self) -> Self:
        return self.filter(kind=OrganisationKind.STATION, is_active=True)

    def for_user(self, user: User | AnonymousUser) -> Self:
        """The organisations whose work ``user`` sees: own, those below, those guided."""
        if isinstance(user, AnonymousUser):
            return self.none()
        scope = user.scope()
        return self.filter(
            Q(pk__in=scope.bureaus | scope.stations | scope.offices)
            | Q(bureau_id__in=scope.bureaus)
            | Q(kind=OrganisationKind.OFFICE, parent_id__in=scope.stations)
        )

    def managed_by(self, admin: User) -> Self:
        """The organisations a system administrator keeps: the tree below his bureau and the brigades beside it.

        A brigade that guides nobody yet belongs to the bureau that entered it, or to the top of the tree.
        """
        bureaus = _bureaus_below(admin.organisation_id)
        kept = Q(bureau_id__in=bureaus) | Q(parent_id__in=bureaus)
        kept |= Q(pk__in=Organisation.objects.filter(bureau_id__in=bureaus, brigade__isnull=False).values("brigade"))
        if admin.organisation.parent_id is None:
            guiding = Organisation.objects.filter(brigade__isnull=False).values("brigade")
            kept |= Q(bureau__isnull=True, parent__isnull=True) & ~Q(pk__in=guiding)
        return self.filter(kept)


class Organisation(models.Model):
    """One node of the tree. ``bureau`` is the nearest bureau above (itself for a bureau; none for a brigade)."""

    kind = models.CharField("类别", max_length=10, choices=organisation_kinds)
    name = models.CharField("名称", max_length=60, help_text="全称，如“城关派出所”")
    short_name = models.CharField("简称", max_length=20, blank=True, help_text="文书号里的所名，如“城关”")
    issuer_name = models.CharField("文书抬头", max_length=80, blank=True, help_text="印在文书上的机关名称")
    code_word = models.CharField("机关代字", max_length=10, blank=True, help_text="文书号的第一部分，如“江公”")
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", verbose_name="上级机构", null=True, blank=True
    )
    bureau = models.ForeignKey(
        "self", models.PROTECT, related_name="+", verbose_name="所属公安机关", null=True, blank=True
    )
    brigade = models.ForeignKey(
        "self", models.PROTECT, related_name="guided_stations", verbose_name="业务指导大队", null=True, blank=True
    )
    is_active = models.BooleanField("启用", default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "机构"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["bureau", "name"], name="organisation_name_once_a_bureau"),
            models.CheckConstraint(
                condition=~Q(kind__in=["STATION", "OFFICE"]) | Q(parent__isnull=False), name="organisation_has_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def scope_columns(self) -> dict[str, int | None]:
        """The scope columns of a row that belongs here; raises ValueError for a kind that owns no rows."""
        if self.kind == OrganisationKind.STATION:
            return {"bureau_id": self.bureau_id, "station_id": self.pk, "office_id": None}
        if self.kind == OrganisationKind.OFFICE:
            return {"bureau_id": self.bureau_id, "station_id": self.parent_id, "office_id": self.pk}
        raise ValueError(f"{self.get_kind_display()} owns no supervised premises")

    @property
    def heading(self) -> str:
        """The name printed at the head of a paper."""
        return self.issuer_name or self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, number: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; ``password`` None leaves the account without a usable one."""
        user = self.model(number=number, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.select_related("organisation").get(number=username)


class UserQuerySet(models.QuerySet["User"]):
    def working(self) -> Self:
        return self.filter(is_active=True)

    def unused(self, at: datetime) -> Self:
        """Open accounts nobody has signed in with for UNUSED_DAYS, nor since they were opened (等保 8.1.4.2 c)."""
        long_ago = at - timedelta(days=settings.UNUSED_DAYS)
        return self.working().filter(created_at__lt=long_ago).exclude(last_login__gte=long_ago)

    def enforcers(self) -> Self:
        """Those who count as one of the two officers an inspection needs (行政处罚法42)."""
        return self.working().filter(role__in=ENFORCERS).exclude(certificate_no="")

    def of_station(self, station_id: int) -> Self:
        """The people of a station and its police offices."""
        return self.filter(Q(organisation_id=station_id) | Q(organisation__parent_id=station_id))

    def with_unread(self) -> Self:
        """Each person with ``unread``, the number of messages not read yet.

        PostgreSQL counts in a function of its own: the person is fetched before anything is told of his reach.
        """
        if connection.vendor == "postgresql":
            may = Value(",".join(f"{role} {need}" for need in NEEDS for role in roles_with(need)))
            return self.annotate(unread=Func(F("pk"), may, function="unread_messages", output_field=IntegerField()))
        waiting = Message.objects.filter(in_reach(), user=OuterRef("pk")).unread().order_by().values("user")
        return self.annotate(unread=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0))

    def for_user(self, user: User | AnonymousUser) -> Self:
        """The people in the organisations ``user`` sees."""
        return self.filter(organisation__in=Organisation.objects.for_user(user))

    def managed_by(self, admin: User) -> Self:
        """The people in the organisations a system administrator keeps."""
        return self.filter(organisation__in=Organisation.objects.managed_by(admin))


class User(AbstractBaseUser):
    """A person who signs in with the police number. Role and organisation of today; history is in Posting."""

    number = models.CharField("警号", max_length=20, unique=True, error_messages={"unique": "这个警号已经登记"})
    name = models.CharField("姓名", max_length=60)
    role = models.CharField("岗位", max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people", verbose_name="机构")
    certificate_no = models.CharField("执法证号", max_length=40, blank=True, help_text="人民警察证或行政执法证编号")
    phone = EncryptedTextField("电话", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    password_since = models.DateTimeField("密码设定时间", default=timezone.now)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    # Who gave him an administrator's post, or its password, until somebody else confirms it (`administrators`).
    appointed_by = models.ForeignKey(
        "self", models.PROTECT, related_name="+", verbose_name="办理人，待确认", null=True, blank=True
    )

    objects = UserManager.from_queryset(UserQuerySet)()

    # From `with_unread`; None for a person fetched otherwise.
    unread: int | None = None

    USERNAME_FIELD = "number"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = "人员"
        ordering = ["organisation", "number"]

    def __str__(self) -> str:
        return self.name

    def can(self, capability: Can) -> bool:
        """Whether the post gives ``capability``; who is disabled, or not confirmed yet, has none."""
        return self.is_active and self.appointed_by_id is None and capability in ROLE_CAN[Role(self.role)]

    def needs_new_password(self, at: datetime) -> bool:
        """Whether nothing else may be done before the password is changed: set by an administrator, or too old."""
        return self.must_change_password or is_over(self.password_since, settings.PASSWORD_DAYS, at)

    def first_password_is_over(self, at: datetime) -> bool:
        """Whether a password an administrator set was not replaced in time: it opens nothing any more."""
        return self.must_change_password and is_over(self.password_since, settings.FIRST_PASSWORD_DAYS, at)

    def scope(self) -> Scope:
        """The rows this person reaches, resolved once per instance (a request holds one)."""
        return self._scope

    @cached_property
    def _scope(self) -> Scope:
        if not self.is_active:
            return Scope()
        match Role(self.role):
            case Role.SYSTEM_ADMIN | Role.SECURITY_ADMIN | Role.AUDIT_ADMIN:
                return Scope()
            case Role.BRIGADE_LEADER:
                return Scope(stations=_ids(Organisation.objects.stations().filter(brigade_id=self.organisation_id)))
            case Role.SUPERVISOR:
                return Scope(stations=frozenset(Guidance.objects.of(self).values_list("station_id", flat=True)))
            case Role.BUREAU_OFFICER | Role.BUREAU_LEADER:
                return Scope(bureaus=_bureaus_below(self.organisation_id))
            case _:
                return self._station_scope()

    def audited_bureaus(self) -> frozenset[int]:
        """The bureaus whose part of the trail this person reads; NOBODYS among them at the top."""
        if not self.can(Can.VIEW_TRAIL):
            return frozenset()
        return _bureaus_below(self.organisation_id) | self.audits_nobodys

    @property
    def audits_nobodys(self) -> frozenset[int]:
        """NOBODYS for an administrator with no bureau above him."""
        return frozenset({NOBODYS}) if self.organisation.parent_id is None else frozenset()

    def _station_scope(self) -> Scope:
        if self.organisation.kind == OrganisationKind.OFFICE:
            return Scope(offices=frozenset({self.organisation_id}))
        if self.organisation.kind == OrganisationKind.STATION:
            return Scope(stations=frozenset({self.organisation_id}))
        return Scope()

    @property
    def station_id(self) -> int | None:
        """The station this person works for; None outside a station."""
        return self._station_columns()["station_id"]

    @property
    def bureau_id(self) -> int | None:
        return self.organisation.bureau_id

    @property
    def office_id(self) -> int | None:
        return self._station_columns()["office_id"]

    def _station_columns(self) -> dict[str, int | None]:
        if self.organisation.kind in (OrganisationKind.STATION, OrganisationKind.OFFICE):
            return self.organisation.scope_columns()
        return {"bureau_id": self.organisation.bureau_id, "station_id": None, "office_id": None}

    @property
    def is_in_office(self) -> bool:
        """Whether the person works in a 警务室 and so sees part of a station, not the whole."""
        return self.organisation.kind == OrganisationKind.OFFICE

    @property
    def home_station(self) -> Organisation:
        """The station of a station officer; raises ValueError for anybody else."""
        if self.organisation.kind == OrganisationKind.STATION:
            return self.organisation
        if self.organisation.kind == OrganisationKind.OFFICE and self.organisation.parent is not None:
            return self.organisation.parent
        raise ValueError(f"{self.name} works at no station")


def _ids(queryset: models.QuerySet[Organisation]) -> frozenset[int]:
    return frozenset(queryset.values_list("pk", flat=True))


def _bureaus_below(bureau_id: int) -> frozenset[int]:
    """The bureau and every bureau under it; one query a level, and there are two or three levels."""
    found: set[int] = set()
    level: Iterable[int] = {bureau_id}
    while level:
        found |= set(level)
        level = _ids(Organisation.objects.filter(kind=OrganisationKind.BUREAU, parent_id__in=level)) - found
    return frozenset(found)


class Posting(models.Model):
    """Where somebody stood and as what; history keeps the old name on old papers."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="人员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    role = models.CharField("岗位", max_length=20, choices=Role.choices)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "任职"
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(until__isnull=True), name="posting_one_open_a_person"),
        ]


class GuidanceQuerySet(models.QuerySet["Guidance"]):
    def of(self, user: User) -> Self:
        """The stations ``user`` guides, himself or as a substitute."""
        return self.filter(Q(supervisor=user) | Q(substitute=user))


class Guidance(models.Model):
    """Which supervisor guides a station, and who stands in."""

    station = models.OneToOneField(Organisation, models.PROTECT, related_name="guidance", verbose_name="派出所")
    supervisor = models.ForeignKey(User, models.PROTECT, related_name="guidances", verbose_name="消防监督员")
    substitute = models.ForeignKey(
        User, models.PROTECT, related_name="substitutions", verbose_name="代管人", null=True, blank=True
    )

    objects = GuidanceQuerySet.as_manager()

    class Meta:
        verbose_name = "业务指导"
        constraints = [
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=models.F("supervisor")),
                name="guidance_substitute_differs",
            )
        ]


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, user: User) -> Self:
        """What ``user`` was told and may be told today: of places he reaches, and of himself."""
        return self.filter(in_reach(), user=user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """An in-app message. ``key`` makes a repeated sweep a no-op: one message a person, duty and step.

    It carries the place of the row it tells of; what concerns the person himself has none.
    """

    # The bureau stands in it only where there is no station, and a station that moves changes nothing.
    goes_along: ClassVar[bool] = False

    user = models.ForeignKey(User, models.CASCADE, related_name="inbox", verbose_name="收件人")
    key = models.CharField(max_length=120)
    title = models.CharField("标题", max_length=120)
    body = models.CharField("内容", max_length=300, blank=True)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读", null=True, blank=True)
    bureau = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="公安机关", null=True, blank=True, db_index=False
    )
    station = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="派出所", null=True, blank=True, db_index=False
    )
    office = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="警务室", null=True, blank=True, db_index=False
    )
    needs = models.CharField("须有权限", max_length=30, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="message_once")]


def today_posting(user: User, on: date) -> Posting:
    """The posting that opens with the person's post of today."""
    return Posting(user=user, organisation=user.organisation, role=user.role, since=on)
