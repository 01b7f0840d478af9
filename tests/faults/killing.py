"""Web and worker die again and again while people register; afterwards every row and every mail is accounted for."""

import json
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from django.db import connections
from django.test import override_settings
from django.utils import timezone

from events.models import Change, Delivery, Registration, WebhookMessage
from events.operations import calling, delivering
from events.reports import audit
from tests import factories
from tests.faults import dying
from tests.faults.crowding import Crowd
from tests.faults.dying import Child, Points
from tests.mail_server import MailServer
from tests.webhooks import Receiver, webhook

LEASE = timedelta(seconds=2)  # of the real two minutes: who died is followed sooner
PATIENCE_SECONDS = 120
CHANCE = 0.02  # to die at each point
ANYWHERE = 0.01  # to be killed wherever it is, at each of the looks that are a hundredth of a second apart


@dataclass
class Tally:
    """What was done, and what was found: `lost` and `faults` must be none."""

    kills: Counter[str] = field(default_factory=Counter)
    registered: int = 0
    mails: int = 0
    distinct: int = 0
    lost: int = 0
    posts: int = 0
    distinct_posts: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def repeats(self) -> int:
        return self.mails - self.distinct


class Keeper:
    """Has a child of its kind born each time one dies, until it was often enough; the last one may live."""

    def __init__(self, work: Callable[[], None], points: Points, *, kills: int) -> None:
        self.work, self.points, self.kills = work, points, kills
        self.died: Counter[str] = Counter()
        self.dice = random.Random(kills)
        self.child = self._born()

    @property
    def is_done(self) -> bool:
        return self.died.total() >= self.kills

    def look(self) -> None:
        if not self.is_done and self.dice.random() < ANYWHERE:
            with suppress(ProcessLookupError):
                self.child.signal(signal.SIGKILL)
        gone, _status = os.waitpid(self.child.pid, os.WNOHANG)
        if gone:
            self.died[self.child.died_of()] += 1
            self.child = self._born()

    def stop(self) -> None:
        self.child.signal(signal.SIGKILL)
        os.waitpid(self.child.pid, 0)

    def _born(self) -> Child:
        return Child(self.work, {} if self.is_done else self.points, CHANCE)


def run(*, kills: int, folder: Path, forgets: bool = False) -> Tally:
    """Half of the kills are web's, half the worker's; one webhook hears of everything.

    `forgets`: the control, where a claim already counts as sent.

    Called where no other thread runs, on an empty database that is not in a transaction.
    """
    tally = Tally()
    event = factories.event(capacity=None, now=timezone.now())
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    receiver = Receiver()
    with listening, MailServer(pause=0, refuses=()) as server, arranged(server, receiver, forgets=forgets):
        webhook(event.programme.organization, receiver.url)
        crowd = Crowd(port=listening.getsockname()[1], slug=event.slug, server=server, receiver=receiver, told=folder)
        people = Child(crowd.run, {}, 0)
        keepers = [
            Keeper(dying.work_as_web(listening), dying.WEB, kills=kills // 2),
            Keeper(dying.work_as_worker, dying.WORKER, kills=kills - kills // 2),
        ]
        try:
            until(lambda: all(keeper.is_done for keeper in keepers), keepers, seconds=kills * 5 + PATIENCE_SECONDS)
            people.signal(signal.SIGUSR1)
            until((folder / "people.json").exists, keepers, seconds=PATIENCE_SECONDS)
            until(all_is_told, keepers, seconds=PATIENCE_SECONDS)
        finally:
            for keeper in keepers:
                keeper.stop()
            people.signal(signal.SIGTERM)
            os.waitpid(people.pid, 0)
            receiver.server.server_close()
    tally.kills = sum((keeper.died for keeper in keepers), Counter())
    account(tally, folder)
    return tally


@contextmanager
def arranged(server: MailServer, receiver: Receiver, *, forgets: bool) -> Iterator[None]:
    """What the children find: our servers, no limits, short claims, and for the control a worker that forgets."""
    claim = _sent_at_once(delivering.claim) if forgets else delivering.claim
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with (
        override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=server.port, RATE_LIMITS=False),
        override_settings(WEBHOOK_EXTRA_TARGETS=[receiver.pair]),
        patch.object(delivering, "LEASE", LEASE),
        patch.object(calling, "LEASE", LEASE),
        patch.object(delivering, "claim", claim),
    ):
        yield


def until(is_true: Callable[[], bool], keepers: list[Keeper], *, seconds: float) -> None:
    """Looks after the children meanwhile. The database is asked through connections that no fork takes along."""
    end = time.monotonic() + seconds
    while True:
        for keeper in keepers:
            keeper.look()
        found = is_true()
        connections.close_all()
        if found:
            return
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.01)


def all_is_told() -> bool:
    untold = Change.objects.filter(place=None)
    waiting = [rows.filter(status="waiting") for rows in (Delivery.objects, WebhookMessage.objects)]
    return not any(rows.exists() for rows in (untold, *waiting))


def account(tally: Tally, folder: Path) -> None:
    """Rows against answers, messages against registrations, mails against messages (SAFETY O1-O3)."""
    people = json.loads((folder / "people.json").read_text())
    mails = json.loads((folder / "mails.json").read_text())
    tally.faults += people["faults"]
    rows = dict(Registration.objects.values_list("email", "code"))
    tally.registered = len(rows)
    answers = people["answers"].items()
    tally.faults += [f"answered, but not there: {who}" for who, code in answers if rows.get(who) != code]
    changes = Change.objects.filter(kind__startswith="registration.").count()
    messages = Delivery.objects.filter(registration__isnull=False)
    if not changes == messages.count() == len(rows):
        tally.faults.append(f"{len(rows)} registrations, {changes} changes, {messages.count()} messages")
    tally.mails, tally.distinct = len(mails), len({message_id for message_id, _digest in mails})
    if len({tuple(mail) for mail in mails}) != tally.distinct:
        tally.faults.append("the same message in other bytes")
    taken = {message_id.partition("@")[0].lstrip("<") for message_id, _digest in mails}
    tally.lost = sum(row.uid.hex not in taken for row in messages)
    tally.faults += [f"{row.status}: {row.uid}" for row in messages.exclude(status="sent")]
    account_posts(tally, folder)
    tally.faults += [str(found) for found in audit.run()]


def account_posts(tally: Tally, folder: Path) -> None:
    """Posts against messages of the webhook, and these against registrations; the audit looks for gaps."""
    posts = json.loads((folder / "posts.json").read_text())
    rows = list(WebhookMessage.objects.order_by("seq"))
    if len(rows) != tally.registered:
        tally.faults.append(f"{tally.registered} registrations, {len(rows)} messages for the webhook")
    tally.posts, tally.distinct_posts = len(posts), len({message_id for message_id, _digest in posts})
    if len({tuple(post) for post in posts}) != tally.distinct_posts:
        tally.faults.append("the same message for a webhook in other bytes")
    taken = {message_id.removeprefix("msg_") for message_id, _digest in posts}
    tally.lost += sum(row.uid.hex not in taken for row in rows)
    tally.faults += [f"webhook {row.status}: {row.seq}" for row in rows if row.status != "sent"]


def _sent_at_once(claim: Callable[..., list[Delivery]]) -> Callable[..., list[Delivery]]:
    """The control: as a worker without an outbox does it, the row is done before the mail is."""

    def claimed(**asked: object) -> list[Delivery]:
        rows = claim(**asked)
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(status="sent", not_before=None)
        return rows

    return claimed
