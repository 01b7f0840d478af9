"""All settings, all from the environment. A missing or wrong value stops the start with one sentence."""

import os
import re
import secrets
import zoneinfo
from ipaddress import AddressValueError, IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# The tzdata wheel is the only source of zone rules: the system's can be older, and machines must agree.
os.environ["PYTHONTZPATH"] = ""
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

POSTGRESQL = "django.db.backends.postgresql"
SQLITE = "django.db.backends.sqlite3"
# A writer takes the lock at BEGIN instead of failing at its first write; a commit is on the disk when it returns.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON",
}
# How long one waits for another's rows before the operation starts again, and for a running duplicate of a request;
# and that following an index costs little where the data fits into memory: without it PostgreSQL reads and sorts the
# whole table for a feed of 5,000 sessions, which costs it three times as much. The address of a database may say else.
POSTGRESQL_OPTIONS = "-c lock_timeout=5s -c random_page_cost=1.1"


def switch(name: str, *, default: bool) -> bool:
    written = env.str(name, default="").strip().lower()
    if written in {"", "on", "true", "yes", "1", "off", "false", "no", "0"}:
        return default if written == "" else written in {"on", "true", "yes", "1"}
    raise ImproperlyConfigured(f"{name} is {written!r}: write on or off.")


def whole_number(name: str, *, default: int) -> int:
    written = env.str(name, default="").strip() or str(default)
    if written.isascii() and written.isdigit():
        return int(written)
    raise ImproperlyConfigured(f"{name} is {written!r}: write a whole number, 0 or more.")


def data_folder() -> Path:
    folder = Path(env.str("CALLBOARD_DATA", default="") or BASE_DIR / ".data").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"CALLBOARD_DATA is {folder}, which cannot be made: {problem.strerror}."
        ) from problem
    return folder


def public_url() -> str:
    written = env.str("CALLBOARD_URL", default="").strip()
    if not written and DEMO:
        return demo_address()
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"CALLBOARD_URL is {written!r}: write the address that people open, such as https://callboard.example.org."
        )
    if written.endswith("/") or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"CALLBOARD_URL is {written!r}: write it without a path and without a slash at its end."
        )
    return written


def demo_address() -> str:
    """Where the demo is served or was served last, so that commands beside it write the same links as its pages."""
    if DEMO_ADDRESS.exists() and not env.str("PORT", default=""):
        return DEMO_ADDRESS.read_text()
    return f"http://127.0.0.1:{whole_number('PORT', default=8000)}"


def secret_key() -> str:
    written = env.str("SECRET_KEY", default="")
    if not written and DEMO:
        return demo_secret()
    if len(written) < 50 or len(set(written)) < 10 or written.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or guessable: write at least 50 random characters, such as the output of"
            " python -c 'import secrets; print(secrets.token_urlsafe(50))', or CALLBOARD_DEMO=on for a trial."
        )
    return written


def demo_secret() -> str:
    """The demo's own secret, made at its first start and kept: links that it printed work after the next start too."""
    path = DATA_DIR / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # made by an earlier start, or just now by another process
    return path.read_text()


def database() -> dict[str, Any]:
    written = env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'callboard.sqlite3'}"
    try:
        chosen: dict[str, Any] = environ.Env.db_url_config(written)
    except ValueError as problem:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: write postgres://user:password@host:5432/name."
        ) from problem
    if chosen.get("ENGINE") == SQLITE and chosen["NAME"] != ":memory:":
        options = SQLITE_OPTIONS
    elif chosen.get("ENGINE") == POSTGRESQL and chosen["NAME"]:
        options = {"options": POSTGRESQL_OPTIONS, **chosen.get("OPTIONS", {})}
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL names no database that Callboard can use: write postgres://user:password@host:5432/name"
            " or sqlite:////folder/file.sqlite3."
        )
    # Operations open their own short transactions, so no request is wrapped in one. Connections are kept: opening one
    # costs more than most requests. No health check before each request, since it would be a statement of its own.
    return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": False, **chosen, "OPTIONS": options, "ATOMIC_REQUESTS": False}


def cache() -> dict[str, Any]:
    """Memory of each process unless CACHE_URL says Redis: then limits count for each worker process by itself."""
    try:
        chosen: dict[str, Any] = environ.Env.cache_url_config(
            env.str("CACHE_URL", default="") or "locmemcache://callboard"
        )
    except Exception as problem:
        raise ImproperlyConfigured("CACHE_URL cannot be read: write redis://host:6379/0.") from problem
    return chosen


def task_store() -> str:
    """Where the worker is woken. What it has to do are rows of the database: whoever loses this store loses nothing."""
    written = env.str("TASK_URL", default="").strip() or f"sqlite:///{DATA_DIR / 'tasks.sqlite3'}"
    if not is_task_store(written):
        raise ImproperlyConfigured(
            "TASK_URL names no store that Callboard can use: write postgres://user:password@host:5432/name,"
            " redis://host:6379/1 or sqlite:////folder/file.sqlite3."
        )
    return written


def is_task_store(written: str) -> bool:
    try:
        parts, _port = urlsplit(written), urlsplit(written).port
    except ValueError:
        return False
    if parts.scheme == "sqlite":  # a relative path would be another file for each process
        return not parts.netloc and parts.path.startswith("//") and Path(parts.path[1:]).parent.is_dir()
    is_socket = parts.scheme in {"postgres", "postgresql"} and "host" in parse_qs(parts.query)
    return parts.scheme in {"postgres", "postgresql", "redis", "rediss"} and bool(parts.hostname or is_socket)


def mail() -> dict[str, Any]:
    written = env.str("EMAIL_URL", default="")
    if not written and DEMO and not DEMO_MAIL_SERVER.exists():
        return {"EMAIL_BACKEND": "config.straight_mail.Backend"}
    usual = f"smtp://{DEMO_MAIL_SERVER.read_text()}" if not written and DEMO else "smtp://localhost:25"
    written = written or usual
    try:
        return {"EMAIL_TIMEOUT": 10, **environ.Env.email_url_config(written)}
    except Exception as problem:
        raise ImproperlyConfigured("EMAIL_URL cannot be read: write smtp+tls://user:password@host:587.") from problem


def webhook_extra_targets() -> list[str]:
    """Exact pairs of host and port that webhooks may reach although they lie inside; in the demo its own receiver."""
    written = env.str("WEBHOOK_EXTRA_TARGETS", default="").strip()
    pairs = [*(written.split(",") if written else []), *([demo_receiver()] if DEMO else [])]
    return [extra_target(pair.strip()) for pair in pairs]


def extra_target(written: str) -> str:
    """A pair as addresses are compared with it: in lower case, an IPv6 address in its one short form."""
    found = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]{1,253})):([0-9]{1,5})", written, re.IGNORECASE | re.ASCII)
    try:
        if found is not None and 0 < int(found[3]) < 2**16:
            return f"[{IPv6Address(found[1])}]:{int(found[3])}" if found[1] else f"{found[2].lower()}:{int(found[3])}"
    except AddressValueError:
        pass
    raise ImproperlyConfigured(
        f"WEBHOOK_EXTRA_TARGETS has {written!r}: write host:port, several with commas between, such as"
        " hooks.intern:8443,[fd00::7]:443."
    )


def demo_receiver() -> str:
    """The demo's own web server, which takes webhooks at /demo/webhooks/."""
    host = env.str("HOST", default="").strip() or "127.0.0.1"
    port = urlsplit(demo_address()).port or whole_number("PORT", default=8000)
    return f"{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104  not a binding


def rate_limits() -> bool:
    wanted = switch("CALLBOARD_RATE_LIMITS", default=True)
    if not wanted and not DEMO and not TESTS:
        raise ImproperlyConfigured(
            "CALLBOARD_RATE_LIMITS is off, which only the demo and the tests may do: leave it out."
        )
    return wanted


# What this start is
TESTS = switch("CALLBOARD_TESTS", default=False)
DEBUG = switch("CALLBOARD_DEBUG", default=False)
DATA_DIR = data_folder()
DEMO_ADDRESS = DATA_DIR / "demo.address"
DEMO_MAIL = DATA_DIR / "mail"
DEMO_WEBHOOKS = DATA_DIR / "webhooks"
DEMO_MAIL_SERVER = DATA_DIR / "demo.mail"  # host:port, as long as `make run` runs; without it mails go straight there
# A folder in which the demo was served stays a demo, so that commands work beside it as they are.
DEMO = switch("CALLBOARD_DEMO", default=DEMO_ADDRESS.exists() and "SECRET_KEY" not in os.environ)
SECRET_KEY = secret_key()
CALLBOARD_URL = public_url()
RATE_LIMITS = rate_limits()
WEBHOOK_EXTRA_TARGETS = webhook_extra_targets()  # let past the guard of events/hooks/addresses.py
PROXIES = whole_number("CALLBOARD_PROXIES", default=0)  # reverse proxies in front, whose X-Forwarded-* is believed

CALLBOARD_FEED_GZIP = switch("CALLBOARD_FEED_GZIP", default=True)  # off: for subscribers that cannot read it

# Stores
DATABASES = {"default": database()}
CACHES = {"default": cache()}
TASK_URL = task_store()
OUTBOX_CHANNELS = ["events.notices.mailing"]  # who hears of a change, and how
OUTBOX_WAKE = "events.tasks.wake"  # called after the commit of what somebody is to be told, with the lanes
vars().update(mail())
DEMO_MAIL_IS_KEPT = DEMO and not env.str("EMAIL_URL", default="")  # for /demo/mailbox/, instead of being sent
DEFAULT_FROM_EMAIL = (
    env.str("CALLBOARD_MAIL_FROM", default="") or f"Callboard <callboard@{urlsplit(CALLBOARD_URL).hostname}>"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Parts
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "events.Person"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "venues",
    "events",
    "api",
    "pages",
]
MIDDLEWARE = [
    "api.early.Early",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pages.embeds.early.early",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.auth.KeyAuthentication", "api.auth.MemberAuthentication"],
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": "api.auth.nobody",
    "DEFAULT_PERMISSION_CLASSES": [],  # views ask events.policies about the object that they found
    "DEFAULT_PARSER_CLASSES": ["api.bodies.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["api.bodies.Json"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.Limit"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.errors.answer",
    "NON_FIELD_ERRORS_KEY": "*",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": PROXIES,
}
# Requests a minute: of one key or member, and of one address that registers people. Fetches an hour of one personal
# calendar: programs that ask every minute are served.
CALLBOARD_LIMITS = {
    "key": whole_number("CALLBOARD_LIMIT_KEY", default=600),
    "register": whole_number("CALLBOARD_LIMIT_REGISTER", default=1000 if DEMO else 10),
    "calendar": whole_number("CALLBOARD_LIMIT_CALENDAR", default=60),
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Callboard",
    "DESCRIPTION": "Workshops, their rooms, seats and people. See /api/docs/ and docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": CALLBOARD_URL}],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["api.words.name_words", "api.outgoing.describe"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SERVE_AUTHENTICATION": [],
    "ENFORCE_NON_BLANK_FIELDS": True,
}

# Languages and time
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "pages" / "locale"]

# Files for browsers, served by the same process and without a build step
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

# Safety: see also config/headers.py
SECURE = CALLBOARD_URL.startswith("https://")
ALLOWED_HOSTS = [str(urlsplit(CALLBOARD_URL).hostname), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [CALLBOARD_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_SSL_REDIRECT = SECURE and PROXIES > 0  # without a proxy nobody would speak TLS, and it would redirect for ever
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # subdomains and preload lists are not ours to decide
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LOGIN_URL = "/organize/sign-in/"
SESSION_COOKIE_AGE = 14 * 24 * 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "without_conflicts": {"()": "config.logs.WithoutConflicts"},
        "without_secrets": {"()": "config.logs.WithoutSecrets"},
    },
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"filters": ["without_conflicts"]},
        "gunicorn.http.wsgi": {"level": "ERROR"},  # it warns of every HEAD, whose body Django leaves for it to drop
    },
}
