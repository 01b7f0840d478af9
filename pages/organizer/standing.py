"""How an event stands, in numbers: its seats, who waits for them, and each quota as a bar with words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events import vacancies
from events.models import Event, Registration, SeatPool, worded
from pages import clock


@dataclass(frozen=True, slots=True)
class Bar:
    """One pool: `title` says for whom, `words` how full, `note` what will become of it. `seats` None: unlimited."""

    pool: SeatPool
    title: str
    words: str
    note: str
    taken: int
    seats: int | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`waiting` counts those of other runs too who would come; `numbers` is how many registrations are in each state.

    None of `seats` or `left`: unlimited.
    """

    taken: int
    seats: int | None
    left: int | None
    waiting: int
    numbers: dict[str, int]
    bars: Sequence[Bar]


def of(event: Event) -> Standing:
    """From the tables as they are now, in a constant number of statements. `event` with its programme loaded."""
    vacancy = vacancies.of(event_ids=[event.pk])[event.pk]
    rows = Registration.objects.filter(event=event).order_by().values_list("status")
    return Standing(
        taken=vacancy.taken,
        seats=vacancy.seats,
        left=vacancy.left,
        waiting=vacancies.waiting(event_ids=[event.pk]).get(event.pk, 0),
        numbers=dict.fromkeys(Registration.Status.values, 0) | dict(rows.annotate(Count("pk"))),
        bars=[_bar(pool, event) for pool in pools_of(event)],
    )


def pools_of(event: Event) -> list[SeatPool]:
    """The open pool first, then the quotas in the order in which they came to be."""
    rows = SeatPool.objects.filter(event=event).select_related("audience", "partner").order_by("pk")
    return sorted(rows, key=lambda pool: (pool.kind != "open", pool.released_at is not None))


def title_of(pool: SeatPool) -> str:
    """For whom a pool's seats are."""
    language = get_language() or "ko"
    whom = worded(pool.audience or pool.partner, "title", language) if pool.audience or pool.partner else ""
    match pool.kind:
        case "floor":
            return _("Reserved for %(whom)s") % {"whom": whom}
        case "allotment":
            return _("Allotment of %(whom)s") % {"whom": whom}
        case "ceiling":
            return _("At most for %(whom)s") % {"whom": whom}
        case _:
            return _("Open to all")


def _bar(pool: SeatPool, event: Event) -> Bar:
    seats = None if pool.is_unlimited else pool.seats
    is_over = seats is not None and pool.taken > seats
    return Bar(pool, title_of(pool), _fill(pool), _note(pool, event, is_over=is_over), pool.taken, seats, is_over)


def _fill(pool: SeatPool) -> str:
    if pool.is_unlimited:
        return ngettext("%(taken)d seat taken, no limit", "%(taken)d seats taken, no limit", pool.taken) % {
            "taken": pool.taken
        }
    values = {"taken": pool.taken, "seats": pool.seats, "left": pool.seats_left}
    if pool.kind == "ceiling":
        return _("%(taken)d of at most %(seats)d") % values
    return _("%(taken)d of %(seats)d taken, %(left)d left") % values


def _note(pool: SeatPool, event: Event, *, is_over: bool) -> str:
    if is_over:
        over = pool.taken - pool.seats
        text = ngettext(
            "%(over)d too many: nobody comes in here until that is worked off.",
            "%(over)d too many: nobody comes in here until these are worked off.",
            over,
        )
        return text % {"over": over}
    if pool.kind == "open":
        return ""
    if pool.released_at is not None:
        return _("Released on %(time)s.") % {"time": clock.moment(pool.released_at, event.programme.timezone)}
    if pool.releases_at is None:
        return "" if pool.kind == "ceiling" else _("Kept until the event.")
    time = {"time": clock.moment(pool.releases_at, event.programme.timezone)}
    return _("Until %(time)s, then for all.") % time
