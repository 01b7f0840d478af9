"""Who is let in: an event's questions, its invitation codes, what becomes of applications, its draw."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from api.pagination import Order
from api.serializers import admission as shapes
from api.serializers.events import NothingInput
from api.views import references
from api.views.base import Collection, View
from api.views.events import editable
from api.views.registrations import private
from events import policies
from events.errors import Invalid
from events.models import Audience, Draw, Event, Invitation, Registration, SeatPool
from events.operations import inviting, questioning, selecting


class Questions(View):
    """What an event asks those who register."""

    output = shapes.QuestionsOutput
    changes = shapes.QuestionsInput()

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(self._questions(self.found(Event.objects.readable_by(self.actor), slug=slug)))

    def put(self, request: Any, slug: str) -> HttpResponse:
        """Ask exactly these questions, in this order. Answers that were given before stay as they are."""
        event = editable(self, slug)
        questioning.set_questions(
            event=event, actor=self.actor, now=self.now, expected_revision=self.expected_revision(event.revision),
            **self.body(self.changes),
        )  # fmt: skip
        return self.one(self._questions(self.found(Event.objects.readable_by(self.actor), pk=event.pk)))

    def _questions(self, event: Event) -> dict[str, Any]:
        questions = shapes.questions_of([event.pk], self.language).get(event.pk, [])
        return {"event": event.slug, "questions": questions, "revision": event.revision}


class Invitations(Collection):
    """The invitation codes of an event. For its owners and editors, who may look them up at any time."""

    output = shapes.InvitationOutput
    takes = shapes.InvitationInput()
    made = shapes.InvitationsOutput
    post_status = 201
    open_to_all = frozenset()
    orders = {"created_at": Order("created_at")}

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = editable(self, slug)
        self.refuse_unknown_parameters()
        rows = Invitation.objects.visible_to(self.actor).filter(event=event)
        return private(self.listing(rows.select_related("event", "pool", "audience")))

    def shown(self, rows: list[Invitation]) -> list[dict[str, Any]]:
        return [shapes.invitation(row) for row in rows]

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Make so many codes, which let people in, or one that you choose."""
        event = editable(self, slug)
        values = references.given(Audience.objects.all(), self.body(self.takes), "audience")
        values["pool"] = self._allotment(event, values.pop("quota", None))

        def make() -> dict[str, Any]:
            made = inviting.invite(event=event, actor=self.actor, now=self.now, **values)
            return {"results": self.shown(made)}

        return private(self.creating(make))

    def _allotment(self, event: Event, uid: Any) -> SeatPool | None:
        if uid is None:
            return None
        pool = SeatPool.objects.visible_to(self.actor).filter(event=event, kind="allotment", uid=uid).first()
        if pool is None:
            raise references.UnknownReference(_("The event has no such allotment."), field="quota")
        return pool


class Revocation(View):
    """Makes a code useless from now on; registrations that it made stay. May be repeated."""

    output = shapes.InvitationOutput
    takes = NothingInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        invitation = self._invitation(uid)
        self.body(self.takes)
        inviting.revoke(invitation=invitation, actor=self.actor, now=self.now)
        return self.one(shapes.invitation(self._invitation(uid)), is_private=True)

    def _invitation(self, uid: Any) -> Invitation:
        rows = Invitation.objects.visible_to(self.actor)
        return self.found(rows.select_related("event__programme", "pool", "audience"), uid=uid)  # type: ignore[no-any-return]


class Applications(View):
    """Approves, declines or shortlists applications: all that are named, or none."""

    output = shapes.ApplicationsOutput
    takes = shapes.ApplicationsInput()
    may_be_repeated = True

    def post(self, request: Any, slug: str) -> HttpResponse:
        event = editable(self, slug)
        self.allow(policies.can_read_attendees(self.actor, event))
        values = self.body(self.takes)
        act = _deciding(values["action"], values.get("reason", ""))
        rows = registrations(Registration.objects.visible_to(self.actor).filter(event=event), values["codes"])

        def make() -> dict[str, Any]:
            done = act(event=event, registrations=rows, actor=self.actor, now=self.now)
            return {"results": [shapes.decided(one) for one in done]}

        return private(self.creating(make, status=200))


class OneDraw(View):
    """The draw among an event's applications, for everybody: promised before, and to be drawn again afterwards."""

    output = shapes.DrawOutput
    takes = shapes.DrawInput()
    post_status = 201

    def get(self, request: Any, slug: str) -> HttpResponse:
        event = self.found(Event.objects.readable_by(self.actor), slug=slug)
        return self.one(shapes.draw(self.found(Draw.objects.select_related("event"), event=event)))

    def post(self, request: Any, slug: str) -> HttpResponse:
        """Announce a draw: the SHA-256 of its seed is public from now on."""
        event = editable(self, slug)
        values = self.body(self.takes)
        return self.creating(
            lambda: shapes.draw(selecting.announce_draw(event=event, actor=self.actor, now=self.now, **values))
        )


class DrawRun(View):
    """Draws, once, when registration has closed: every application has a seat, a place on the waitlist, or an end."""

    output = shapes.DrawOutput
    takes = NothingInput()
    may_be_repeated = True

    def post(self, request: Any, slug: str) -> HttpResponse:
        event = editable(self, slug)
        self.body(self.takes)
        return self.creating(
            lambda: shapes.draw(selecting.draw(event=event, actor=self.actor, now=self.now)), status=200
        )


def _deciding(action: str, reason: str) -> Callable[..., list[selecting.Decided]]:
    """The operation of that name. A reason is told to those who are declined; nobody else would hear it."""
    if action == "decline":
        return partial(selecting.decline, reason=reason)
    if reason:
        raise Invalid(_("Only who is declined is told a reason."), field="reason")
    if action == "approve":
        return selecting.approve
    return partial(selecting.shortlist, is_shortlisted=action == "shortlist")


def registrations(rows: QuerySet[Registration], codes: Sequence[str]) -> list[Registration]:
    """The registrations with these codes, in the order given; an unknown one is a 400 that names its place."""
    known = {row.code: row for row in rows.filter(code__in=set(codes))}
    for number, code in enumerate(codes):
        if code not in known:
            raise references.UnknownReference(_("There is no “%(slug)s”.") % {"slug": code}, field=f"codes/{number}")
    return [known[code] for code in codes]
