"""Slugs in bodies become things; one that leads nowhere is a 400 that names it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import Organization, Speaker
from venues.models import Room, Venue


class UnknownReference(Invalid):
    """A body names something that does not exist, or that the actor may not see."""

    code = "unknown_reference"


def named(queryset: QuerySet[Any], slug: str, field: str) -> Any:
    """The thing with that slug; UnknownReference names the field."""
    thing = queryset.filter(slug=slug).first()
    if thing is None:
        raise _unknown(field, slug)
    return thing


def each(queryset: QuerySet[Any], slugs: Iterable[str], field: str) -> list[Any]:
    """The things with these slugs, in the order given, each once."""
    wanted = list(dict.fromkeys(slugs))
    rows: dict[str, Model] = {row.slug: row for row in queryset.filter(slug__in=wanted)} if wanted else {}
    for number, slug in enumerate(wanted):
        if slug not in rows:
            raise _unknown(f"{field}/{number}", slug)
    return [rows[slug] for slug in wanted]


def given(queryset: QuerySet[Any], values: dict[str, Any], field: str) -> dict[str, Any]:
    """`values` with the slug under `field` replaced by its thing, where it is there and not null."""
    if values.get(field) is None:
        return values
    return values | {field: named(queryset, values[field], field)}


def partners(rows: Iterable[dict[str, str]]) -> list[tuple[Organization, str]]:
    rows = list(rows)
    slugs = [row["organization"] for row in rows]
    known = {row.slug: row for row in Organization.objects.filter(slug__in=slugs)} if slugs else {}
    for number, slug in enumerate(slugs):
        if slug not in known:
            raise _unknown(f"partners/{number}/organization", slug)
    return [(known[row["organization"]], row["role"]) for row in rows]


def bookable_room(slug: str, organization: Organization) -> Room:
    """A room of the organization's own venues or of a shared one."""
    venues = Venue.objects.usable_by(organization.uid)
    return named(Room.objects.filter(venue__in=venues).select_related("venue"), slug, "room")  # type: ignore[no-any-return]


def speakers(slugs: Iterable[str], organization: Organization) -> list[Speaker]:
    return each(Speaker.objects.filter(organization=organization), slugs, "speakers")


def _unknown(field: str, slug: str) -> UnknownReference:
    return UnknownReference(_("There is no “%(slug)s”.") % {"slug": slug}, field=field)
