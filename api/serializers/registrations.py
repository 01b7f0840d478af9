"""Registrations in JSON: what somebody sends to register, and what they get back."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Email, Input, Slug, Text
from api.serializers.shapes import in_utc
from events.models import LANGUAGES, Registration
from events.models.tokens import derive

MOST_ANSWERS = 50
LONGEST_QUESTION = 100
LONGEST_ANSWER = 2_000
LARGEST_NUMBER = 10**15


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
            "Send an object of at most 50 answers, each a text (2,000 letters at most), a number, true, false, null."
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


class ReceiptOutput(serializers.Serializer[Any]):
    """What registering gives. Both addresses open this one registration only: keep them like a ticket."""

    code = serializers.CharField()
    status = serializers.ChoiceField(Registration.Status.values)
    position = serializers.IntegerField(allow_null=True, help_text="place on the waitlist")
    event = serializers.SlugField()
    manage_url = serializers.URLField()
    calendar_url = serializers.URLField()


class AttendeeOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    status = serializers.ChoiceField(Registration.Status.values)
    position = serializers.IntegerField(allow_null=True)
    event = serializers.SlugField()
    name = serializers.CharField()
    email = serializers.EmailField()
    audience = serializers.SlugField(allow_null=True)
    language = serializers.CharField()
    answers = serializers.DictField()
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OwnOutput(AttendeeOutput):
    """One registration, for whoever holds its code."""

    manage_url = serializers.URLField()
    calendar_url = serializers.URLField()


def receipt(row: Registration, slug: str) -> dict[str, Any]:
    return {
        "code": row.code,
        "status": row.status,
        "position": None,  # waitlists are a later issue
        "event": slug,
        **doors(row),
    }


def doors(row: Registration) -> dict[str, str]:
    """The addresses that open this registration (RULES 11, 13)."""
    token = derive(kind="registration-calendar", row_id=row.pk, generation=row.token_generation)
    return {
        "manage_url": f"{settings.CALLBOARD_URL}/{row.language}/my/registrations/{row.code}/",
        "calendar_url": f"{settings.CALLBOARD_URL}/calendars/registrations/{token}.ics",
    }


def attendee(row: Registration) -> dict[str, Any]:
    """`row` with its event and audience loaded."""
    return {
        "code": row.code,
        "status": row.status,
        "position": None,
        "event": row.event.slug,
        "name": row.name,
        "email": row.email,
        "audience": row.audience.slug if row.audience else None,
        "language": row.language,
        "answers": row.answers,
        "reason": row.reason,
        "created_at": in_utc(row.created_at),
        "updated_at": in_utc(row.updated_at),
    }
