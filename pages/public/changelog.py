"""The public changelog of a programme: what was re-planned, in a few words and session by session."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events.models import Programme, Release, ReleaseEdit, worded
from pages import clock
from pages.edits import Edited, edited
from pages.public import finding

EACH_PAGE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One release as the public reads it."""

    release: Release
    note: str
    released: str
    released_iso: str
    is_undone: bool
    edits: list[Edited]


@require_safe
def changes_page(request: HttpRequest, slug: str) -> HttpResponse:
    programmes = Programme.objects.public()
    programme = programmes.filter(slug=slug).first()
    if programme is None:
        return finding.moved(request, kind="programme", among=programmes, slug=slug)
    page = Paginator(told(programme), EACH_PAGE).get_page(request.GET.get("page"))
    context = {
        "programme": programme,
        "page": page,
        "entries": entries(programme, list(page)),
        "canonical_path": request.path,
    }
    return render(request, "pages/programme_changes.html", context)


def told(programme: Programme) -> Any:
    """The releases that changed something which the public finds, the newest first."""
    rows = Release.objects.public().filter(programme=programme)
    return rows.select_related("undone_by").order_by("-version", "-pk")


def entries(programme: Programme, releases: list[Release]) -> list[Entry]:
    """These releases with what the public may see of them. Three statements."""
    seen = ReleaseEdit.objects.public().filter(release__in=releases).select_related("session__event")
    rows = list(seen.order_by("release", "session__starts_at", "session"))
    lines = edited(((row.session, row.seen_before, row.after) for row in rows), is_public=True)
    pairs = zip(rows, lines, strict=True)
    by_release = {pk: [line for _row, line in own] for pk, own in groupby(pairs, key=lambda pair: pair[0].release_id)}
    language = get_language() or "ko"
    return [
        Entry(
            release=row,
            note=worded(row, "note", language),
            released=clock.moment(row.released_at, programme.timezone) if row.released_at else "",
            released_iso=row.released_at.isoformat() if row.released_at else "",
            is_undone=hasattr(row, "undone_by"),
            edits=by_release.get(row.pk, []),
        )
        for row in releases
    ]
