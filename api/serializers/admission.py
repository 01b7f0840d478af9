"""Who is let in, in JSON: questions of an event, its invitation codes, what becomes of applications, its draw."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.serializers.fields import Choice, Input, Moment, Number, Slug, Text, YesNo
from api.serializers.shapes import TitledOutput, in_utc, in_utc_or_none
from events.models import Draw, Invitation, Question, Registration
from events.operations import inviting, questioning
from events.operations.answering import FARTHEST
from events.operations.selecting import Decided

GREATEST = 2**31 - 1
MOST_AT_ONCE = 500
ACTIONS = ("approve", "decline", "shortlist", "unshortlist")
WHYS = ("", "full", "reserved", "ceiling", "over_committed", "clash")


class ChoiceInput(Input):
    """One answer that can be chosen. `value` is what an answer holds; one of the titles is needed."""

    value = Text(max_length=questioning.LONGEST_VALUE)
    title_ko = Text(max_length=questioning.LONGEST_TITLE, required=False, allow_blank=True)
    title_en = Text(max_length=questioning.LONGEST_TITLE, required=False, allow_blank=True)


class QuestionInput(Input):
    """One question. `key` names it in answers; `least` and `most` bound a number, or the length of a text."""

    key = serializers.RegexField(r"^[a-z0-9_-]{1,40}\Z", max_length=40)
    kind = Choice(Question.Kind.values)
    title_ko = Text(max_length=300, required=False, allow_blank=True)
    title_en = Text(max_length=300, required=False, allow_blank=True)
    help_ko = Text(is_long=True, max_length=500, required=False, allow_blank=True)
    help_en = Text(is_long=True, max_length=500, required=False, allow_blank=True)
    is_required = YesNo(required=False)
    choices = serializers.ListField(child=ChoiceInput(), required=False, max_length=questioning.MOST_CHOICES)
    least = Number(required=False, allow_null=True, min_value=-FARTHEST, max_value=FARTHEST)
    most = Number(required=False, allow_null=True, min_value=-FARTHEST, max_value=FARTHEST)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two questions",
            {
                "questions": [
                    {
                        "key": "school",
                        "kind": "choice",
                        "title_ko": "학교",
                        "title_en": "School",
                        "is_required": True,
                        "choices": [{"value": "kafa", "title_en": "KAFA"}, {"value": "other", "title_en": "Another"}],
                    },
                    {"key": "why", "kind": "text", "title_en": "Why do you want to come?", "most": 500},
                ]
            },
            request_only=True,
        )
    ]
)
class QuestionsInput(Input):
    """All questions of an event, in their order: they replace those before."""

    questions = serializers.ListField(child=QuestionInput(), max_length=questioning.MOST_QUESTIONS)


class ChoiceOutput(TitledOutput):
    value = serializers.CharField()


class QuestionOutput(TitledOutput):
    key = serializers.CharField()
    kind = serializers.ChoiceField(Question.Kind.values)
    help = serializers.CharField(allow_blank=True)
    help_ko = serializers.CharField(allow_blank=True)
    help_en = serializers.CharField(allow_blank=True)
    is_required = serializers.BooleanField()
    choices = ChoiceOutput(many=True)
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)


class QuestionsOutput(serializers.Serializer[Any]):
    event = serializers.SlugField()
    questions = QuestionOutput(many=True)
    revision = serializers.IntegerField(help_text="of the event")


def questions_of(events: Iterable[int], language: str) -> dict[int, list[dict[str, Any]]]:
    """What each of these events asks, in its order: one statement."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = Question.objects.filter(event__in=list(events)).order_by("event", "position", "pk")
    for row in rows.values():
        found.setdefault(row["event_id"], []).append(question(row, language))
    return found


def question(row: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "key": row["key"],
        "kind": row["kind"],
        **_titled(row, language, "title"),
        **_titled(row, language, "help"),
        "is_required": row["is_required"],
        "choices": [{"value": one["value"], **_titled(one, language, "title")} for one in row["choices"]],
        "least": row["least"],
        "most": row["most"],
    }


def _titled(row: dict[str, Any], language: str, name: str) -> dict[str, str]:
    """The text in the asked language, else in the other one, beside both."""
    other = "en" if language == "ko" else "ko"
    korean, english = row[f"{name}_ko"], row[f"{name}_en"]
    return {name: row[f"{name}_{language}"] or row[f"{name}_{other}"], f"{name}_ko": korean, f"{name}_en": english}


@extend_schema_serializer(
    examples=[
        OpenApiExample("Ten codes", {"number": 10, "label": "Press", "audience": "professional"}, request_only=True),
        OpenApiExample("A code of your own", {"code": "KAFA-2026", "uses": 30}, request_only=True),
    ]
)
class InvitationInput(Input):
    """So many codes with the same terms: random ones, or one that you choose."""

    number = Number(required=False, min_value=1, max_value=inviting.MOST_CODES)
    code = Text(required=False, min_length=inviting.SHORTEST, max_length=inviting.LONGEST, help_text="else random")
    label = Text(required=False, allow_blank=True, max_length=inviting.LONGEST_LABEL, help_text="for yourself")
    uses = Number(
        required=False, allow_null=True, min_value=1, max_value=1_000_000,
        help_text="how many people each code lets in, 1 unless said; null: any number",
    )  # fmt: skip
    quota = serializers.UUIDField(
        required=False, allow_null=True, format="hex_verbose", help_text="an allotment of the event, which it opens"
    )
    audience = Slug(required=False, allow_null=True, help_text="what its holders are, whatever they say")
    priority = Number(
        required=False, min_value=-GREATEST, max_value=GREATEST, help_text="on the waitlist: the higher is served first"
    )
    expires_at = Moment(required=False, allow_null=True, needs_offset=True)


class InvitationOutput(serializers.Serializer[Any]):
    uid = serializers.UUIDField()
    event = serializers.SlugField()
    code = serializers.CharField()
    label = serializers.CharField(allow_blank=True)
    uses = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    quota = serializers.UUIDField(allow_null=True)
    audience = serializers.SlugField(allow_null=True)
    priority = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class InvitationsOutput(serializers.Serializer[Any]):
    results = InvitationOutput(many=True)


def invitation(row: Invitation) -> dict[str, Any]:
    """`row` with its event, pool and audience loaded."""
    return {
        "uid": str(row.uid),
        "event": row.event.slug,
        "code": inviting.spoken(row.code),
        "label": row.label,
        "uses": row.uses,
        "used": row.used,
        "quota": str(row.pool.uid) if row.pool else None,
        "audience": row.audience.slug if row.audience else None,
        "priority": row.priority,
        "expires_at": in_utc_or_none(row.expires_at),
        "revoked_at": in_utc_or_none(row.revoked_at),
        "created_at": in_utc(row.created_at),
    }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two are approved",
            {"action": "approve", "codes": ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ZYXWVUTSRQPONMLKJIHGFEDCBA"]},
            request_only=True,
        )
    ]
)
class ApplicationsInput(Input):
    """What becomes of these applications, in this order. `reason`: for those who are declined."""

    action = Choice(ACTIONS)
    codes = serializers.ListField(child=Text(max_length=26), min_length=1, max_length=MOST_AT_ONCE)
    reason = Text(max_length=500, required=False, allow_blank=True)


class DecidedOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    status = serializers.ChoiceField(Registration.Status.values)
    why = serializers.ChoiceField(WHYS, allow_blank=True, help_text="why an approved one has no seat, if it has none")
    is_shortlisted = serializers.BooleanField()


class ApplicationsOutput(serializers.Serializer[Any]):
    results = DecidedOutput(many=True)


def decided(one: Decided) -> dict[str, Any]:
    row = one.registration
    return {"code": row.code, "status": row.status, "why": one.why, "is_shortlisted": row.is_shortlisted}


@extend_schema_serializer(
    examples=[OpenApiExample("Words of your own", {"seed": "six dice on the table: 4 1 6 6 2 3"}, request_only=True)]
)
class DrawInput(Input):
    """`seed`: fixed from now on, and told when it was drawn; 128 random bits unless said."""

    seed = Text(required=False, min_length=8, max_length=200)


class LotOutput(serializers.Serializer[Any]):
    entry = serializers.CharField(help_text="the first 16 hexadecimal digits of SHA-256 of the registration's code")
    rank = serializers.IntegerField()
    outcome = serializers.ChoiceField(Registration.Status.values)


class DrawOutput(serializers.Serializer[Any]):
    event = serializers.SlugField()
    seed_digest = serializers.CharField(help_text="SHA-256 of the seed, published before anything is drawn")
    announced_at = serializers.DateTimeField()
    drawn_at = serializers.DateTimeField(allow_null=True)
    seed = serializers.CharField(allow_null=True, help_text="null until it was drawn")
    results = LotOutput(many=True)
    method = serializers.CharField(help_text="how anybody draws again")


def draw(row: Draw) -> dict[str, Any]:
    """`row` with its event loaded. Its seed is told to nobody before the draw, its organizers included."""
    is_drawn = row.drawn_at is not None
    return {
        "event": row.event.slug,
        "seed_digest": row.seed_digest,
        "announced_at": in_utc(row.announced_at),
        "drawn_at": in_utc_or_none(row.drawn_at),
        "seed": row.seed if is_drawn else None,
        "results": [{"entry": entry, "rank": rank, "outcome": outcome} for entry, rank, outcome in row.results],
        "method": _(
            "Your entry is the first 16 hexadecimal digits of SHA-256 of your registration's code. The lot of an entry "
            "is SHA-256 of SEED:ENTRY (printf '%s' 'SEED:ENTRY' | sha256sum). Entries are served in the order of their "
            "lots, the lowest first. SHA-256 of the seed is seed_digest, which was public before the draw."
        ),
    }
