"""All that is kept about one attendee, for themselves: plain values, in a constant number of statements."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from events.models import Attendee, CalendarLink, Change, Delivery, Group, Registration, SignIn

REGISTRATION = (
    "code", "status", "name", "email", "language", "answers", "reason", "ended_by", "passed_for", "priority",
    "waits_since", "offer_expires_at", "proved_at", "is_shortlisted", "created_at", "updated_at",
)  # fmt: skip
LINK = (
    "name", "scope", "alarm_minutes", "language", "created_at", "updated_at", "revoked_at", "last_fetched_at",
    "last_fetched_by",
)  # fmt: skip


def of(attendee: Attendee, *, now: datetime) -> dict[str, Any]:
    """Registrations, answers, groups, calendar links, messages (which and when), chances to sign in, and changes.

    People whom they booked for are counted, not named: what is known of those is theirs to ask for.
    """
    key = attendee.email_key
    return {
        "email": key,
        "exported_at": now,
        "registrations": _registrations(key),
        "groups": _groups(key),
        "calendar_links": list(CalendarLink.objects.filter(attendee=attendee).order_by("pk").values(*LINK)),
        "messages": _messages(key),
        "sign_ins": _sign_ins(key),
        "changes": _changes(key),
    }


# What `values` gives is typed for each query by itself; here they are all only written down.
def _registrations(key: str) -> list[Any]:
    rows = Registration.objects.filter(email_key=key).order_by("pk")
    found = rows.values(
        *REGISTRATION, **_event("event"), audience_slug=F("audience__slug"), nominated_by=F("partner__slug"),
        registered_by=F("made_through__organization__slug"),
        group_code=F("group__code"), invited_by_code=F("invitation__code"),
    )  # fmt: skip
    would_take = _accepted(key)
    return [row | {"accepts": would_take.get(row["code"], [])} for row in found]


def _accepted(key: str) -> dict[str, list[str]]:
    """The runs of a series that they would take, by the code of what waits for one."""
    named = Registration.accepts.through.objects.filter(registration__email_key=key).order_by("pk")
    found: dict[str, list[str]] = {}
    for code, slug in named.values_list("registration__code", "event__slug"):
        found.setdefault(code, []).append(slug)
    return found


def _groups(key: str) -> list[Any]:
    rows = Group.objects.filter(email_key=key).order_by("pk").annotate(people=Count("registrations"))
    return list(rows.values("code", "name", "email", "language", "created_at", "people", **_event("event")))


def _messages(key: str) -> list[Any]:
    theirs = Q(registration__email_key=key) | Q(group__email_key=key) | Q(sign_in__email_key=key)
    event = Coalesce("registration__event__slug", "group__event__slug")
    rows = Delivery.objects.filter(theirs).order_by("pk")
    return list(rows.values("channel", "kind", "status", "created_at", "ended_at", event_slug=event))


def _sign_ins(key: str) -> list[Any]:
    rows = SignIn.objects.filter(email_key=key).order_by("pk")
    return list(rows.values("door", "created_at", "expires_at", "guesses", "used_at"))


def _changes(key: str) -> list[Any]:
    rows = Change.objects.filter(registration__email_key=key).order_by("pk")
    code, event = F("registration__code"), F("event__slug")
    return list(
        rows.values("kind", "at", "before", "after", by=F("actor_kind"), registration_code=code, event_slug=event)
    )


def _event(name: str) -> dict[str, Any]:
    return {
        "event_slug": F(f"{name}__slug"),
        "event_title_ko": F(f"{name}__title_ko"),
        "event_title_en": F(f"{name}__title_en"),
    }
