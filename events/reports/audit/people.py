"""Registrations: who is live once, who waits in which order, which ways they went, and what was answered."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat

from events import vacancies, whereabouts
from events.capacity import Hall, Shortage, Who
from events.models import HOLDING, LIVE, TRANSITIONS, Change, Event, IdempotencyKey, Registration, SeatPool, email_key
from events.reports.audit.breaks import Break, sides

Key = tuple[int, datetime, int]

LATE = timedelta(seconds=60)  # how long the worker may need for what has fallen due (SAFETY W5)


def registrations(now: datetime) -> Iterator[Break]:
    """Live at most once for each person and event, in published events only; each with its ledger and Change."""
    for name in ("event", "series_once"):
        twice = (
            Registration.objects.filter(status__in=LIVE, **{f"{name}__isnull": False})
            .order_by(name, "email_key")
            .values_list(f"{name}__slug", "email_key")
            .annotate(number=Count("pk"))
            .filter(number__gt=1)
        )
        for slug, _key, number in twice:
            yield Break("I4", "live-once", slug, f"one person is registered {number} times")
    told = Change.objects.filter(registration=OuterRef("pk"), kind=Concat(Value("registration."), OuterRef("status")))
    seats = ["open", "floor", "allotment"]
    held = Registration.objects.filter(pk=OuterRef("pk"), movements__pool__kind__in=seats).order_by()
    sums = held.values("pk").annotate(sum=Sum("movements__delta")).values("sum")
    rows = Registration.objects.annotate(sum=Coalesce(Subquery(sums), 0), is_told=Exists(told))
    for row in rows.select_related("event").order_by("pk").iterator(chunk_size=2000):
        yield from _registration(row)


def _registration(row: Any) -> Iterator[Break]:
    name = f"registration {row.pk} of {row.event.slug}"
    if row.sum != int(row.status in HOLDING):
        yield Break("C3", "ledger-of-one", name, sides({"status": row.status, "ledger": row.sum}))
    if row.status in LIVE and row.event.status != "published":
        yield Break("L2", "live-in-published", name, f"{row.status}, but the event is {row.event.status}")
    if not row.is_told:
        yield Break("L1", "change-told", name, f"no Change says that it is {row.status}")
    if row.email and row.email_key != email_key(row.email):
        yield Break("I4", "email-key", name, "the stored form is not that of the address")


def transitions(now: datetime) -> Iterator[Break]:
    """Registrations went only ways that are in the table, each step from where the one before it ended."""
    stands: dict[int, str] = {}
    told = Change.objects.filter(kind__startswith="registration.", registration__isnull=False).order_by("pk")
    for pk, before, after in told.values_list("registration", "before", "after").iterator(chunk_size=2000):
        was, became = before.get("status", ""), after.get("status", "")
        if became not in TRANSITIONS.get(was, ()):
            yield Break("L1", "transition", f"registration {pk}", f"from {was or 'nothing'} to {became}")
        elif was != stands.get(pk, ""):
            # A declined, expired or cancelled one that goes on is W3 or W4: an offer ended twice, or came again.
            yield Break("W3", "chain", f"registration {pk}", f"it was {stands.get(pk) or 'nothing'}, not {was}")
        stands[pk] = became


def deadlines(now: datetime) -> Iterator[Break]:
    """No offer outlives its deadline by more than the worker's minute; only offers have one."""
    for row in Registration.objects.exclude(offer_expires_at=None).select_related("event").order_by("pk"):
        name = f"registration {row.pk} of {row.event.slug}"
        if row.status == "offered" and row.offer_expires_at is not None and row.offer_expires_at + LATE < now:
            yield Break("C5", "offer-overdue", name, f"expired at {row.offer_expires_at.isoformat()}")


def order(now: datetime) -> Iterator[Break]:
    """Nobody was served before somebody who waited longer, unless the history says why."""
    passed = set(Change.objects.filter(kind="waitlist.passed").values_list("registration", flat=True))
    served = _served()
    waiting = Registration.objects.filter(status="waitlisted", event__in=list(served)).select_related("event")
    for row in waiting.order_by("pk").iterator(chunk_size=2000):
        key = _key(row)
        behind = [at for other, at in served[row.event_id] if other > key and at >= row.created_at]
        if behind and row.pk not in passed:
            name = f"registration {row.pk} of {row.event.slug}"
            yield Break("W2", "order", name, f"{len(behind)} behind it were served first, and nothing says why")


def idle(now: datetime) -> Iterator[Break]:
    """No seat stays free for longer than the worker's minute while the first who waits could take it.

    What is freed goes out at once; who takes another run, which had seats all the time, is served by the worker.
    """
    waiting = Registration.objects.filter(status="waitlisted").values("event")
    events = Event.objects.filter(pk__in=waiting, status="published").exclude(registration="none")
    for event in events.select_related("programme").order_by("pk"):
        if event.first_starts_at is not None and event.first_starts_at <= now:
            continue
        first = Registration.objects.accepting(event).in_order().first()
        if first is None or first.waits_since is None or first.waits_since + LATE > now:
            continue
        if first.group_id is not None or event.programme.clashes == "refuse":
            continue  # a group waits for enough seats, and who clashes is served when they no longer do
        if not isinstance(_hall(event).place(Who(first.audience_id, first.partner_id)), Shortage):
            yield Break("C2", "idle-seat", event.slug, f"registration {first.pk} waits, and a seat is free")


def places(now: datetime) -> Iterator[Break]:
    """Nobody holds seats of two events at one time where the programme refuses that.

    What was moved after they had both is the organizer's to see, not a seat given wrongly.
    """
    rows = Registration.objects.filter(status__in=HOLDING, event__programme__clashes="refuse")
    for row in rows.select_related("event__programme").order_by("pk").iterator(chunk_size=2000):
        others = Registration.objects.filter(
            event__in=whereabouts.elsewhere(key=row.email_key, event=row.event), email_key=row.email_key,
            status__in=HOLDING, pk__lt=row.pk,
        )  # fmt: skip
        for other in others.order_by("pk"):
            if not _moved_since((row.event_id, other.event_id), row.created_at):
                yield Break(
                    "R2", "two-places", f"registration {row.pk} of {row.event.slug}", f"and of {other.event.slug}"
                )


def _moved_since(event_ids: tuple[int, int], at: datetime) -> bool:
    of_sessions = Q(session__isnull=False) | Q(kind__startswith="sessions.")  # of one, or of several in one step
    return Change.objects.filter(of_sessions, event__in=event_ids, at__gt=at).exists()


def answers(now: datetime) -> Iterator[Break]:
    """A stored answer to a retried request tells of a registration that exists."""
    codes = set(Registration.objects.values_list("code", flat=True))
    for key in IdempotencyKey.objects.order_by("pk").iterator(chunk_size=2000):
        if key.status == 0:
            yield Break("I1", "answer", f"idempotency key {key.scope[:8]}", "it holds no answer")
        elif {"code", "event", "manage_url"} <= key.answer.keys() and key.answer["code"] not in codes:
            yield Break("I1", "answer", f"idempotency key {key.scope[:8]}", "its registration does not exist")


def _served() -> dict[int, list[tuple[Key, datetime]]]:
    """Who came from the waitlist into which event, by their place in it, and when."""
    found: dict[int, list[tuple[Key, datetime]]] = defaultdict(list)
    told = Change.objects.filter(reason="seat_freed", registration__isnull=False).select_related("registration")
    for change in told.order_by("pk").iterator(chunk_size=2000):
        assert change.registration is not None
        assert change.event_id is not None
        found[change.event_id].append((_key(change.registration), change.at))
    return found


def _key(row: Registration) -> Key:
    assert row.waits_since is not None
    return -row.priority, row.waits_since, row.pk


def _hall(event: Event) -> Hall:
    pools = SeatPool.objects.filter(event=event).order_by("pk")
    return Hall([vacancies.pictured(pool) for pool in pools], vacancies.holders([event.pk]).get(event.pk))
