"""Registrations in JSON: what somebody sends to register, and what they get back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Email, Input, Slug, Text, YesNo
from api.serializers.shapes import in_utc, in_utc_or_none
from events.models import HOLDING, LANGUAGES, Registration, SeatPool
from events.models.tokens import derive

MOST_ANSWERS = 50
LONGEST_QUESTION = 100
LONGEST_ANSWER = 4_000
MOST_RUNS = 100
LARGEST_NUMBER = 2**53 - 1
PASSED_FOR = ("full", "reserved", "ceiling", "over_committed", "clash", "group")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_ANSWERS,
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_ANSWER},
                {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER},
                {"type": "boolean"},
                {"type": "null"},
            ]
        },
        "propertyNames": {"minLength": 1, "maxLength": LONGEST_QUESTION},
    }
)
class Answers(serializers.Field[Any, Any, Any, Any]):
    """What a form asked besides: question to answer, each a text, a number, true, false or null."""

    default_error_messages = {
        "invalid": _(
            "Send an object of at most 50 answers, each a text (4,000 letters at most), a number, true, false, null."
        ),
    }
    texts = Text(is_long=True, max_length=LONGEST_ANSWER, allow_blank=True)
    names = Text(max_length=LONGEST_QUESTION)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping) or len(data) > MOST_ANSWERS:
            self.fail("invalid")
        return {self.names.run_validation(name): self._answer(answer) for name, answer in data.items()}

    def _answer(self, answer: Any) -> Any:
        if answer is None or isinstance(answer, bool):
            return answer
        if isinstance(answer, int | float) and -LARGEST_NUMBER <= answer <= LARGEST_NUMBER:
            return answer
        if isinstance(answer, str):
            return self.texts.run_validation(answer)
        self.fail("invalid")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A student",
            {"name": "김하늘", "email": "haneul@example.org", "audience": "student", "language": "ko"},
            request_only=True,
        )
    ]
)
class RegistrationInput(Input):
    """Who wants to come. `audience`: what they say they are; `language`: in which they are written to."""

    name = Text(max_length=100)
    email = Email()
    audience = Slug(required=False, allow_null=True)
    language = Choice(LANGUAGES, required=False)
    answers = Answers(required=False)
    code = Text(max_length=80, required=False, allow_blank=True, help_text="invitation code")
    partner = Slug(required=False, allow_null=True, help_text="the organization that nominates them; for its editors")
    accepts = serializers.ListField(
        child=Slug(), required=False, max_length=MOST_RUNS,
        help_text="runs of the series that they would take instead when they have to wait; none: any later one",
    )  # fmt: skip
    by_organizer = YesNo(
        required=False,
        help_text="an editor enters them: outside of windows, codes and approval, never beyond the seats",
    )


class ReceiptOutput(serializers.Serializer[Any]):
    """What registering gives. Both addresses open this one registration only: keep them like a ticket."""

    code = serializers.CharField()
    status = serializers.ChoiceField(Registration.Status.values)
    position = serializers.IntegerField(allow_null=True, help_text="place on the waitlist, from 1")
    event = serializers.SlugField()
    offer_expires_at = serializers.DateTimeField(allow_null=True, help_text="until when an offered seat is held")
    clash = serializers.BooleanField(help_text="they are elsewhere at that time; allowed here, and good to know")
    manage_url = serializers.URLField()
    calendar_url = serializers.URLField()


class PlaceOutput(serializers.Serializer[Any]):
    """One registration, as everybody who may read it sees it."""

    code = serializers.CharField()
    status = serializers.ChoiceField(Registration.Status.values)
    position = serializers.IntegerField(allow_null=True, help_text="place on the waitlist, from 1")
    event = serializers.SlugField()
    name = serializers.CharField()
    email = serializers.EmailField()
    audience = serializers.SlugField(allow_null=True)
    language = serializers.CharField()
    partner = serializers.SlugField(allow_null=True)
    answers = serializers.DictField()
    reason = serializers.CharField(allow_blank=True)
    passed_for = serializers.ChoiceField(
        PASSED_FOR, allow_blank=True, help_text="why somebody behind was served first; blank: nobody was"
    )
    offer_expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AttendeeOutput(PlaceOutput):
    """One registration: what is optional is for owners and editors of the event, addresses for the key that made it."""

    waits_since = serializers.DateTimeField(required=False, allow_null=True)
    priority = serializers.IntegerField(required=False)
    invitation = serializers.CharField(required=False, allow_null=True, help_text="label of the invitation code")
    group = serializers.CharField(required=False, allow_null=True, help_text="code of the group")
    seat = serializers.ChoiceField(
        SeatPool.Kind.values, required=False, allow_null=True, help_text="the kind of pool it was taken from"
    )
    is_shortlisted = serializers.BooleanField(required=False)
    manage_url = serializers.URLField(required=False)
    calendar_url = serializers.URLField(required=False)


class OwnOutput(PlaceOutput):
    """One registration, for whoever holds its code."""

    is_shortlisted = serializers.BooleanField(required=False, help_text="for owners and editors only")
    manage_url = serializers.URLField()
    calendar_url = serializers.URLField()


def receipt(row: Registration, slug: str, *, position: int | None, clash: bool) -> dict[str, Any]:
    return place(row, slug, position=position) | {"clash": clash}


def place(row: Registration, slug: str, *, position: int | None) -> dict[str, Any]:
    """What somebody has, and what opens it."""
    return {
        "code": row.code,
        "status": row.status,
        "position": position,
        "event": slug,
        "offer_expires_at": _deadline(row),
        **doors(row),
    }


def doors(row: Registration) -> dict[str, str]:
    """The addresses that open this registration (RULES 11, 13)."""
    token = derive(kind="registration-calendar", row_id=row.pk, generation=row.token_generation)
    return {
        "manage_url": f"{settings.CALLBOARD_URL}/{row.language}/my/registrations/{row.code}/",
        "calendar_url": f"{settings.CALLBOARD_URL}/calendars/registrations/{token}.ics",
    }


def own(row: Registration, *, position: int | None, is_member: bool) -> dict[str, Any]:
    shown = _place(row, position) | doors(row)
    return shown | {"is_shortlisted": row.is_shortlisted} if is_member else shown


def made(row: Registration, *, position: int | None) -> dict[str, Any]:
    """As the key with scopes sees it that made it. `row` as for `attendee`."""
    return _place(row, position) | doors(row)


def attendee(row: Registration, *, position: int | None) -> dict[str, Any]:
    """`row` with its event, audience, partner, invitation, group and pool loaded."""
    return _place(row, position) | {
        "waits_since": in_utc_or_none(row.waits_since),
        "priority": row.priority,
        "invitation": row.invitation.label if row.invitation else None,
        "group": row.group.code if row.group else None,
        "seat": row.pool.kind if row.pool and row.status in HOLDING else None,
        "is_shortlisted": row.is_shortlisted,
    }


def _place(row: Registration, position: int | None) -> dict[str, Any]:
    """`row` with its event, audience and partner loaded."""
    return {
        "code": row.code,
        "status": row.status,
        "position": position,
        "event": row.event.slug,
        "name": row.name,
        "email": row.email,
        "audience": row.audience.slug if row.audience else None,
        "language": row.language,
        "partner": row.partner.slug if row.partner else None,
        "answers": row.answers,
        "reason": row.reason,
        "passed_for": row.passed_for,
        "offer_expires_at": _deadline(row),
        "created_at": in_utc(row.created_at),
        "updated_at": in_utc(row.updated_at),
    }


def _deadline(row: Registration) -> str | None:
    return in_utc_or_none(row.offer_expires_at) if row.status == "offered" else None
