"""Releases of a programme: collect edits, look at what they would do, release them, undo what was released."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Release, ReleaseEdit, Session
from events.operations import releasing, replanning
from events.operations.moving import MOST_SESSIONS
from pages import clock
from pages.edits import edited, title_of
from pages.organizer.programme_desk import ProgrammeDesk, action, for_editors
from pages.organizer.release_forms import BeginForm, SessionForm, WordsForm
from pages.organizer.replan_forms import CarryOutForm
from pages.organizer.replans import preview_context, stale_text

LIST, PAGE = "organize-releases", "organize-release"
EACH_PAGE = 50


@for_editors
def releases_page(desk: ProgrammeDesk) -> HttpResponse:
    return _list(desk)


@action
def begin(desk: ProgrammeDesk) -> HttpResponse:
    """A new draft, empty."""
    form = BeginForm(desk.request.POST)
    made: list[Release] = []

    def act() -> None:
        made.append(releasing.begin(programme=desk.programme, fields=form.cleaned_data, actor=desk.actor, now=desk.now))

    if not form.submit(act):
        return _list(desk, form)
    return desk.done(desk.address(PAGE, made[0].uid), _("The draft is open. Add what is to change."))


@for_editors
def release_page(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    return _page(desk, _find(desk, uid))


@action
def set_words(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    release = _find(desk, uid)
    form = WordsForm(release, desk.request.POST)

    def act() -> None:
        releasing.amend(release=release, fields=form.cleaned_data, actor=desk.actor, now=desk.now)

    if not form.submit(act):
        return _page(desk, release, words=form, status=form.status)
    return desk.done(desk.address(PAGE, uid), _("Saved."))


@for_editors
def edit_session(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    """What one session is to become; which one, the query or the form says."""
    release = _find(desk, uid)
    session = _session(desk, desk.request.POST.get("session") or desk.request.GET.get("session", ""))
    if desk.request.method != "POST":
        return _edit_page(desk, release, session, SessionForm(release, session))
    form = SessionForm(release, session, desk.request.POST)

    def act() -> None:
        releasing.edit(
            release=release, session=session, moment=form.moment(), fields=form.columns(), actor=desk.actor,
            now=desk.now, expected_revision=form.seen,
        )  # fmt: skip

    if not form.submit(act):
        return _edit_page(desk, release, session, form)
    return desk.done(desk.address(PAGE, uid), _("It is in the draft; nothing has changed yet."))


@action
def forget(desk: ProgrammeDesk, uid: UUID, session: UUID) -> HttpResponse:
    release = _find(desk, uid)
    left_out = _session(desk, str(session))
    return _try(
        desk, release,
        lambda: releasing.forget(release=release, session=left_out, actor=desk.actor, now=desk.now),
        _("The session stays as it is."),
    )  # fmt: skip


@action
def carry_out(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    """Every edit takes effect."""
    return _as_previewed(
        desk, uid, lambda release, _form, asked: releasing.release_all(release=release, **asked),
        _("Released: all of it is in force."),
    )  # fmt: skip


@action
def discard(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    release = _find(desk, uid)
    return _try(
        desk, release, lambda: releasing.discard(release=release, actor=desk.actor, now=desk.now),
        _("The draft is discarded."),
    )  # fmt: skip


@action
def undo(desk: ProgrammeDesk, uid: UUID) -> HttpResponse:
    """Everything is as it was before, in a release of its own."""
    return _as_previewed(
        desk, uid, lambda release, form, asked: replanning.undo(release=release, note=form.note(), **asked),
        _("Undone: everything is as it was before."),
    )  # fmt: skip


def _as_previewed(
    desk: ProgrammeDesk, uid: UUID, act: Callable[[Release, CarryOutForm, dict[str, Any]], object], said: str
) -> HttpResponse:
    """What the preview showed is done, if it still would do that."""
    release, form = _find(desk, uid), CarryOutForm(desk.request.POST)
    if not form.is_valid():
        return _page(desk, release, problem=_("This form is damaged. Please open the page again."), status=422)
    asked = {name: form.cleaned_data[name] for name in ("fingerprint", "override")}
    return _try(desk, release, lambda: act(release, form, asked | {"actor": desk.actor, "now": desk.now}), said)


def _try(desk: ProgrammeDesk, release: Release, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except replanning.StalePreview as stale:
        return _page(desk, release, problem=stale_text(stale), status=stale.status)
    except DomainError as refusal:
        return _page(desk, release, problem=refusal.message, status=refusal.status)
    return desk.done(desk.address(PAGE, release.uid), said)


def _list(desk: ProgrammeDesk, form: BeginForm | None = None) -> HttpResponse:
    rows = Release.objects.filter(programme=desk.programme).select_related("undone_by").order_by("-created_at", "-pk")
    page = Paginator(rows, EACH_PAGE).get_page(desk.request.GET.get("page"))
    context = {
        "tab": "releases",
        "page": page,
        "rows": [(row, desk.moment(row.released_at or row.created_at)) for row in page],
        "form": form or BeginForm(),
    }
    return desk.page("pages/organize_releases.html", context, status=form.status if form else 200)


def _page(
    desk: ProgrammeDesk, release: Release, *, words: WordsForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    """One release: an open one with its preview, a released one with what undoing it would do."""
    context: dict[str, Any] = {
        "tab": "releases",
        "release": release,
        "released": desk.moment(release.released_at),
        "undone_by": getattr(release, "undone_by", None),
        "words": words or WordsForm(release),
        "problem": problem,
    }
    if release.status == "open":
        seen, conflicts = releasing.preview(release=release)
        context |= preview_context(seen, outdated=[one.session.pk for one in conflicts])
        context["outdated"] = [title_of(one.session) for one in conflicts]
        context["sessions"] = _sessions(desk)
    else:
        rows = ReleaseEdit.objects.filter(release=release).select_related("session__event")
        rows = rows.order_by("session__starts_at", "session")
        context["done"] = edited((row.session, row.before, row.after) for row in rows)
        if release.status == "released" and context["undone_by"] is None:
            context |= _way_back(release)
    return desk.page("pages/organize_release.html", context, status=status)


def _way_back(release: Release) -> dict[str, Any]:
    """What undoing it would do, or why that is not possible."""
    try:
        return preview_context(replanning.preview_undo(release=release))
    except DomainError as refusal:
        return {"no_way_back": refusal.message}


def _sessions(desk: ProgrammeDesk) -> list[tuple[str, str]]:
    """What can be chosen: the sessions of the programme that are not cancelled, in order of time."""
    rows = Session.objects.filter(event__programme=desk.programme).exclude(status="cancelled")
    rows = rows.exclude(event__status="cancelled").select_related("event").order_by("starts_at", "pk")
    found = []
    for row in rows[:MOST_SESSIONS]:
        times = clock.times(row)
        found.append((str(row.uid), f"{times.day} {times.starts}: {title_of(row)}"))
    return found


def _edit_page(desk: ProgrammeDesk, release: Release, session: Session, form: SessionForm) -> HttpResponse:
    context = {"tab": "releases", "release": release, "session": session, "title": title_of(session), "form": form}
    return desk.page("pages/organize_release_edit.html", context, status=form.status)


def _find(desk: ProgrammeDesk, uid: UUID) -> Release:
    rows = Release.objects.select_related("programme__organization", "undoes", "undone_by")
    release = rows.filter(programme=desk.programme, uid=uid).first()
    if release is None:
        raise Http404
    return release


def _session(desk: ProgrammeDesk, uid: str) -> Session:
    try:
        rows = Session.objects.filter(event__programme=desk.programme, uid=UUID(uid))
    except ValueError as error:
        raise Http404 from error
    session = rows.select_related("event", "room").first()
    if session is None:
        raise Http404
    return session
