"""Groups in JSON: one booker, several named people, a registration for each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Email, Input, Slug, Text, YesNo
from api.serializers.registrations import Answers, ReceiptOutput, place
from events.models import LANGUAGES, Group, Registration

MOST_PEOPLE = 1_000
# A group stands where whoever is least far stands; what has ended counts only when all has.
STEPS = ("applied", "waitlisted", "offered", "confirmed", "declined", "expired", "cancelled")


class BookerInput(Input):
    """Who books: the codes of all are theirs. They need not come themselves."""

    name = Text(max_length=100)
    email = Email()
    language = Choice(LANGUAGES, required=False)


class PersonInput(Input):
    """One of the people, with an address of their own."""

    name = Text(max_length=100)
    email = Email()
    audience = Slug(required=False, allow_null=True)
    answers = Answers(required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two colleagues",
            {
                "booker": {"name": "박서준", "email": "office@example.org"},
                "people": [
                    {"name": "김하늘", "email": "haneul@example.org"},
                    {"name": "이도윤", "email": "doyun@example.org"},
                ],
            },
            request_only=True,
        )
    ]
)
class GroupInput(Input):
    """One booking for several people: all of them are in, or nobody is."""

    booker = BookerInput()
    people = serializers.ListField(child=PersonInput(), allow_empty=False, max_length=MOST_PEOPLE)
    code = Text(max_length=80, required=False, allow_blank=True, help_text="invitation code; used once for each")
    partner = Slug(required=False, allow_null=True, help_text="the organization that nominates them; for its editors")
    by_organizer = YesNo(required=False, help_text="an editor enters them")


class GroupPersonOutput(ReceiptOutput):
    """The registration of one of the people."""

    name = serializers.CharField()
    clash = serializers.BooleanField(required=False, help_text="as in a receipt; said once, when it is booked")


class GroupOutput(serializers.Serializer[Any]):
    """A group, for whoever holds its code: the booker. `status` is that of whoever is least far."""

    code = serializers.CharField()
    event = serializers.SlugField()
    status = serializers.ChoiceField(STEPS)
    registrations = GroupPersonOutput(many=True)


def group(
    booked: Group, rows: Sequence[Registration], slug: str, *, positions: Mapping[int, int],
    clashes: Collection[int] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`rows` in the order in which they were named, with their events loaded. `clashes`: ids of who is elsewhere."""
    people = [{"name": row.name} | place(row, row.event.slug, position=positions.get(row.pk)) for row in rows]
    if clashes is not None:
        people = [one | {"clash": row.pk in clashes} for one, row in zip(people, rows, strict=True)]
    status = min((row.status for row in rows), key=STEPS.index)
    return {"code": booked.code, "event": slug, "status": status, "registrations": people}
