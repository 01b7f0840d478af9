"""A crowd of processes that want the same thing at once, and the ways to take our guards down for a control."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from events.operations import committing, seating
from venues.errors import Refusal

PATIENCE_SECONDS = 50
FORK = multiprocessing.get_context("fork")  # a child has the parent's patches, so a control reaches every process


def rush(
    act: Callable[[int], Sequence[Any]], *, clients: int = 8, patience_seconds: float = PATIENCE_SECONDS
) -> list[Any]:
    """What `act(0)`, `act(1)`, ... returned, each called in a process of its own, all released at once.

    `act` returns a list; the lists are joined in the order of the clients. A client that raises fails the test.
    """
    connections.close_all()  # a connection does not survive a fork
    start = FORK.Barrier(clients)
    children = [_spawn(act, client, start) for client in range(clients)]
    try:
        results = [_receive(receiver, patience_seconds) for _process, receiver in children]
    finally:
        for process, _receiver in children:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
    return [result for part in results for result in part]


def outcome(attempt: Callable[[], Any]) -> str:
    """ "ok", or the code of the refusal; anything else is a fault and stays one."""
    try:
        attempt()
    except Refusal as refusal:
        return refusal.code
    return "ok"


def outcome_or_fault(attempt: Callable[[], Any]) -> str:
    """As `outcome`, but a fault is told by its name: for controls, in which guards that are left stop the next ones."""
    try:
        return outcome(attempt)
    except Exception as error:
        return type(error).__name__


def _spawn(act: Callable[[int], Sequence[Any]], client: int, start: Any) -> tuple[Any, Connection]:
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_run, args=(act, client, start, sender), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _run(act: Callable[[int], Sequence[Any]], client: int, start: Any, sender: Connection) -> None:
    try:
        connection.ensure_connection()
        start.wait(timeout=PATIENCE_SECONDS)
        sender.send((list(act(client)), ""))
    except BaseException as error:  # the parent must hear of everything
        sender.send(([], f"{type(error).__name__}: {error}"))
    finally:
        connections.close_all()


def _receive(receiver: Connection, patience_seconds: float) -> list[Any]:
    assert receiver.poll(patience_seconds), "a client did not come back"
    results, fault = receiver.recv()
    assert not fault, fault
    return list(results)


@contextmanager
def unguarded(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Operations without what keeps two of them apart: row locks on PostgreSQL, the transaction on SQLite.

    (SQLite's transactions are the lock: IMMEDIATE, one writer at a time.)
    """
    with patch.context() as gone:
        if connection.vendor == "postgresql":
            gone.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
            gone.setattr(seating, "locking", seating.locking.__wrapped__)  # not the statement that was written before
        else:
            gone.setattr(committing.transaction, "atomic", _no_transaction)
        yield


@contextmanager
def _no_transaction(**_options: Any) -> Iterator[None]:
    yield


@contextmanager
def without(constraint: str, *, table: str, is_index: bool, clean: Callable[[], Any]) -> Iterator[None]:
    """The database without one of its constraints; `clean` removes what broke it before it comes back."""
    definition = _definition(constraint)
    _execute(f"DROP INDEX {constraint}" if is_index else f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        clean()
        _execute(definition if is_index else f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def _definition(name: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [name])
        else:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
                " UNION ALL SELECT indexdef FROM pg_indexes WHERE indexname = %s",
                [name, name],
            )
        return str(cursor.fetchone()[0])


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def slowly(function: Callable[..., Any], *, before: float = 0.0, after: float = 0.0) -> Callable[..., Any]:
    """The function with a pause, so that a gap that is there is met."""

    def paused(*args: Any, **kwargs: Any) -> Any:
        time.sleep(before)
        result = function(*args, **kwargs)
        time.sleep(after)
        return result

    return paused
