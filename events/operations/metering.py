"""How much API keys are used: counted in the process, and written down once a minute, after an answer was sent.

Counting costs a request no statement. A process that is killed takes at most a minute's counts with it; one that ends
in order writes them down.
"""

import logging
import os
from collections import Counter
from datetime import date, datetime, timedelta
from threading import Lock

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from events.models import ApiKey, ApiKeyUsage
from events.models.walltime import to_local

WRITTEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=400)

logger = logging.getLogger(__name__)


class Meter:
    """The counts of one process that are not written down yet. Safe for its threads; a fork begins with none."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lock = Lock()
        self._counts: dict[tuple[int, date], Counter[str]] = {}
        self._since: datetime | None = None

    def add(self, key_id: int, day: date, counts: Counter[str], *, now: datetime) -> bool:
        """Count; whether it is time to write down."""
        with self._lock:
            self._since = self._since or now
            self._counts.setdefault((key_id, day), Counter()).update(counts)
            return not timedelta(0) <= now - self._since < WRITTEN_EVERY

    def take(self) -> dict[tuple[int, date], Counter[str]]:
        """All counts, which are then somebody else's to write down."""
        with self._lock:
            taken, self._counts, self._since = self._counts, {}, None
        return taken

    def give_back(self, taken: dict[tuple[int, date], Counter[str]], *, now: datetime) -> None:
        """What could not be written down is counted still."""
        for (key_id, day), counts in taken.items():
            self.add(key_id, day, counts, now=now)


meter = Meter()
os.register_at_fork(after_in_child=meter.forget)  # the parent writes down what it counted


def count(*, key: ApiKey, now: datetime, is_refused: bool = False, registrations: int = 0) -> bool:
    """One request more by this key, on this day of its organization. True: it is time for `write_down`."""
    counts = Counter(requests=1, refused=int(is_refused), registrations=registrations)
    return meter.add(key.pk, to_local(now, key.organization.timezone)[0], counts, now=now)


def write_down(*, now: datetime) -> None:
    """What this process counted stands in the database, added to what others wrote there.

    Locks the rows in the order of keys and days, each process alike. Where the database is busy or away it is counted
    until the next time.
    """
    taken = meter.take()
    try:
        with transaction.atomic():
            for (key_id, day), counts in sorted(taken.items()):
                _add(key_id, day, counts)
    except IntegrityError:
        logger.warning("The use of %d API keys is not written down: one of them is gone.", len(taken))
    except DatabaseError:
        meter.give_back(taken, now=now)
        logger.warning("The use of API keys is not written down yet.", exc_info=True)


def forget_old(*, now: datetime) -> int:
    """Counts of more than about a year ago are gone; how many rows."""
    return ApiKeyUsage.objects.filter(day__lt=(now - KEPT).date()).delete()[0]


def _add(key_id: int, day: date, counts: Counter[str]) -> None:
    row = ApiKeyUsage.objects.filter(key=key_id, day=day)
    more = {name: F(name) + number for name, number in counts.items()}
    if row.update(**more):
        return
    try:
        with transaction.atomic():
            ApiKeyUsage.objects.create(key_id=key_id, day=day, **counts)
    except IntegrityError:
        if not row.update(**more):
            raise
