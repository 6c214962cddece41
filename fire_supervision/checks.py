"""Start-up checks: what is missing, and how to mend it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.timezone import localdate

from deadlines.models import CalendarYear
from fire_supervision import presets
from fire_supervision.lib import breached, faces, keyring, sandbox, signing, viruses
from fire_supervision.lib.queue import Job
from fire_supervision.limits import LIMITS
from fire_supervision.presets import Preset
from fire_supervision.wall.raising import exemptions, unwalled
from trail import keys as trail_keys

# What must be there before `migrate` encrypts anything: check --deploy --tag keys.
KEYS = "keys"
# Time enough to ask a certification authority for the next one.
CERTIFICATE_NOTICE = timedelta(days=30)
# The signatures of a scanner that fetches none any more look all right.
SIGNATURES_OLD = timedelta(days=7)


@register(Tags.database)
def calendar_is_filled(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """No deadline can be computed in a year the calendar does not know."""
    if settings.DEBUG or not databases:
        return []
    try:
        known = CalendarYear.objects.filter(year=localdate().year).exists()
    except DatabaseError:  # before the first migrate there is no table to look into
        return []
    if known:
        return []
    return [
        Error(
            f"The working calendar of {localdate().year} is empty.",
            hint="Run: python manage.py seed_calendar, or enter the year under 规则与日历.",
            id="fire_supervision.E003",
        )
    ]


@register(Tags.database, Tags.security, deploy=True)
def the_wall_stands(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Web and worker are held by row-level security, and no table that needs it stands open."""
    if not databases or connection.vendor != "postgresql":
        return []
    exempt = "Connect web as fire_app, worker and beat as fire_sweeps (docs/operations.md, 数据库角色)."
    errors = [Error(f"{words}: row-level security does not hold it.", hint=exempt, id="fire_supervision.E010")
              for words in exemptions()]  # fmt: skip
    if open_tables := unwalled():
        told = f"Row-level security is not whole on {', '.join(open_tables)}."
        errors.append(Error(told, hint="As the owner: python manage.py raise_wall.", id="fire_supervision.E011"))
    return list(errors)


@register()
def jobs_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every name an action sends is a task some worker has; so is every name in the beat schedule."""
    current_app.autodiscover_tasks(force=True)
    wanted = {job.value for job in Job} | {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return [
        Error(f"No task is called {name}.", hint="Name it in the app's tasks.py.", id="fire_supervision.E004")
        for name in sorted(wanted - set(current_app.tasks))
    ]


@register(Tags.security, deploy=True)
def papers_lead_to_a_public_page(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What the QR of a paper says cannot be changed once it is printed."""
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme == "https" and address.hostname not in (None, "localhost", "127.0.0.1", "*"):
        return []
    return [
        Caution(
            f"The QR of a paper leads to {settings.PUBLIC_URL}, which no phone outside opens.",
            hint="Set PUBLIC_URL=https://NAME: it stands on every printed paper.",
            id="fire_supervision.W005",
        )
    ]


@register(Tags.security, deploy=True)
def papers_are_signed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A certificate that cannot be read stops every paper; one whose time is over leaves them unsigned."""
    hint = "Set SIGNING_CERTIFICATE and SIGNING_KEY (docs/operations.md, Certificate of the papers)."
    try:
        ends_at = signing.ends_at()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=hint, id="fire_supervision.E006")]
    if ends_at is None:
        return [Caution("Papers are printed without a digital signature.", hint=hint, id="fire_supervision.W006")]
    if ends_at <= timezone.now() + CERTIFICATE_NOTICE:
        words = f"The certificate of the papers ends on {localdate(ends_at)}; afterwards they are printed unsigned."
        return [Caution(words, hint="Renew it, and keep the old one in SIGNING_TRUST.", id="fire_supervision.W007")]
    return []


@register(Tags.security, KEYS, deploy=True)
def checkpoints_are_signed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without the deployer's key no checkpoint is made, and the trail could be rewritten from its first entry on."""
    hint = "Run: python manage.py make_trail_key FILE, and set TRAIL_KEY=FILE (docs/trail.md)."
    try:
        if trail_keys.signing_key() is not None:
            return []
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=hint, id="fire_supervision.E009")]
    return [Error("TRAIL_KEY is not set.", hint=hint, id="fire_supervision.E009")]


@register(Tags.security, KEYS, deploy=True)
def personal_data_has_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without them no unit with a telephone can be read or written."""
    hint = "DATA_KEYS=id:FILE and INDEX_KEY=FILE, each made by openssl rand -base64 32 (docs/operations.md)."
    return [Error(words, hint=hint, id="fire_supervision.E012") for words in keyring.check()]


@register(Tags.security, deploy=True)
def files_are_scanned(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A scanner that does not answer refuses every file; one with old signatures lets new viruses in."""
    hint = "Set VIRUS_SCANNER=unix:/PATH or tcp:HOST:PORT of clamd (docs/operations.md, Virus scanner)."
    if not settings.VIRUS_SCANNER:
        words = "VIRUS_SCANNER is not set: files are made anew, but none is scanned for viruses."
        return [Caution(words, hint=hint, id="fire_supervision.W030")]
    try:
        viruses.address()
        said = viruses.version()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=hint, id="fire_supervision.E031")]
    except viruses.Away as reason:
        words = f"The virus scanner at {settings.VIRUS_SCANNER} is away, and every file is refused: {reason}"
        return [Error(words, hint="Start clamd, or correct VIRUS_SCANNER.", id="fire_supervision.E032")]
    if _signed_on(said) + SIGNATURES_OLD > datetime.now():  # noqa: DTZ005 - clamd says the hour of its host, no zone
        return []
    words = f"The signatures of the virus scanner are more than {SIGNATURES_OLD.days} days old, or it has none: {said}"
    return [Caution(words, hint="See that freshclam reaches its mirror.", id="fire_supervision.W033")]


@register(Tags.security, deploy=True)
def files_are_opened_within_walls(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """PDF and workbooks somebody sent are read by libraries in C, which must reach nothing when one breaks."""
    if not (missing := sandbox.lacking()):
        return []
    words = f"The process that opens PDF and workbooks is not walled in: {' and '.join(missing)} missing."
    hint = "A kernel of 5.13 or newer with Landlock, a container that allows it, the package libseccomp2."
    return [Caution(words, hint=hint, id="fire_supervision.W034")]


def _signed_on(version: str) -> datetime:
    """The day of the signatures in what clamd says of itself; long ago where it says none."""
    try:
        return datetime.strptime(version.rpartition("/")[2], "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 - as above
    except ValueError:
        return datetime.min  # noqa: DTZ901 - as above


@register(Tags.security, deploy=True)
def the_doors_are_narrow(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Names of hosts, rates and proxies as production needs them."""
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts in ALLOWED_HOSTS: a link made for any other name would lead there."
        found.append(Error("ALLOWED_HOSTS takes every name.", hint=hint, id="fire_supervision.E020"))
    open_doors = sorted({limit.setting for limit in LIMITS.values() if not getattr(settings, limit.setting)})
    if open_doors:
        words = f"{', '.join(open_doors)} is 0: that page may be asked for without end."
        found.append(Caution(words, hint="Leave the default, or set a rate.", id="fire_supervision.W021"))
    if settings.TRUSTED_PROXIES and not settings.BEHIND_PROXY:
        hint = "Set BEHIND_PROXY=true, or TRUSTED_PROXIES=0: without a proxy a caller writes X-Forwarded-For himself."
        found.append(Caution("TRUSTED_PROXIES without BEHIND_PROXY.", hint=hint, id="fire_supervision.W022"))
    return found


LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register(Tags.security, deploy=True)
def no_door_is_off_its_hinges(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What lets in who should not come in: accounts whose password is printed, a proof nobody is asked for."""
    found: list[CheckMessage] = []
    # make demo speaks plain HTTP to its own machine, and says so by these two.
    demo_at_home = not settings.HTTPS and set(settings.ALLOWED_HOSTS) <= LOOPBACK
    if settings.DEMO and not settings.DEBUG and not demo_at_home:
        hint = "Set DEMO=false: its accounts and their password stand on the sign-in page."
        found.append(Error("DEMO is on.", hint=hint, id="fire_supervision.E050"))
    if not settings.STEP_UP:
        hint = "Set STEP_UP=true, unless another system asks before papers, voiding and export."
        found.append(Caution("STEP_UP is off: nobody proves again who he is.", hint=hint, id="fire_supervision.W051"))
    preset = presets.PRESETS[settings.SECURITY_PRESET]
    if without := [role for role in preset.second_factor if role not in settings.SECOND_FACTOR_ROLES]:
        words = f"SECOND_FACTOR_ROLES leaves out {', '.join(without)}: they come in by a password alone."
        hint = "Leave it out: every post has one then."
        found.append(Caution(words, hint=hint, id="fire_supervision.W052"))
    if loose := sorted(looser(preset)):
        words = f"Looser than the preset {settings.SECURITY_PRESET}: {', '.join(loose)}."
        found.append(Caution(words, hint="Leave the defaults, or stay below them.", id="fire_supervision.W053"))
    return found


def looser(preset: Preset) -> Iterator[str]:
    """The settings of the door that ask for less than ``preset``, each with its value and the one it may have."""
    at_least = {
        "PASSWORD_LENGTH": (settings.PASSWORD_LENGTH, preset.password_length),
        "PASSWORD_CLASSES": (settings.PASSWORD_CLASSES, preset.password_classes),
        "PASSWORD_HISTORY": (settings.PASSWORD_HISTORY, preset.password_history),
        "LOCK_MINUTES": (settings.AXES_COOLOFF_TIME // timedelta(minutes=1), presets.LOCK_MINUTES),
    }
    at_most = {
        "LOCK_FAILURES": (settings.AXES_FAILURE_LIMIT, presets.LOCK_FAILURES),
        "SESSION_HOURS": (settings.SESSION_HOURS, presets.SESSION_HOURS),
        "IDLE_MINUTES": (settings.IDLE_MINUTES, preset.idle_minutes),
        "IDLE_MINUTES_DOOR": (settings.IDLE_MINUTES_DOOR, preset.idle_minutes_door),
        "STEP_UP_HOURS": (settings.STEP_UP_HOURS, presets.STEP_UP_HOURS),
        "STEP_UP_MINUTES": (settings.STEP_UP_MINUTES, presets.STEP_UP_MINUTES),
        # Here 0 is never.
        "PASSWORD_DAYS": (settings.PASSWORD_DAYS or inf, preset.password_days or inf),
        "FIRST_PASSWORD_DAYS": (settings.FIRST_PASSWORD_DAYS or inf, presets.FIRST_PASSWORD_DAYS),
    }
    for name, (now, least) in at_least.items():
        if now < least:
            yield f"{name} is {now}, not {least} or more"
    for name, (now, most) in at_most.items():
        if now > most:
            yield f"{name} is {'without end' if now == inf else now}, not {most} or less"


@register(Tags.security)
def breached_passwords_can_be_searched(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without the list a breached password is taken: said, and no reason to stand still."""
    place = settings.BREACHED_PASSWORDS
    if not place or not (words := breached.fault(place)):
        return []
    hint = "The sorted file of SHA-1 lines haveibeenpwned's downloader writes (docs/operations.md, Breached passwords)."
    return [Caution(f"BREACHED_PASSWORDS={place} {words}.", hint=hint, id="fire_supervision.W040")]


@register()
def licensed_faces_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A paper with the wrong face looks nearly right: better refused at the start than found on paper."""
    place = settings.PAPER_FACES_DIR or "PAPER_FACES_DIR, which is not set"
    return [
        Error(
            f"The face {family} of the papers is in no file of {place}.",
            hint="PAPER_FACES_DIR is the folder of the licensed faces; PAPER_FANGSONG and PAPER_TITLE are their names.",
            id="fire_supervision.E008",
        )
        for family in faces.missing()
    ]
