"""`manage.py run_worker` as it runs: real processes, killed and stopped, that send to a mail server of the test's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from events.models import ANONYMOUS, Change, Delivery, Event, Registration
from events.operations import registering
from tests import factories, mail_server
from tests.mail_server import MailServer

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 30
Worker = subprocess.Popen[str]


def environment(folder: Path, mail_port: int = 1, **more: str) -> dict[str, str]:
    """Of a worker on this test's database, whose wake-ups lie in the same kind of store."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        stores = {"DATABASE_URL": database, "TASK_URL": database}
    else:
        stores = {"DATABASE_URL": f"sqlite:///{name}"}
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "CALLBOARD_URL": settings.CALLBOARD_URL,
        "CALLBOARD_DATA": str(folder),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        **stores,
        **more,
    }


@contextmanager
def working(folder: Path, server: MailServer, *options: str) -> Iterator[Worker]:
    """A worker that is running; killed in the end if the test has not stopped it."""
    command = [sys.executable, "manage.py", "run_worker", *options]
    kept = environment(folder, server.port)
    with subprocess.Popen(command, cwd=ROOT, env=kept, stdout=subprocess.PIPE, text=True) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def wait_for_start(worker: Worker) -> None:
    assert worker.stdout is not None
    assert worker.stdout.readline() == "worker running\n"


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def stop(worker: Worker) -> int:
    worker.terminate()
    return worker.wait(timeout=PATIENCE_SECONDS)


def come(folder: Path) -> None:
    """Somebody registers in another process, which wakes the worker."""
    code = (
        "from django.utils import timezone; from events.models import Event; from events.operations import registering;"
        "registering.register(event=Event.objects.get(), applicant=registering.Applicant("
        "name='Kim', email='kim@mail.example'), actor=registering.Actor(), now=timezone.now())"
    )
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment(folder), check=True)


def is_all_told() -> bool:
    return not Delivery.objects.filter(status="waiting").exists()


def to_be_proven(people: int) -> list[str]:
    """So many people wait for a mail each; their addresses in order."""
    now = timezone.now()
    event = factories.event(needs_proof=True, now=now)
    return sorted(factories.register(event, number, now=now).email for number in range(people))


@pytest.mark.django_db(transaction=True)
def test_an_offer_expires_on_time_and_the_next_person_hears_of_the_seat(tmp_path: Path) -> None:
    begun = timezone.now() - timedelta(seconds=55)  # an offer of a minute has five seconds left
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=1, now=begun)
    first, second, third = (factories.register(event, number, language="en", now=begun) for number in (1, 2, 3))
    registering.cancel(registration=first, actor=ANONYMOUS, now=begun)
    deadline = begun + timedelta(minutes=1)

    with mail_server.serving() as server, working(tmp_path, server) as worker:
        wait_for_start(worker)
        wait_until(lambda: len(server.mails) == 5)
        code = stop(worker)

    expired = Change.objects.get(registration=second, kind="registration.expired")
    assert deadline <= expired.at < deadline + timedelta(seconds=2)
    assert Registration.objects.get(pk=third.pk).status == "offered"
    assert sorted((str(mail["To"]), str(mail["Subject"])) for mail in server.mails) == [
        ("person1@mail.example", "Cancelled: Lighting an LED wall"),
        ("person2@mail.example", "A seat is free for you: Lighting an LED wall"),
        ("person2@mail.example", "Seat not taken: Lighting an LED wall"),
        ("person3@mail.example", "A seat is free for you: Lighting an LED wall"),
        ("person3@mail.example", "On the waitlist: Lighting an LED wall"),
    ]
    assert code == 0


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_stopped_in_the_middle_finish_their_mail_and_send_none_twice(tmp_path: Path) -> None:
    people = to_be_proven(48)  # two workers that are stopped send 40 at most

    with mail_server.serving(pause=2) as server:
        with working(tmp_path, server) as one, working(tmp_path, server, "-n") as other:
            wait_for_start(one)
            wait_for_start(other)
            wait_until(lambda: len(server.mails) >= 2)
            one.send_signal(signal.SIGTERM)
            other.send_signal(signal.SIGINT)
            server.pause = 0
            codes = [one.wait(timeout=PATIENCE_SECONDS), other.wait(timeout=PATIENCE_SECONDS)]
        left = Delivery.objects.filter(status="waiting").count()
        with working(tmp_path, server) as third:
            wait_for_start(third)
            wait_until(is_all_told)
            codes.append(stop(third))

    assert codes == [0, 0, 0]
    assert left > 0
    assert sorted(server.recipients()) == people


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_no_mail(tmp_path: Path) -> None:
    people = to_be_proven(8)

    with mail_server.serving(pause=0.5) as server:
        with working(tmp_path, server) as killed:
            wait_until(lambda: len(server.mails) >= 2)
            killed.kill()
            killed.wait()
        server.pause = 0
        left = Delivery.objects.filter(status="waiting").count()
        leased = Delivery.objects.filter(status="waiting", not_before__isnull=False)
        leased.update(not_before=None)  # as if the claims had ended
        with working(tmp_path, server) as next_one:
            wait_for_start(next_one)
            wait_until(is_all_told)
            stop(next_one)

    assert left > 0
    assert sorted({str(mail["To"]) for mail in server.mails}) == people
    assert len({str(mail["Message-ID"]) for mail in server.mails}) == len(people)
    assert len(server.mails) <= len(people) + 1  # the one that was on its way


@pytest.mark.django_db(transaction=True)
def test_a_running_worker_is_woken_by_the_commit(tmp_path: Path) -> None:
    event = Event.objects.get(pk=factories.event(needs_proof=True, now=timezone.now()).pk)
    with mail_server.serving() as server, working(tmp_path, server) as worker:
        wait_for_start(worker)
        come(tmp_path)
        began = time.monotonic()
        wait_until(lambda: bool(server.mails))
        took = time.monotonic() - began
        stop(worker)

    assert server.recipients() == ["kim@mail.example"]
    assert took < 5  # and not with the look each minute
    assert event.needs_proof


def refusal(folder: Path, *command: str, **more: str) -> tuple[int, str]:
    kept = environment(folder, **more)
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["amqp://host/", "sqlite:///near.sqlite3", "postgres:///name", "redis://:port"])
def test_a_wrong_task_url_stops_every_start_with_one_sentence(tmp_path: Path, address: str) -> None:
    code, said = refusal(tmp_path, "check", TASK_URL=address)

    assert (code, said) == (
        1,
        "Callboard cannot start. TASK_URL names no store that Callboard can use: write"
        " postgres://user:password@host:5432/name, redis://host:6379/1 or sqlite:////folder/file.sqlite3.\n",
    )


@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_away_stops_the_worker_with_one_sentence_and_no_password(tmp_path: Path) -> None:
    code, said = refusal(tmp_path, "run_worker", TASK_URL="postgres://user:hidden@127.0.0.1:1/name")

    assert (code, said) == (
        1, "CommandError: The store that TASK_URL names cannot be opened (OperationalError).\n",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_an_answer_does_not_wait_for_bulk_mail(tmp_path: Path) -> None:
    now = timezone.now()
    event = factories.event(now=now)
    for number in range(60):
        factories.enter(event, number, now=now)  # by the organizer: nobody waits for these

    with mail_server.serving(pause=0.5) as server, working(tmp_path, server) as worker:
        wait_for_start(worker)
        come(tmp_path)
        ahead = len(server.mails)
        wait_until(lambda: "kim@mail.example" in server.recipients())
        passed = len(server.mails) - ahead
        worker.kill()

    assert passed < 10
