"""Every setting of the product, read from the environment (documented in .env.example)."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from kombu import Queue

from fire_supervision import logs, presets
from fire_supervision.headers import REPORTS
from fire_supervision.lib.queue import BULK, DEFAULT

# Lets `forms.ModelForm[Unit]`, which mypy wants, be written at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))

DEBUG = env.bool("DEBUG", default=False)


def _debug_key(use: str) -> str:
    """The same on every machine, for nothing that is worth a key."""
    return b64encode(sha256(f"debug-only {use} key".encode()).digest()).decode()


SECRET_KEY = env.str("SECRET_KEY", default="debug-only-key-never-used-in-production" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Put a long random value into the environment: "
        'python -c "import secrets; print(secrets.token_urlsafe(64))"'
    )
# Personal data is encrypted with the first of these (id:key or id:file, 32 bytes in base64), read with all of them.
DATA_KEYS = env.list("DATA_KEYS", default=[f"debug:{_debug_key('data')}"] if DEBUG else [])
INDEX_KEY = env.str("INDEX_KEY", default=_debug_key("index") if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where the QR of a paper leads: printed on it for good, so never a name that will change.
_first_name = ALLOWED_HOSTS[0].lstrip(".") if ALLOWED_HOSTS else "localhost"
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000" if DEBUG else f"https://{_first_name}").rstrip("/")
# Everything the product writes besides the database: papers, photos, uploads, the embedded broker.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / "data")))

INSTALLED_APPS = [
    "fire_supervision.apps.FireSupervisionConfig",
    "fire_supervision.lib",
    "trail",
    "stations",
    "deadlines",
    "records",
    "units",
    "inspections",
    "hazards",
    "filings",
    "assessments",
    "desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "axes",
    "django_otp",
    # Its table is empty: stations.Telephone has taken over, with its secrets encrypted (stations 0009).
    "django_otp.plugins.otp_totp",
    "django_otp_webauthn",
]
MIDDLEWARE = [
    "fire_supervision.headers.headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fire_supervision.middleware.request_facts",
    "fire_supervision.gates.gate",
    "fire_supervision.limits.limits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fire_supervision.middleware.session_limits",
    "fire_supervision.middleware.SignInFirst",
    "fire_supervision.middleware.own_keys",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fire_supervision.middleware.rule_refusals",
    "fire_supervision.witness.witness",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fire_supervision.gates.words",
]
ROOT_URLCONF = "fire_supervision.urls"
WSGI_APPLICATION = "fire_supervision.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "fire_supervision.context.frame",
            ],
            "builtins": ["fire_supervision.lib.templatetags.ui"],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: two writers queue at BEGIN instead of failing at the first write, so numbers stay gap-free.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    # Reconnecting for each request costs a factor of seven on list pages.
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A request's reach is told to PostgreSQL for one transaction. Not on SQLite: every GET would take the write lock.
    DATABASES["default"]["ATOMIC_REQUESTS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "stations.User"
AUTHENTICATION_BACKENDS = ["stations.backends.OfficerBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEMO = env.bool("DEMO", default=False)
# Of every account of the demo, shown at its start and on its sign-in page; no other account ever has it.
DEMO_PASSWORD = "xiaofang-demo-119"  # noqa: S105 - shown, no secret
# Where ASVS and 等保 disagree; each value can be set by itself.
SECURITY_PRESET = env.str("SECURITY_PRESET", default="asvs")
if SECURITY_PRESET not in presets.PRESETS:
    raise ImproperlyConfigured(f"SECURITY_PRESET is {SECURITY_PRESET!r}; it is one of {', '.join(presets.PRESETS)}.")
_preset = presets.PRESETS[SECURITY_PRESET]
PASSWORD_LENGTH = env.int("PASSWORD_LENGTH", default=_preset.password_length)
PASSWORD_CLASSES = env.int("PASSWORD_CLASSES", default=_preset.password_classes)
PASSWORD_DAYS = env.int("PASSWORD_DAYS", default=_preset.password_days)
PASSWORD_HISTORY = env.int("PASSWORD_HISTORY", default=_preset.password_history)
FIRST_PASSWORD_DAYS = env.int("FIRST_PASSWORD_DAYS", default=presets.FIRST_PASSWORD_DAYS)
UNUSED_DAYS = env.int("UNUSED_DAYS", default=90)
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", default="")
AUTH_PASSWORD_VALIDATORS = [
    *({"NAME": f"stations.passwords.{rule}"} for rule in presets.PASSWORD_RULES),
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("number", "name")},
    },
    # Twenty thousand of them, shipped with Django: no service is asked.
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("stations:login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_ENGINE = "stations.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_HOURS = env.int("SESSION_HOURS", default=presets.SESSION_HOURS)
# Longer than a session lives, so that its row is still there to say why it ended.
SESSION_COOKIE_AGE = (SESSION_HOURS + 24) * 3600
IDLE_MINUTES = env.int("IDLE_MINUTES", default=_preset.idle_minutes)
IDLE_MINUTES_DOOR = env.int("IDLE_MINUTES_DOOR", default=_preset.idle_minutes_door)
# Lock-out by django-axes: failures of a number, for each of its known devices apart (stations.backends.counter).
AXES_FAILURE_LIMIT = env.int("LOCK_FAILURES", default=presets.LOCK_FAILURES)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOCK_MINUTES", default=presets.LOCK_MINUTES))
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "stations.backends.counter"
AXES_RESET_ON_SUCCESS = True
# Whoever goes on trying while a number is locked does not keep it locked.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# The trail tells who signed in; here nothing is kept that was typed.
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["number", "username", "code", "csrfmiddlewaretoken"]
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[] if DEMO else list(_preset.second_factor))
OTP_TOTP_ISSUER = "消防监督管理"
# Passkeys belong to the name people sign in at; another name later means enrolling them anew.
PASSKEY_ORIGIN = env.str("PASSKEY_ORIGIN", default=PUBLIC_URL).rstrip("/")
OTP_WEBAUTHN_RP_ID = urlsplit(PASSKEY_ORIGIN).hostname or "localhost"
OTP_WEBAUTHN_RP_NAME = OTP_TOTP_ISSUER
OTP_WEBAUTHN_ALLOWED_ORIGINS = [PASSKEY_ORIGIN]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
# Proving again who one is: STEP_UP of stations/permissions.py says before what.
STEP_UP = env.bool("STEP_UP", default=True)
STEP_UP_HOURS = env.int("STEP_UP_HOURS", default=presets.STEP_UP_HOURS)
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=presets.STEP_UP_MINUTES)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [
    BASE_DIR / "static" / "dist",
    ("js", BASE_DIR / "static" / "js"),
    ("img", BASE_DIR / "static" / "img"),
]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Without collectstatic (DEBUG, tests) files are found where they lie.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG
# Fonts and scripts of ours are for our own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "fire_supervision.lib.upload_limits.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
UPLOAD_LEDGER_MAX_MB = env.int("UPLOAD_LEDGER_MAX_MB", default=20)
UPLOAD_PHOTO_MAX_MB = env.int("UPLOAD_PHOTO_MAX_MB", default=15)
UPLOAD_SCAN_MAX_MB = env.int("UPLOAD_SCAN_MAX_MB", default=30)
# A whole request: a visit's photographs come several at once.
UPLOAD_REQUEST_MAX_MB = env.int("UPLOAD_REQUEST_MAX_MB", default=120)
# clamd, shown every file before it is opened: unix:/PATH or tcp:HOST:PORT. Empty asks nobody.
VIRUS_SCANNER = env.str("VIRUS_SCANNER", default="")
# A bound volume or zip is kept for so long; it can be made anew at any time.
BUNDLE_DAYS = env.int("BUNDLE_DAYS", default=7)
# The link of a 立即改正 notice takes a signature for so long: no provision sets it (待核定).
LINK_DAYS = env.int("LINK_DAYS", default=7)
# Papers are signed with it; without one they are printed unsigned and a deploy check says so.
SIGNING_CERTIFICATE = env.str("SIGNING_CERTIFICATE", default="")
SIGNING_KEY = env.str("SIGNING_KEY", default="")
SIGNING_PASSWORD = env.str("SIGNING_PASSWORD", default="")
SIGNING_TRUST = env.str("SIGNING_TRUST", default="")
# An Ed25519 key in PEM (manage.py make_trail_key) that signs the checkpoints; the worker alone reads it.
TRAIL_KEY = env.str("TRAIL_KEY", default="")
# The public halves (PEM) of keys that signed before: their checkpoints stay good.
TRAIL_FORMER_KEYS = env.list("TRAIL_FORMER_KEYS", default=[])
# What alarms by itself (trail.watching): in so many minutes so many failed sign-ins from an address, locks of a bureau,
# refusals of a person or an address, files or rows taken out by a person, papers he saw. 0 looks for nothing.
ALARM_MINUTES = env.int("ALARM_MINUTES", default=10)
ALARM_SIGN_INS, ALARM_LOCKS = env.int("ALARM_SIGN_INS", default=20), env.int("ALARM_LOCKS", default=3)
ALARM_REFUSALS = env.int("ALARM_REFUSALS", default=10)
ALARM_EXPORTS, ALARM_EXPORT_ROWS = env.int("ALARM_EXPORTS", default=20), env.int("ALARM_EXPORT_ROWS", default=5000)
ALARM_PAPERS = env.int("ALARM_PAPERS", default=400)
# Told by e-mail too; without an address alarms stand in the inbox of the administrators alone.
SECURITY_ALARM_TO = env.list("SECURITY_ALARM_TO", default=[])
_mail = env.email_url("EMAIL_URL", default="smtp://localhost:25")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="fire-supervision@localhost")
PAPER_FONTS_DIR = Path(env.str("PAPER_FONTS_DIR", default=str(BASE_DIR / "var" / "fonts")))
# Faces the deployer has licences for, used before ours.
PAPER_FACES_DIR = Path(_faces) if (_faces := env.str("PAPER_FACES_DIR", default="")) else None
PAPER_FANGSONG, PAPER_TITLE = env.str("PAPER_FANGSONG", default=""), env.str("PAPER_TITLE", default="")

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
# W019 asks for X_FRAME_OPTIONS = "DENY"; below it stands why it is not. The view of the sign-in page answers who is
# locked out, not a middleware (axes.W002), and a station's people share one address (axes.W006).
SILENCED_SYSTEM_CHECKS = ["security.W019", "axes.W002", "axes.W006", *env.list("SILENCED_SYSTEM_CHECKS", default=[])]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Our own tags alone: not even a script that came to lie below this address some other way.
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        # The archive copy of a paper beside its review, and nothing around the pages themselves but that.
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "report-uri": REPORTS,
        "report-to": "csp",
    }
}
# The paper review page shows the PDF in a frame of the same origin.
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Off for the demo, which speaks plain HTTP on loopback; production stands behind TLS.
HTTPS = env.bool("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many of ours stand in front: as many addresses are read from the right of X-Forwarded-For (gates.client_address).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if BEHIND_PROXY else 0)
# A browser takes a cookie of this name from nobody but this host, over TLS, for the whole of it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
# Not HttpOnly: app.js reads the token of now from it, which the page of an earlier sign-in does not have.
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_HTTPONLY = True
# Lax, not Strict: a link in a message leads to a page, not to the sign-in of somebody who has signed in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Words to whoever acted stay with us; a cookie of them would go to and fro.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# In ten minutes: failures at the sign-in from one address, which the people of a bureau may share; requests to another
# page that is open to everybody, from one address and to one link. 0 counts nothing.
RATE_SIGN_IN = env.int("RATE_SIGN_IN", default=100)
RATE_VERIFY = env.int("RATE_VERIFY", default=120)
RATE_RECEIPT = env.int("RATE_RECEIPT", default=120)
RATE_CSP_REPORT = env.int("RATE_CSP_REPORT", default=60)

# `filesystem://` is the embedded broker: folders under DATA_DIR. Celery's command line reads it too: a whole URL.
BROKER_URL = env.str("BROKER_URL", default="filesystem://" if DEBUG else "")
if not BROKER_URL:
    raise ImproperlyConfigured(
        "BROKER_URL is not set. Set BROKER_URL=redis://HOST:6379/0, or BROKER_URL=filesystem:// for the embedded queue."
    )
CELERY_BROKER_URL = BROKER_URL
_queue_dir = DATA_DIR / "queue"
if BROKER_URL == "filesystem://":
    for folder in ("messages", "control"):
        (_queue_dir / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_queue_dir / "messages"),
        "data_folder_out": str(_queue_dir / "messages"),
        "control_folder": str(_queue_dir / "control"),
        "polling_interval": 0.1,
    }
    # Remote control keeps its tables in files that are rewritten in place; one worker on one machine needs none.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 1800,  # three times the longest task
        "socket_keepalive": True,
        "health_check_interval": 30,
        # A page must not hang while the broker is away: the row is in the database and a sweep sends it again.
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "max_retries": 1,
        "interval_start": 0.2,
    }
CELERY_TASK_QUEUES = [Queue(DEFAULT), Queue(BULK)]
CELERY_TASK_DEFAULT_QUEUE = DEFAULT
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "fire_supervision.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=60)
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}}
    for name in (
        "trail.seal_pending",
        "trail.run_pending",
        "stations.watch",
        "records.render_pending",
        "desk.bind_pending",
        "desk.expire_bundles",
        "units.import_pending",
        "units.open_year",
        "units.end_pledges",
        "hazards.open_due",
        "hazards.effect_notices",
        "hazards.fell_extensions",
        "hazards.end_links",
        "deadlines.remind",
        "filings.open_month",
    )
} | {"stations.clear_out": {"task": "stations.clear_out", "schedule": crontab(hour="3", minute="20")}}

LOGGING = logs.config(
    env.str("LOG_FORMAT", default="text"), env.str("LOG_LEVEL", default="WARNING" if DEBUG else "INFO")
)
