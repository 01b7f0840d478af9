"""Guessing: how often somebody may be wrong about a secret, counted in the database (RULES 15)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Guess
from events.models.tokens import digest

KEPT = timedelta(days=1)


class TooManyGuesses(DomainError):
    """Somebody was wrong too often in this hour, so that nothing they say is looked at."""

    code = "too_many_guesses"
    status = 429
    retry_after = 3600


def refuse_many(*, what: str, who: str, most: int, now: datetime) -> None:
    """TooManyGuesses when `who` was wrong about `what` at least `most` times in this hour. Locks nothing."""
    found = Guess.objects.filter(scope=_scope(what, who), window=_hour(now)).values_list("count", flat=True).first()
    if (found or 0) >= most:
        raise TooManyGuesses(_("Too many refused attempts. Please try again in an hour."))


def count(*, what: str, who: str, now: datetime) -> None:
    """One wrong guess more is counted, however many are at once.

    Locks its row until the commit. Call it after the transaction that refused the guess: in it, the refusal would take
    the count back.
    """
    scope, window = _scope(what, who), _hour(now)
    if _raised(scope, window):
        return
    try:
        # A savepoint where there is a transaction already: PostgreSQL goes on after a failure only from there.
        with transaction.atomic():
            Guess.objects.create(scope=scope, window=window, count=1)
    except IntegrityError:
        _raised(scope, window)


def allowed(*, what: str, who: str, most: int, every: timedelta, now: datetime) -> bool:
    """Count one attempt of `who` at `what`; False once `most` were made in this stretch of time, which counts no more.

    Exact, however many try at once: the conditional update decides.
    """
    scope, window = _scope(what, who), _stretch(now, every)
    free = Guess.objects.filter(scope=scope, window=window, count__lt=most)
    if free.update(count=F("count") + 1):
        return True
    try:
        with transaction.atomic():
            Guess.objects.create(scope=scope, window=window, count=1)
    except IntegrityError:
        return bool(free.update(count=F("count") + 1))
    return True


def forget(*, what: str, who: str) -> int:
    """Nothing is known of the attempts of `who` at `what`: part of an erasure. How many counts there were."""
    return Guess.objects.filter(scope=_scope(what, who)).delete()[0]


@contextmanager
def limited(*, what: str, who: str, most: int, now: datetime, wrong: type[DomainError]) -> Iterator[None]:
    """TooManyGuesses before anything inside is looked at; a refusal of the kind `wrong` inside counts as a wrong guess.

    Not inside a transaction: see `count`.
    """
    refuse_many(what=what, who=who, most=most, now=now)
    try:
        yield
    except wrong:
        count(what=what, who=who, now=now)
        raise


def forget_old(*, now: datetime) -> int:
    """Guesses of more than a day ago are gone; how many rows."""
    return Guess.objects.filter(window__lt=now - KEPT).delete()[0]


def _raised(scope: str, window: datetime) -> bool:
    return Guess.objects.filter(scope=scope, window=window).update(count=F("count") + 1) == 1


def _scope(what: str, who: str) -> str:
    return digest(f"{what}:{who}")


def _hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _stretch(now: datetime, every: timedelta) -> datetime:
    """When the stretch of that length began in which `now` lies, counted from the beginning of the day."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + (now - today) // every * every
