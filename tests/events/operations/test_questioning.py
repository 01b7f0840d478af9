"""Questioning: an event asks exactly what was set, in that order, and nothing that could not be answered."""

from typing import Any

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Change, Event, Question
from events.operations import publishing, questioning
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db

CHOICES = [{"value": "s", "title_en": "Small"}, {"value": "l", "title_ko": "대형", "title_en": None}]
COLUMNS = ("key", "kind", "title_ko", "title_en", "help_ko", "help_en", "is_required", "choices", "least", "most",
           "position")  # fmt: skip


def asked(key: str = "food", **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "text", "title_en": "What do you eat?", **fields}


def choice(**fields: Any) -> dict[str, Any]:
    return asked(kind="choice", choices=[{"value": "s", "title_en": "Small", **fields}])


def ask(event: Event, *questions: dict[str, Any], **fields: Any) -> list[Question]:
    return questioning.set_questions(event=event, questions=questions, **{"actor": SYSTEM, "now": NOW, **fields})


def keys(event: Event) -> list[str]:
    return list(event.questions.order_by("position").values_list("key", flat=True))


def refused(*questions: Any) -> str:
    """The field of the refusal; nothing was written."""
    event = factories.draft()
    ask(event, asked("before"))

    with pytest.raises(Invalid) as refusal:
        ask(event, *questions)

    revision = Event.objects.get(pk=event.pk).revision
    assert (keys(event), revision, event.changes.filter(kind="event.questions").count()) == (["before"], 1, 1)
    return refusal.value.field


def test_an_event_asks_what_was_set_in_that_order() -> None:
    event = factories.draft()

    made = ask(
        event,
        asked("size", kind="choice", title_ko=" 크기 ", title_en="", choices=CHOICES, is_required=True),
        asked("food", help_en="Anything\r\nyou avoid", least=2, most=4_000),
        asked("age", kind="number", least=-(2**53) + 1, most=2**53 - 1),
        asked("rules", kind="consent", choices=[], least=None, help_ko=None),
    )

    assert list(event.questions.order_by("position").values_list(*COLUMNS)) == [
        ("size", "choice", "크기", "", "", "", True, [
            {"value": "s", "title_ko": "", "title_en": "Small"}, {"value": "l", "title_ko": "대형", "title_en": ""},
        ], None, None, 0),
        ("food", "text", "", "What do you eat?", "", "Anything\nyou avoid", False, [], 2, 4_000, 1),
        ("age", "number", "", "What do you eat?", "", "", False, [], -(2**53) + 1, 2**53 - 1, 2),
        ("rules", "consent", "", "What do you eat?", "", "", False, [], None, None, 3),
    ]  # fmt: skip
    assert made == list(event.questions.order_by("position"))


def test_a_known_key_is_changed_in_place_and_a_missing_one_removed() -> None:
    event = factories.draft()
    food, _age, rules = ask(event, asked("food", most=5, help_en="x"), asked("age"), asked("rules", is_required=True))

    ask(event, asked("rules", kind="consent", title_en="Agree?"), asked("new"), asked("food", title_ko="음식"))

    rows = event.questions.order_by("position").values_list("pk", "key", "kind", "title_ko", "title_en", "is_required",
                                                            "help_en", "most")  # fmt: skip
    new = event.questions.get(key="new")
    assert list(rows) == [
        (rules.pk, "rules", "consent", "", "Agree?", False, "", None),
        (new.pk, "new", "text", "", "What do you eat?", False, "", None),
        (food.pk, "food", "text", "음식", "What do you eat?", False, "", None),
    ]


def test_no_questions_are_an_answer_too() -> None:
    event = factories.draft()
    ask(event, asked())

    assert (ask(event), keys(event)) == ([], [])


def test_questions_of_other_events_stay_as_they_are() -> None:
    one, other = factories.draft(), factories.draft()
    ask(other, asked("food", title_en="Other"), asked("age"))

    ask(one, asked("food"))

    assert (keys(one), keys(other), other.questions.get(key="food").title_en) == (["food"], ["food", "age"], "Other")


def test_the_event_is_one_revision_on_and_the_change_names_the_keys_only() -> None:
    event = factories.draft()
    ask(event, asked("food"), asked("age"))

    ask(event, asked("age"), asked("size"), now=NOW + HOUR)

    fresh = Event.objects.get()
    change = Change.objects.latest("pk")
    assert (fresh.revision, fresh.updated_at) == (2, NOW + HOUR)
    assert (change.kind, change.event, change.organization) == ("event.questions", event, event.programme.organization)
    assert (change.revision, change.version, change.at) == (2, None, NOW + HOUR)
    assert (change.before, change.after) == ({"questions": ["food", "age"]}, {"questions": ["age", "size"]})


def test_a_stale_revision_is_refused_and_changes_nothing() -> None:
    event = factories.draft()
    ask(event, asked("food"), expected_revision=0)

    with pytest.raises(publishing.StaleRevision):
        ask(event, asked("age"), expected_revision=0)

    assert keys(event) == ["food"]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        *(({"key": key}, "key") for key in ("", " ", "Food", "음식", "a b", "a\n", "a/b", "x" * 41)),
        *(({"key": key}, "key") for key in (None, 1, True, ["a"])),
        *(({"kind": kind}, "kind") for kind in ("", "file", "Text", "text ", None, 0, True, ["text"], {})),
        *(({"title_en": title}, "title_en") for title in (1, True, ["x"], "x" * 301)),
        *(({"title_en": title}, "title_en") for title in ("a\nb", "a\x00", "\ud800", "a\u2028b")),
        *(({"title_ko": title}, "title_ko") for title in (0, {}, "가\t나", "가" * 301)),
        *(({"title_en": title}, "title_ko") for title in ("", "  ", None)),
        *(({"help_en": text}, "help_en") for text in (1, False, "a\x07", "x" * 501)),
        *(({"help_ko": text}, "help_ko") for text in (["x"], "\x7f.", "가" * 501)),
        *(({"is_required": flag}, "is_required") for flag in (0, 1, "true", "", [])),
        *(({"choices": choices}, "choices") for choices in (CHOICES, {}, "", 0, False)),
        *(({"least": least}, "least") for least in (-1, 4_001, 2**31, 2**63, True, 1.0, "1", "", [])),
        *(({"most": most}, "most") for most in (-1, 0, 4_001, 2**31, True, 2.0, "1 ", {})),
        ({"least": 3, "most": 2}, "least"),
        ({"least": 2_001}, "least"),
        ({"title": "x"}, "title"),
        ({"event": 1}, "event"),
        ({"position": 3}, "position"),
        ({"x" * 100: 1}, "x" * 40),
    ],
)  # fmt: skip
def test_what_could_not_be_asked_is_refused_by_index_and_name(wrong: dict[str, Any], name: str) -> None:
    assert refused(asked("fine"), asked() | wrong) == f"questions/1/{name}"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        *(({"kind": "number", "least": least}, "least") for least in (2**53, -(2**53), 2**63, False, "0", 0.0)),
        *(({"kind": "number", "most": most}, "most") for most in (2**53, -(2**53), True, [1])),
        ({"kind": "number", "least": 1, "most": 0}, "least"),
        ({"kind": "number", "choices": CHOICES}, "choices"),
        ({"kind": "consent", "least": 0}, "least"),
        ({"kind": "consent", "most": 1}, "most"),
        ({"kind": "consent", "choices": CHOICES}, "choices"),
        ({"kind": "choice", "choices": CHOICES, "most": 1}, "most"),
        *(({"kind": "choice", "choices": choices}, "choices") for choices in (None, [], {}, "s", 1)),
        *(({"kind": "choice", "choices": choices}, "choices") for choices in (["s"], [None], [[]], [{}])),
        ({"kind": "choice"}, "choices"),
        ({"kind": "choice", "choices": [*CHOICES, {"value": "s", "title_en": "Again"}]}, "choices"),
        ({"kind": "choice", "choices": [*CHOICES, {"value": " s ", "title_en": "Again"}]}, "choices"),
        ({"kind": "choice", "choices": [{"value": str(n), "title_en": "x"} for n in range(101)]}, "choices"),
        (choice(value=""), "choices"),
        (choice(value=" "), "choices"),
        (choice(value=None), "choices"),
        (choice(value=1), "choices"),
        (choice(value=True), "choices"),
        (choice(value="a\nb"), "choices"),
        (choice(value="\x00"), "choices"),
        (choice(value="x" * 101), "choices"),
        (choice(title_en=""), "choices"),
        (choice(title_en=2), "choices"),
        (choice(title_en="x" * 301), "choices"),
        (choice(title="x"), "choices"),
        (choice(price=1), "choices"),
    ],
)  # fmt: skip
def test_bounds_and_choices_belong_to_their_kinds(wrong: dict[str, Any], name: str) -> None:
    assert refused(asked() | wrong) == f"questions/0/{name}"


def test_a_key_is_there_once() -> None:
    assert refused(asked("food"), asked("age"), asked("food")) == "questions/2/key"


def test_fifty_questions_of_a_hundred_choices_are_the_most() -> None:
    event = factories.draft()
    choices = [{"value": str(number), "title_en": "x"} for number in range(100)]

    made = ask(event, *(asked(f"q{number}", kind="choice", choices=choices) for number in range(50)))

    assert (len(made), made[49].choices[99]["value"]) == (50, "99")
    assert refused(*(asked(f"q{number}") for number in range(51))) == "questions"


def test_fifty_questions_take_as_many_statements_as_two(django_assert_max_num_queries: Any) -> None:
    event = factories.draft()
    ask(event, *(asked(f"q{number}") for number in range(50)))

    with django_assert_max_num_queries(18):
        ask(event, *(asked(f"q{number}") for number in range(25, 75)))
