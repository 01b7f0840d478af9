"""The transaction around an operation: all of it or nothing, run again when another one stood in its way."""

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model, UniqueConstraint
from django.utils.translation import gettext as _

from events.errors import DomainError
from venues.availability import RoomTaken
from venues.models import OVERLAP_CONSTRAINT

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Model)

logger = logging.getLogger(__name__)

MOST_TRIES = 5
LONGEST_SECONDS = 20.0  # a lock that was waited for so long is not waited for again
SHORTEST_PAUSE_MS = 10

# PostgreSQL: serialization failure, deadlock, lock timeout. SQLite: busy, locked.
CONTENDED_STATES = frozenset({"40001", "40P01", "55P03"})
CONTENDED_CODES = frozenset({5, 6})
# Unique and exclusion constraints: somebody was faster.
OUTRUN_STATES = frozenset({"23505", "23P01"})
OUTRUN_CODES = frozenset({1555, 2067})

_is_running: ContextVar[bool] = ContextVar("is_running", default=False)
_is_rerun: ContextVar[bool] = ContextVar("is_rerun", default=False)


class Busy(DomainError):
    """Too many want the same rows at once; nothing was written, and asking again soon will do."""

    code = "busy"
    status = 503
    retry_after = 1


class Outgrown(Exception):
    """What an operation must lock grew while it was locking: it starts again."""


def all_or_nothing(operation: Callable[P, R]) -> Callable[P, R]:
    """The operation is one transaction; inside another one, a part that can fail alone.

    This is the one place that retries. A deadlock, a lock that did not come, or a constraint that a faster one met
    first runs the whole operation again, at most five times with growing random pauses: then its own checks see what
    the faster one wrote and refuse in their words. What is still in the way after that is Busy, never half a result.
    """
    return _transacted(operation, joins=False)


def joining(operation: Callable[P, R]) -> Callable[P, R]:
    """As `all_or_nothing`, but inside another operation it cannot fail alone: a refusal ends the whole.

    It saves a savepoint where the two always fail together, and Django refuses every statement after such a failure.
    """
    return _transacted(operation, joins=True)


def one_by_one(rows: Iterable[Row], act: Callable[[Row], int]) -> int:
    """Each row has its own transaction; one that fails is logged and stands in nobody's way. The sum of the others."""
    done = 0
    for row in rows:
        try:
            done += act(row)
        except Exception:
            logger.exception("%s failed for %s %s", act.__qualname__, row._meta.model_name, row.pk)
    return done


def is_rerun() -> bool:
    """Whether the operation was outrun at least once: what it chose then, others choose as well."""
    return _is_rerun.get()


def broke(error: IntegrityError, *, model: type[Model], constraint: str) -> bool:
    """Whether it was this unique constraint of the model that the database held up."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == constraint)
    fields = next(
        rule.fields
        for rule in model._meta.constraints
        if isinstance(rule, UniqueConstraint) and rule.name == constraint
    )
    named = {field.name: field.column for field in model._meta.concrete_fields}
    columns = (f"{model._meta.db_table}.{named[field]}" for field in fields)
    return str(error) == f"UNIQUE constraint failed: {', '.join(columns)}"


def is_contended(error: OperationalError) -> bool:
    """Whether somebody else's lock was in the way, rather than a database that is broken or away."""
    return _is_one_of(error, CONTENDED_STATES, CONTENDED_CODES)


def _transacted(operation: Callable[P, R], *, joins: bool) -> Callable[P, R]:
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _is_running.set(True)
        try:
            with transaction.atomic(savepoint=not (joins and token.old_value is True)):
                return operation(*args, **kwargs)
        finally:
            _is_running.reset(token)

    @wraps(operation)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return once(*args, **kwargs)
        return _again(lambda: once(*args, **kwargs))

    return run


def _again(attempt: Callable[[], R]) -> R:
    token = _is_rerun.set(False)
    try:
        return _up_to_five_times(attempt)
    finally:
        _is_rerun.reset(token)


def _up_to_five_times(attempt: Callable[[], R]) -> R:
    began = time.monotonic()
    for number in range(1, MOST_TRIES + 1):
        try:
            return attempt()
        except (OperationalError, IntegrityError, Outgrown) as error:
            if not _is_worth_another_try(error):
                raise
            if number == MOST_TRIES or time.monotonic() - began > LONGEST_SECONDS:
                _give_up(error)
        _is_rerun.set(True)
        time.sleep((SHORTEST_PAUSE_MS << number) * (500 + secrets.randbelow(500)) / 1_000_000)
    raise AssertionError("unreachable")


def _is_worth_another_try(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        return _is_one_of(error, OUTRUN_STATES, OUTRUN_CODES)
    return isinstance(error, Outgrown) or (isinstance(error, OperationalError) and is_contended(error))


def _give_up(error: Exception) -> NoReturn:
    if not isinstance(error, IntegrityError):
        raise Busy(_("Too many people want this at the same moment. Please try again.")) from error
    if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == OVERLAP_CONSTRAINT:
        raise RoomTaken([]) from error
    raise error


def _is_one_of(error: Exception, states: frozenset[str], codes: frozenset[int]) -> bool:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in states:
        return True
    code = getattr(cause, "sqlite_errorcode", 0)
    # Busy and locked come with variants in the higher bits; of constraints the variant is what counts.
    return code in codes or code & 0xFF in codes
