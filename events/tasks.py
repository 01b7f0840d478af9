"""What the worker does, and what wakes it. Rows say what is due; the engine only says when to look (decision 0013)."""

import os
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.utils import timezone
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab  # type: ignore[import-untyped]
from huey.serializer import SignedSerializer  # type: ignore[import-untyped]
from psycopg.errors import UniqueViolation

from events.notices import calling, mailing
from events.operations import falling_due, sequencing, tidying

EVERY_MINUTE, EVERY_NIGHT = crontab(), crontab(hour="19", minute="0")  # UTC: four in the morning in Seoul
A_MOMENT = timedelta(seconds=0.2)  # a pause that the database has set is over then by its clock as well
PATIENCE_SECONDS = 2  # a request that wakes the worker waits no longer for a store that does not answer


class Lane:
    """One kind of work, with a queue and threads of its own, so that it waits for no other kind (RULES 33).

    In the queue lie wake-ups without content: one is as good as many. Each periodic worker adds one whenever `clock`
    says: every minute unless said.
    """

    def __init__(
        self, name: str, job: Callable[[], None], *, threads: int, clock: Callable[[datetime], bool] = EVERY_MINUTE
    ) -> None:
        self.threads = threads
        self.engine = _engine(f"callboard-{name}")
        self._task = self.engine.task(name=name)(_with_fresh_connections(job))
        self.engine.periodic_task(clock, name=f"{name}-by-the-clock")(_with_fresh_connections(job))
        os.register_at_fork(before=self.engine.storage.close)  # no connection survives a fork

    @property
    def longest_pause(self) -> float:
        """Seconds between two looks into the queue: a file must be looked into; servers tell, unless they are away."""
        return 10 if self.engine.storage.blocking else 0.5

    def wake(self) -> None:
        """The job runs soon. A wake-up that nobody has taken yet is enough, whoever asks."""
        if not self.engine.pending_count():
            self._task()

    def wake_at(self, at: datetime) -> None:
        """The job runs then, unless it is to run earlier anyway: that run says when the next one is."""
        naive = at.astimezone(UTC).replace(tzinfo=None)
        if not any(task.eta <= naive for task in self.engine.scheduled()):
            self.engine.add_schedule(self._task.s(eta=at))


def wake(lanes: Collection[str]) -> None:
    """Somebody is to be told something: the worker looks at once. Called after the commit, never inside it."""
    for name in lanes:
        lane(name).wake()


def fall_due() -> None:
    """What is due has happened, and the worker will look again exactly when the next thing is due."""
    try:
        falling_due.run(now=timezone.now())
    finally:
        _plan()


def tidy() -> None:
    """What has had its time is gone."""
    tidying.forget_old(now=timezone.now())


def deliver_urgent() -> None:
    """Who waits for a mail now has it: the answer to a registration, a code to sign in."""
    lane("hooks").wake()  # whoever woke us changed something, and woke nobody else
    _plan()  # a new offer's deadline
    _deliver("urgent")


def deliver_mail() -> None:
    """The people whose mails have waited longest have them."""
    lane("hooks").wake()
    _plan()
    _deliver("mail")


def deliver_hooks() -> None:
    """What was committed has its place, and the webhook that has waited longest hears of it.

    As soon as one is claimed another thread looks whether others wait; when it is over, this one does.
    """
    sequencing.number_all()
    was_one, pause = calling.deliver(meanwhile=lane("hooks").wake)
    if was_one:
        lane("hooks").wake()
    if pause is not None:
        lane("hooks").wake_at(timezone.now() + pause + A_MOMENT)


# Job, threads and clock of each lane. Urgent mail has a thread of its own, which no bulk mail keeps busy (RULES 33).
LANES: Mapping[str, tuple[Callable[[], None], int, Callable[[datetime], bool]]] = {
    "due": (fall_due, 1, EVERY_MINUTE),
    "urgent": (deliver_urgent, 1, EVERY_MINUTE),
    "mail": (deliver_mail, 2, EVERY_MINUTE),
    "hooks": (deliver_hooks, calling.THREADS, EVERY_MINUTE),
    "tidy": (tidy, 1, EVERY_NIGHT),
}


def _deliver(name: str) -> None:
    if mailing.deliver(lane=name, now=timezone.now()) == mailing.AT_A_TIME:
        lane(name).wake()


@cache
def lane(name: str) -> Lane:
    """The one lane of that name in this process; its store is opened when it is asked for first."""
    job, threads, clock = LANES[name]
    return Lane(name, job, threads=threads, clock=clock)


def _plan() -> None:
    at = falling_due.next_due(after=timezone.now())
    if at is not None:
        lane("due").wake_at(at)


def _engine(name: str) -> Huey:
    """A queue in the store that TASK_URL names. Signed: whoever can write into a store must not command the worker."""
    url = settings.TASK_URL
    scheme = urlsplit(url).scheme
    options: dict[str, Any] = {
        "results": False,
        "serializer": SignedSerializer(secret=settings.SECRET_KEY, salt="callboard-tasks"),
    }
    if scheme == "sqlite":
        return SqliteHuey(name, filename=urlsplit(url).path[1:], timeout=PATIENCE_SECONDS, **options)
    if scheme.startswith("postgres"):
        options |= {"dsn": url, "connect_timeout": PATIENCE_SECONDS, "table_prefix": "callboard_tasks"}
        try:
            return PostgresHuey(name, **options)
        except UniqueViolation:  # two that made its tables at the same moment: the other one has done it
            return PostgresHuey(name, **options)
    return RedisHuey(name, url=_patient(url), **options)


def _patient(url: str) -> str:
    separator = "&" if urlsplit(url).query else "?"
    return f"{url}{separator}socket_connect_timeout={PATIENCE_SECONDS}"


def _with_fresh_connections(job: Callable[[], None]) -> Callable[[], None]:
    """Each run connects anew: after a database was restarted, the first run would fail and its wake-up be lost."""

    @wraps(job)
    def run() -> None:
        try:
            job()
        finally:
            connections.close_all()  # this thread's

    return run
