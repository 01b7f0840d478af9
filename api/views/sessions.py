"""Sessions: lists by the one filter language, creation, also by a rule, moves, cancellation."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from api import pagination
from api.pagination import Order
from api.serializers import sessions as shapes
from api.serializers.events import ReasonInput
from api.views import references
from api.views.base import Collection, View
from api.views.filtering import FILTERS
from events import calendars, filters, policies
from events.errors import Invalid
from events.models import Event, Release, Session
from events.models.actor import READING
from events.models.walltime import WallTimeError, to_utc
from events.operations import releasing, scheduling
from events.operations.scheduling import Block

TIMES = ("starts_at", "ends_at", "timezone", "all_day", "starts_on", "ends_on")


class Sessions(Collection):
    """The sessions that match."""

    output = shapes.SessionOutput
    takes = shapes.SessionInput()
    post_status = 201
    asks = FILTERS
    orders = {"starts_at": Order("starts_at"), "updated_at": Order("updated_at")}

    def rows(self) -> QuerySet[Session]:
        return filters.sessions(  # type: ignore[no-any-return]
            queryset=Session.objects.visible_to(self.actor), query=self.request.GET, actor=self.actor, now=self.now,
            besides=pagination.PARAMETERS | {"lang"},
        )  # fmt: skip

    def fetch(self, rows: QuerySet[Session]) -> QuerySet[Any]:
        return rows.values(*shapes.COLUMNS, "sort_value")

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        return shown(self, rows)

    def post(self, request: Any) -> HttpResponse:
        """Draft a session of an event that you edit; its room is held at once."""
        event, values = planned(self)
        moment = moment_of(values, usual=_zone(event, values))

        def make() -> dict[str, Any]:
            made = scheduling.create(event=event, blocks=[moment], actor=self.actor, now=self.now, **values)
            return one(self, made[0])

        return self.creating(make)


class Repeat(View):
    """Drafts one session for each occurrence of a rule, at the same local time: all of them, or none."""

    output = shapes.RepeatOutput
    takes = shapes.RepeatInput()
    post_status = 201

    def post(self, request: Any) -> HttpResponse:
        event, values = planned(self)
        rule = values.pop("rule")
        blocks = scheduling.by_rule(first=moment_of(values, usual=_zone(event, values)), rule=rule)

        def make() -> dict[str, Any]:
            made = scheduling.create(event=event, blocks=blocks, actor=self.actor, now=self.now, **values)
            rows = Session.objects.filter(pk__in=[session.pk for session in made]).order_by("starts_at", "pk")
            return {"sessions": shown(self, list(shapes.rows_of(rows)))}

        return self.creating(make)


class OneSession(View):
    """One session; that of an unlisted event by its exact UID."""

    output = shapes.SessionOutput
    changes = shapes.SessionChanges(partial=True)

    def get(self, request: Any, uid: Any) -> HttpResponse:
        rows = list(shapes.rows_of(Session.objects.readable_by(self.actor).filter(uid=uid)))
        if not rows:
            self.missing()
        return self.one(shown(self, rows)[0])

    def patch(self, request: Any, uid: Any) -> HttpResponse:
        """Change or move a session. A published one moves at once; with only `starts_at` it keeps its length.

        With `release` nothing changes yet: it waits in that open release.
        """
        session = editable(self, uid)
        values = resolved(self.body(self.changes), session.event)
        if "release" in values["fields"]:
            return self._drafted(session, values)
        moment = moment_of(values, usual=session.timezone, before=session)
        changed = scheduling.amend(
            session=session, moment=moment, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(session.revision), **values,
        )  # fmt: skip
        return self.one(one(self, changed))

    def _drafted(self, session: Session, values: dict[str, Any]) -> HttpResponse:
        """The session as it goes on to be; what was sent waits in the open release that was named."""
        uid = values["fields"].pop("release")
        release = Release.objects.filter(programme=session.event.programme, uid=uid).first()
        if release is None:
            raise references.UnknownReference(_("There is no such release of this programme."), field="release")
        if "override" in values:
            raise Invalid(_("Refusals are passed when the release is released."), field="override")
        drafted = releasing.drafted(release=release, session=session)
        moment = moment_of(values, usual=drafted.timezone, before=drafted)
        releasing.edit(
            release=release, session=session, moment=moment, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(session.revision), **values,
        )  # fmt: skip
        return self.one(one(self, session) | {"release": str(uid)})


class Cancel(View):
    """Cancels a session; calendars keep it and mark it. May be repeated."""

    output = shapes.SessionOutput
    takes = ReasonInput()

    def post(self, request: Any, uid: Any) -> HttpResponse:
        session = editable(self, uid)
        changed = scheduling.cancel(
            session=session, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(session.revision), **self.body(self.takes),
        )  # fmt: skip
        return self.one(one(self, changed))


def shown(view: View, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    actor = view.actor
    return shapes.shown(rows, view.language, members_of=actor.organizations(READING), is_operator=actor.is_operator)


def one(view: View, session: Session) -> dict[str, Any]:
    """The session as its editor sees it now."""
    return shown(view, list(shapes.rows_of(Session.objects.readable_by(view.actor).filter(pk=session.pk))))[0]


def editable(view: View, uid: Any) -> Session:
    """The session, if the actor may change it: 404, then 401 or 403."""
    rows = Session.objects.readable_by(view.actor).select_related("event__programme__organization")
    session: Session = view.found(rows, uid=uid)
    view.allow(policies.can_edit_session(view.actor, session))
    return session


def planned(view: View) -> tuple[Event, dict[str, Any]]:
    """The event of a new session, and the other values with things in place of slugs."""
    view.allow(policies.can_name_topics(view.actor))
    assert view.takes is not None
    values = view.body(view.takes)
    events = Event.objects.readable_by(view.actor).select_related("programme__organization")
    event: Event = references.named(events, values.pop("event"), "event")
    view.allow(policies.can_edit(view.actor, event))
    wanted = resolved(values, event)
    return event, {"room": wanted["fields"].pop("room", None), **wanted}


def resolved(values: dict[str, Any], event: Event) -> dict[str, Any]:
    """What `scheduling` takes: room and speakers as things, columns as `fields`, times left for `moment_of`."""
    organization = event.programme.organization
    passed: dict[str, Any] = {name: values.pop(name) for name in (*TIMES, "override", "rule") if name in values}
    if "speakers" in values:
        passed["speakers"] = references.speakers(values.pop("speakers"), organization)
    if values.get("room") is not None:
        values["room"] = references.bookable_room(values["room"], organization)
    return passed | {"fields": values}


def moment_of(values: dict[str, Any], *, usual: str, before: Session | None = None) -> Block | None:
    """The block of time that these values mean, taken out of them; None where they say nothing about time.

    What is not said stays as it was `before`: the length too, when only the start moves.
    """
    said = {name: values.pop(name) for name in TIMES if name in values}
    if before is not None and not said:
        return None
    zone = said.get("timezone", usual)
    if said.get("all_day", before is not None and before.all_day):
        return _whole_days(said, zone, before)
    for name in ("starts_on", "ends_on"):
        if name in said:
            raise Invalid(_("Days are for sessions with all_day; write starts_at and ends_at."), field=name)
    starts, ends = said.get("starts_at"), said.get("ends_at")
    if before is not None:
        if starts is not None and ends is None:
            ends = _instant(starts, zone) + (before.ends_at - before.starts_at)
        starts, ends = starts or before.starts_at, ends or before.ends_at
    _needed(starts_at=starts, ends_at=ends)
    return scheduling.block(starts=starts, ends=ends, timezone=zone)


def _whole_days(said: dict[str, Any], zone: str, before: Session | None) -> Block:
    for name in ("starts_at", "ends_at"):
        if name in said:
            raise Invalid(_("A session with all_day has days; write starts_on and ends_on."), field=name)
    first, last = said.get("starts_on"), said.get("ends_on")
    if before is not None:
        first_before = before.starts_on
        last_before = calendars.days_of(before)[1]
        last = last or (first or first_before) + (last_before - first_before)
        first = first or first_before
    _needed(starts_on=first)
    return scheduling.whole_days(first=first, last=last or first, timezone=zone)


def _needed(**moments: Any) -> None:
    for name, moment in moments.items():
        if moment is None:
            raise Invalid(_("This field is required."), field=name)


def _instant(moment: datetime, zone: str) -> datetime:
    try:
        return moment if moment.tzinfo is not None else to_utc(moment, zone)
    except (WallTimeError, OverflowError) as error:
        raise Invalid(str(error), field="starts_at") from error


def _zone(event: Event, values: dict[str, Any]) -> str:
    """The zone that local times are meant in unless they say one: the venue's, else the programme's (RULES 18)."""
    room = values["room"]
    return room.venue.timezone if room is not None else event.programme.timezone
