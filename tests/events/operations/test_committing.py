"""The transaction around operations: what runs again, what does not, and how it ends."""

import time

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from events.models import Person, Registration
from events.operations import committing
from events.operations.committing import Busy, Outgrown, all_or_nothing, joining
from tests import factories
from tests.factories import NOW
from venues.availability import RoomTaken


class Lock(Exception):
    """What a driver raises below Django's error."""

    sqlstate = "40P01"
    sqlite_errorcode = 5


def locked() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = Lock()
    return error


class Attempts:
    """An operation that fails so many times with this error before it succeeds."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error, self.failures, self.made = error, failures, 0

    def __call__(self) -> str:
        self.made += 1
        Person.objects.create(email=f"{self.made}@x.y", email_key=f"{self.made}@x.y")
        if self.made <= self.failures:
            raise self.error
        return "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [locked(), Outgrown()], ids=["lock", "outgrown"])
def test_an_operation_that_was_in_somebodys_way_runs_again_as_a_whole(error: Exception) -> None:
    attempts = Attempts(error, failures=4)

    assert all_or_nothing(attempts.__call__)() == "done"

    assert list(Person.objects.values_list("email", flat=True)) == ["5@x.y"]


@pytest.mark.django_db(transaction=True)
def test_after_five_tries_it_is_busy_and_says_when_to_ask_again() -> None:
    attempts = Attempts(locked(), failures=99)

    with pytest.raises(Busy) as refusal:
        all_or_nothing(attempts.__call__)()

    assert (refusal.value.status, refusal.value.code, refusal.value.retry_after) == (503, "busy", 1)
    assert (attempts.made, Person.objects.count()) == (5, 0)


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_was_waited_for_long_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "LONGEST_SECONDS", 0.0)
    attempts = Attempts(locked(), failures=99)

    with pytest.raises(Busy):
        all_or_nothing(attempts.__call__)()

    assert attempts.made == 1


@pytest.mark.django_db(transaction=True)
def test_a_broken_database_is_no_contention() -> None:
    attempts = Attempts(OperationalError("disk I/O error"), failures=99)

    with pytest.raises(OperationalError):
        all_or_nothing(attempts.__call__)()

    assert attempts.made == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_constraint_is_a_fault_of_ours_and_not_tried_again() -> None:
    pool = factories.event(capacity=1).pools.get()
    tries = []

    @all_or_nothing
    def oversell() -> None:
        tries.append(1)
        type(pool).objects.filter(pk=pool.pk).update(taken=2)

    with pytest.raises(IntegrityError):
        oversell()

    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_unique_constraint_that_stays_is_told_after_five_tries() -> None:
    Person.objects.create(email="a@b.c", email_key="a@b.c")
    tries = []

    @all_or_nothing
    def again() -> None:
        tries.append(1)
        Person.objects.create(email="a@b.c", email_key="a@b.c")

    with pytest.raises(IntegrityError):
        again()

    assert len(tries) == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the exclusion constraint is PostgreSQL's")
def test_an_overlap_at_the_commit_is_a_taken_room() -> None:
    room = factories.room()
    booking = factories.session(factories.draft(), room=room)
    other = factories.session(factories.draft(), starts=NOW + 3 * factories.WEEK, room=room)

    @all_or_nothing
    def overlap() -> None:
        room.bookings.filter(purpose=other.uid).update(starts_at=booking.starts_at, ends_at=booking.ends_at)

    with pytest.raises(RoomTaken):
        overlap()


@pytest.mark.django_db(transaction=True)
def test_an_operation_inside_another_can_fail_alone() -> None:
    @all_or_nothing
    def part() -> None:
        Person.objects.create(email="part@x.y", email_key="part@x.y")
        raise Busy("no")

    @all_or_nothing
    def whole() -> None:
        Person.objects.create(email="whole@x.y", email_key="whole@x.y")
        with pytest.raises(Busy):
            part()

    whole()

    assert list(Person.objects.values_list("email", flat=True)) == ["whole@x.y"]


@pytest.mark.django_db(transaction=True)
def test_a_joining_operation_that_fails_ends_the_whole() -> None:
    @joining
    def part() -> None:
        Person.objects.create(email="part@x.y", email_key="part@x.y")
        raise Busy("no")

    @all_or_nothing
    def whole() -> None:
        with pytest.raises(Busy):
            part()
        Person.objects.create(email="whole@x.y", email_key="whole@x.y")

    with pytest.raises(transaction.TransactionManagementError):
        whole()

    assert Person.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_of_somebody_else_nothing_is_tried_again() -> None:
    attempts = Attempts(locked(), failures=99)

    with pytest.raises(OperationalError), transaction.atomic():
        all_or_nothing(attempts.__call__)()

    assert attempts.made == 1


@pytest.mark.django_db(transaction=True)
def test_pauses_are_short_and_grow() -> None:
    began = time.monotonic()

    all_or_nothing(Attempts(Outgrown(), failures=4).__call__)()

    assert 0.14 < time.monotonic() - began < 3


def test_one_row_that_fails_stands_in_nobodys_way(caplog: pytest.LogCaptureFixture) -> None:
    rows = [Person(pk=number) for number in (1, 2, 3)]

    def act(person: Person) -> int:
        if person.pk == 2:
            raise LookupError("poisoned")
        return 1

    assert committing.one_by_one(rows, act) == 2
    assert [record.getMessage().rpartition(" failed ")[2] for record in caplog.records] == ["for person 2"]


@pytest.mark.django_db
def test_a_broken_unique_constraint_is_known_by_name_on_both_databases() -> None:
    registration = factories.register(factories.event(), 1)
    row = {**Registration.objects.values().get(), "id": None, "code": "OTHER", "ticket": "OTHER"}

    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Registration.objects.create(**row)
    with pytest.raises(IntegrityError) as other, transaction.atomic():
        Registration.objects.create(**{**row, "code": registration.code, "email_key": "x@y.z"})

    known = {"model": Registration, "constraint": "registration_live_once_per_person"}
    assert committing.broke(broken.value, **known) is True
    assert committing.broke(other.value, **known) is False
