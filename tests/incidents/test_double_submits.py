"""Forms sent twice elsewhere. The API's keys against repeated requests: tests/api/test_registrations.py."""

import pytest
from django.db import IntegrityError, transaction

from events.models import ANONYMOUS, Change, Event, Registration, SeatMovement, SeatPool
from events.operations import registering
from events.reports import audit
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def read(event: Event) -> Event:
    """The event as a request has read it, some time before it writes."""
    return Event.objects.prefetch_related("pools", "audiences", "questions").get(pk=event.pk)


def come(event: Event) -> Registration:
    return registering.register(event=event, applicant=factories.applicant(1), actor=ANONYMOUS, now=NOW)


def written() -> tuple[int, int, int]:
    return Registration.objects.count(), SeatMovement.objects.count(), Change.objects.count()


def test_jem_1039_the_database_itself_knows_one_live_registration_for_a_person() -> None:
    """https://github.com/jemproject/JEM-Project/issues/1039

    Who clicked twice was in the table twice; the pair of event and person was made unique afterwards. Here it was there
    first, and holds whatever the code believes.
    """
    row = factories.register(factories.event(capacity=5), 1)
    row.pk, row.code, row.ticket = None, "OTHER", "OTHER"

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"registration": "approval"}, {"needs_proof": True}, {"capacity": 0, "waitlist": "automatic"}],
)
def test_awbw_2465_a_double_click_makes_one_registration(fields: dict[str, object]) -> None:
    """https://github.com/rubyforgood/awbw/pull/2465

    Who clicked twice, or came back and sent the form again, was two people with two registrations: both requests had
    looked before either had written. Here the second one takes nothing with it.
    """
    event = factories.event(**{"capacity": 5, **fields})
    first, second = read(event), read(event)
    row = come(first)
    before, taken = written(), SeatPool.objects.get(event=event).taken

    with pytest.raises(registering.AlreadyRegistered):
        come(second)

    assert (written(), SeatPool.objects.get(event=event).taken) == (before, taken)
    assert Registration.objects.get() == row
    assert list(audit.run()) == []


def test_bcgov_10869_a_repeated_cancellation_has_one_effect() -> None:
    """https://github.com/bcgov/entity/issues/10869

    One of a family of reports there: a button could be pressed again while its request was on the way, and the same
    thing was filed twice. Here a step that has been taken is no error the second time, and no second step.
    """
    event = factories.event(capacity=2, waitlist="automatic")
    first, _second, waiting, last = factories.crowd(event, range(4))
    stale = [Registration.objects.get(pk=first.pk) for _click in range(2)]

    for click in stale:
        registering.cancel(registration=click, actor=ANONYMOUS, now=NOW)

    assert factories.statuses([first, waiting, last]) == ["cancelled", "confirmed", "waitlisted"]
    assert Change.objects.filter(kind="registration.cancelled").count() == 1
    assert SeatPool.objects.get(event=event).taken == 2
    assert list(audit.run()) == []
