"""A wrong environment stops the start with one sentence; a right one becomes the settings that production needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from gunicorn.config import Config

from config import gunicorn

ROOT = Path(__file__).resolve().parents[2]
GOOD_SECRET = "".join(chr(ord("a") + n % 26) for n in range(60))
PRODUCTION = {"CALLBOARD_URL": "https://callboard.test", "SECRET_KEY": GOOD_SECRET}


def start(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "CALLBOARD_DATA": str(folder)}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def setting(folder: Path, expression: str, **environment: str) -> str:
    code = f"from django.conf import settings; print({expression})"
    return start(folder, "shell", "--verbosity=0", "-c", code, **environment).stdout.strip()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": GOOD_SECRET}, "CALLBOARD_URL is ''"),
        ({"CALLBOARD_URL": "https://callboard.test"}, "SECRET_KEY is missing or guessable"),
        (PRODUCTION | {"SECRET_KEY": "django-insecure-" + GOOD_SECRET}, "SECRET_KEY is missing or guessable"),
        (PRODUCTION | {"SECRET_KEY": "x" * 60}, "SECRET_KEY is missing or guessable"),
        (PRODUCTION | {"CALLBOARD_URL": "https://callboard.test/"}, "without a slash at its end"),
        (PRODUCTION | {"CALLBOARD_URL": "callboard.test"}, "CALLBOARD_URL is 'callboard.test'"),
        (PRODUCTION | {"CALLBOARD_DEBUG": "perhaps"}, "CALLBOARD_DEBUG is 'perhaps': write on or off."),
        (PRODUCTION | {"CALLBOARD_PROXIES": "-1"}, "CALLBOARD_PROXIES is '-1': write a whole number"),
        (PRODUCTION | {"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL names no database"),
        (PRODUCTION | {"DATABASE_URL": "postgres://host:port/name"}, "DATABASE_URL cannot be read"),
        (PRODUCTION | {"CACHE_URL": "nonsense://"}, "CACHE_URL cannot be read"),
        (PRODUCTION | {"EMAIL_URL": "pigeon://roof"}, "EMAIL_URL cannot be read"),
        (PRODUCTION | {"CALLBOARD_RATE_LIMITS": "off"}, "CALLBOARD_RATE_LIMITS is off"),
        (PRODUCTION | {"WEBHOOK_EXTRA_TARGETS": "hooks.intern"}, "WEBHOOK_EXTRA_TARGETS has 'hooks.intern'"),
        (PRODUCTION | {"CALLBOARD_DATA": "/proc/nowhere"}, "CALLBOARD_DATA is /proc/nowhere"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_environment_stops_the_start_with_one_sentence(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    answer = start(tmp_path, "check", **environment)

    assert answer.returncode == 1
    assert answer.stderr.startswith("Callboard cannot start. ")
    assert sentence in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_wrong_environment_stops_the_web_server_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--bind", "127.0.0.1:0"]
    kept = {"PATH": os.environ["PATH"], "CALLBOARD_DATA": str(tmp_path), "CALLBOARD_URL": "https://callboard.test"}

    answer = subprocess.run(
        [*command, "config.wsgi"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=30
    )

    assert answer.returncode != 0
    assert answer.stderr.startswith("Callboard cannot start. SECRET_KEY is missing or guessable")
    assert answer.stderr.count("\n") == 1


def test_what_a_caller_says_of_proxies_reaches_django_alone() -> None:
    config = Config()
    config.set("forwarded_allow_ips", gunicorn.forwarded_allow_ips)

    assert config.forwarded_allow_ips == []


def test_the_demo_needs_nothing_and_keeps_the_secret_that_it_makes(tmp_path: Path) -> None:
    first = setting(tmp_path, "settings.SECRET_KEY", CALLBOARD_DEMO="on")
    second = setting(tmp_path, "settings.SECRET_KEY", CALLBOARD_DEMO="on")

    assert len(first) > 50
    assert first == second
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_mails_of_the_demo_lie_in_its_data_folder(tmp_path: Path) -> None:
    where = "settings.EMAIL_BACKEND, settings.DEMO_MAIL, settings.DEMO_MAIL_IS_KEPT"
    assert setting(tmp_path, where, CALLBOARD_DEMO="on") == f"config.straight_mail.Backend {tmp_path / 'mail'} True"
    (tmp_path / "demo.mail").write_text("127.0.0.1:2525")  # as long as `make run` runs
    served = setting(tmp_path, "settings.EMAIL_HOST, settings.EMAIL_PORT", CALLBOARD_DEMO="on")
    assert served == "127.0.0.1 2525"


def test_webhooks_reach_no_inner_address_but_pairs_that_are_named(tmp_path: Path) -> None:
    named = {"WEBHOOK_EXTRA_TARGETS": "Hooks.intern:8443, [FD00:0::7]:443"}

    assert setting(tmp_path, "settings.WEBHOOK_EXTRA_TARGETS", **PRODUCTION) == "[]"
    assert (
        setting(tmp_path, "*settings.WEBHOOK_EXTRA_TARGETS", **PRODUCTION, **named) == "hooks.intern:8443 [fd00::7]:443"
    )
    assert setting(tmp_path, "*settings.WEBHOOK_EXTRA_TARGETS", CALLBOARD_DEMO="on", PORT="8123") == "127.0.0.1:8123"


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    answer = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, CALLBOARD_PROXIES="1")

    assert answer.returncode == 0, answer.stderr


def test_the_same_database_address_keeps_our_way_of_running_sqlite(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
    expression = "settings.DATABASES['default']['NAME'], settings.DATABASES['default']['OPTIONS']['transaction_mode']"

    answer = setting(tmp_path, expression, **PRODUCTION, DATABASE_URL=address)

    assert answer == f"{tmp_path / 'elsewhere.sqlite3'} IMMEDIATE"


@pytest.mark.django_db
def test_tests_run_on_the_database_as_production_does() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)
            assert Path(connection.settings_dict["NAME"]).is_file()
        else:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 150000
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False
