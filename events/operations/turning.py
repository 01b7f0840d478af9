"""Turn: seats become few, run out, are free again, or can be waited for; whoever shows them hears of it.

What was told last is a row that only the worker writes. What comes and goes between two of its looks is not told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from events import outbox, vacancies
from events.models import SYSTEM, Change, Event, LastTold

ORDER = ("full", "few", "open")  # from bad to good

Memory = Mapping[int, tuple[str, str, bool]]  # by event id: shown, level and waits, as they were told last


def shown(event: Event) -> str:
    """In which lists it is: the loaded twin of `EventQuerySet.readable` and `public`."""
    if event.status == "draft" or not event.was_public or not event.programme.is_public:
        return ""
    return "listed" if event.visibility == "public" else "unlisted"


def turned(
    *, events: Mapping[int, Event], told: Mapping[int, LastTold], before: Memory, changes: Sequence[Change],
    last_place: int,
) -> list[Change]:  # fmt: skip
    """The Changes that say how the seats of these events turned, stored, with places from `last_place` on.

    The rows of `told` are as they are now, not stored. Each Change has the time of the last one of its event.
    """
    open_ones = [pk for pk, event in events.items() if _can_be_booked(event, told[pk])]
    found = vacancies.of(event_ids=open_ones) if open_ones else {}
    at = {change.event_id: change.at for change in changes}
    latest = max(change.at for change in changes)
    rows: list[Change] = []
    for pk, event in events.items():
        row, (was_shown, was, waited) = told[pk], before[pk]
        vacancy = found.get(pk)
        row.level = vacancy.level if vacancy is not None else ""
        row.waits = row.level == "full" and event.waitlist != "off"
        if not was_shown and row.shown:
            was, waited = "open", False  # it is new: everybody thinks that it has seats
        for kind in _kinds(was, row.level, is_new_wait=row.waits and not waited):
            rows.append(_change(kind, event, was, row, vacancy.left if vacancy else None, at.get(pk, latest)))
    for number, change in enumerate(rows, start=1):
        change.place = last_place + number
    if rows:
        Change.objects.bulk_create(rows)
    return rows


def remember(*, told: Mapping[int, LastTold], before: Memory) -> None:
    """What was told is stored, in two statements at most. An event that was never shown needs no row."""
    changed = [row for pk, row in told.items() if (row.shown, row.level, row.waits) != before[pk]]
    LastTold.objects.bulk_create(row for row in changed if row.pk is None)
    known = [row for row in changed if row.pk is not None]
    if known:
        LastTold.objects.bulk_update(known, ["shown", "level", "waits"])


def _can_be_booked(event: Event, row: LastTold) -> bool:
    return bool(row.shown) and event.status == "published" and event.registration != "none"


def _kinds(was: str, level: str, *, is_new_wait: bool) -> list[str]:
    if not was or not level:
        return []  # nobody could take a seat then, or can now: that is told otherwise
    kinds = []
    if ORDER.index(level) < ORDER.index(was):
        kinds.append("availability.full" if level == "full" else "availability.few_left")
    elif level != was:
        kinds.append("availability.open_again")
    return [*kinds, *(["waitlist.opened"] if is_new_wait else [])]


def _change(kind: str, event: Event, was: str, row: LastTold, left: int | None, at: datetime) -> Change:
    return outbox.change(
        kind=kind, actor=SYSTEM, now=at, organization_id=event.programme.organization_id, event=event,
        before={"level": was}, after={"level": row.level, "seats_left": left},
    )  # fmt: skip
