"""Releases: edits that are collected and take effect together, what was re-planned, and the public changelog."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import releases as shapes
from api.serializers import replans
from api.serializers.events import NothingInput
from api.views import references
from api.views.base import READING, Collection, View
from events import policies
from events.models import Programme, Release, ReleasedCapacity, ReleaseEdit, Session
from events.operations import releasing, replanning

EDITS = ReleaseEdit.objects.select_related("session__event").order_by("session__starts_at", "session", "pk")
PARTS = (
    Prefetch("edits", EDITS),
    Prefetch("capacities", ReleasedCapacity.objects.select_related("event").order_by("event")),
)


class Releases(Collection):
    """What is collected, was released and was re-planned in your organizations' programmes."""

    output = shapes.ReleaseOutput
    takes = shapes.ReleaseInput()
    post_status = 201
    open_to_all = frozenset()
    scopes = READING
    orders = {"created_at": Order("created_at"), "updated_at": Order("updated_at")}
    usual = "-created_at"
    asks = {"programme": "Slug of a programme.", "status": "One of open, released, discarded."}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(policies.can_read_somewhere(self.actor))
        return super().get(request, *args, **kwargs)

    def rows(self) -> QuerySet[Release]:
        rows = loaded(Release.objects.visible_to(self.actor))
        if "status" in self.request.GET:
            rows = rows.filter(status=self.one_of("status", Release.Status.values))
        return self.narrowed(rows, "programme", Programme.objects.visible_to(self.actor))

    def shown(self, rows: list[Release]) -> list[dict[str, Any]]:
        places = places_of(rows)
        return [shapes.release(row, self.language, places) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Begin to collect edits: PATCH sessions with `release`, then look at `preview/`, then `release/`."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        programme = references.named(Programme.objects.visible_to(self.actor), values.pop("programme"), "programme")
        self.allow(policies.can_edit_programme(self.actor, programme))

        def make() -> dict[str, Any]:
            made = releasing.begin(programme=programme, fields=values, actor=self.actor, now=self.now)
            return found(self, made.uid)

        return self.creating(make)


class OneRelease(View):
    """One release with its edits."""

    output = shapes.ReleaseOutput
    changes = shapes.ReleaseChanges(partial=True)
    open_to_all = frozenset()
    scopes = READING

    def get(self, request: Any, uid: Any) -> HttpResponse:
        return self.one(found(self, uid))

    def patch(self, request: Any, uid: Any) -> HttpResponse:
        """Change its title and its notes; those of a released one can be corrected."""
        row = editable(self, uid)
        releasing.amend(
            release=row, fields=self.body(self.changes), actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(row.revision),
        )  # fmt: skip
        return self.one(found(self, uid))


class OneEdit(View):
    """The edit of one session in an open release."""

    output = shapes.ReleaseOutput
    is_revised = False

    def delete(self, request: Any, uid: Any, session: Any) -> HttpResponse:
        """The release leaves the session as it is."""
        row = editable(self, uid)
        self.refuse_unknown_parameters()
        edited = self.found(Session.objects.filter(edits__release=row), uid=session)
        releasing.forget(release=row, session=edited, actor=self.actor, now=self.now)
        return HttpResponse(status=204)


class Preview(View):
    """What releasing it would do; of a released one, what undoing it would do. Nothing is written."""

    output = replans.PreviewOutput
    takes = NothingInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        row = editable(self, uid)
        self.body(self.takes)
        if row.status == "open":
            seen, conflicts = releasing.preview(release=row)
            return self.one(replans.preview(seen, self.language, conflicts=conflicts))
        return self.one(replans.preview(replanning.preview_undo(release=row), self.language))


class Carry(View):
    """Releases it: all edits take effect at once, with one version of the schedule. May be repeated."""

    output = shapes.ReleaseOutput
    takes = shapes.CarryOutInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        row = editable(self, uid)
        values = self.body(self.takes)

        def act() -> dict[str, Any]:
            with previewed(self.language):
                releasing.release_all(release=row, actor=self.actor, now=self.now, **values)
            return found(self, uid)

        return self.creating(act, status=200)


class Discard(View):
    """Discards it: it will never take effect. May be repeated."""

    output = shapes.ReleaseOutput
    takes = NothingInput()
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        row = editable(self, uid)
        self.body(self.takes)
        releasing.discard(release=row, actor=self.actor, now=self.now)
        return self.one(found(self, uid))


class Undo(View):
    """Undoes a release or a re-plan, as a new release: everything is as it was before, SEQUENCE goes on rising."""

    output = shapes.ReleaseOutput
    takes = shapes.UndoInput()
    post_status = 201
    is_revised = False

    def post(self, request: Any, uid: Any) -> HttpResponse:
        row = editable(self, uid)
        values = self.body(self.takes)
        note = {name: values.pop(name) for name in ("note_ko", "note_en") if name in values}

        def make() -> dict[str, Any]:
            with previewed(self.language):
                back = replanning.undo(release=row, note=note, actor=self.actor, now=self.now, **values)
            return found(self, back.uid)

        return at_releases(self.creating(make))


class Changelog(Collection):
    """What was re-planned in a programme, as everybody may know it: notes, and what changed for the public."""

    output = shapes.LogOutput
    orders = {"version": Order("version")}
    usual = "-version"

    def get(self, request: Any, slug: str) -> HttpResponse:
        self.programme = self.found(Programme.objects.visible_to(self.actor), slug=slug)
        self.refuse_unknown_parameters()
        rows = Release.objects.public().filter(programme=self.programme).select_related("undoes", "undone_by")
        return self.listing(rows.prefetch_related(Prefetch("edits", EDITS.public())))

    def shown(self, rows: list[Release]) -> list[dict[str, Any]]:
        places = places_of(rows)
        return [shapes.log(row, self.language, places) for row in rows]


def loaded(rows: QuerySet[Release]) -> QuerySet[Release]:
    """With all that `shapes.release` shows."""
    return rows.select_related("programme", "undoes", "undone_by").prefetch_related(*PARTS)


def places_of(rows: list[Release]) -> shapes.Places:
    return shapes.Places(state for row in rows for edit in row.edits.all() for state in (edit.before, edit.after))


def found(view: View, uid: Any) -> dict[str, Any]:
    """The release as its members see it now."""
    row: Release = view.found(loaded(Release.objects.visible_to(view.actor)), uid=uid)
    return shapes.release(row, view.language, places_of([row]))


def editable(view: View, uid: Any) -> Release:
    """The release, if the actor may change it: 404, then 401 or 403."""
    row: Release = view.found(Release.objects.visible_to(view.actor).select_related("programme"), uid=uid)
    view.allow(policies.can_edit_programme(view.actor, row.programme))
    return row


def at_releases(answer: HttpResponse) -> HttpResponse:
    """What was made stands under releases/, whatever address made it."""
    name = answer.headers["Location"].rstrip("/").rsplit("/", 1)[1]
    answer.headers["Location"] = f"{settings.CALLBOARD_URL}/api/v1/releases/{name}/"
    return answer


@contextmanager
def previewed(language: str) -> Iterator[None]:
    """A stale preview is refused together with how it is now."""
    try:
        yield
    except replanning.StalePreview as stale:
        stale.details = {**stale.details, "preview": replans.preview(stale.current, language)}
        raise
