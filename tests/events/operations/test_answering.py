"""Answering: what fits a question is stored tidily, and everything else is refused by name. No database."""

from typing import Any

import hypothesis
import pytest
from django.utils import translation
from hypothesis import strategies as st

from events.errors import Invalid
from events.models import Question
from events.operations import answering

SIZES = [{"value": "s", "title_ko": "", "title_en": "Small"}, {"value": "2", "title_ko": "둘", "title_en": ""}]
OF_KIND: dict[str, dict[str, Any]] = {"text": {}, "number": {}, "consent": {}, "choice": {"choices": SIZES}}
WRONG: dict[str, list[Any]] = {
    "text": [0, 5, True, False, 1.5, [], ["text"], {}, {"text": "x"}, "a\x00b", "a\tb", "a\x1bb", "a\x85b", "a\u2028b",
             "\ud800", "x" * 2_001],
    "number": [True, False, 1.0, 1.5, float("nan"), "1", "1 ", "one", [], [1], {}, 2**53, -(2**53), 2**63, -(2**63)],
    "consent": [0, 1, 1.0, "true", "on", "yes", [], [True], {}],
    "choice": ["S", "s ", "m", "Small", 2, True, 0, [], ["s"], {}, {"value": "s"}, "s\x00"],
}  # fmt: skip


def question(kind: str = "text", *, key: str = "q", **fields: Any) -> Question:
    return Question(**{"key": key, "kind": kind, "title_en": "Which one?", **OF_KIND[kind], **fields})


def answer(asked: Question, given: Any) -> dict[str, Any]:
    return answering.check(questions=[asked], answers={asked.key: given})


def refused(asked: Question, given: Any) -> str:
    with translation.override("en"), pytest.raises(Invalid) as refusal:
        answer(asked, given)

    assert (refusal.value.field, refusal.value.status) == (f"answers/{asked.key}", 400)
    return refusal.value.message


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("text", "vegan", "vegan"),
        ("text", " 비건 \n", "비건"),
        ("text", "one\r\ntwo\rthree\n\nfour", "one\ntwo\nthree\n\nfour"),
        ("text", "👩\u200d💻", "👩\u200d💻"),
        ("text", "<script>%(question)s</script>", "<script>%(question)s</script>"),
        ("text", "x" * 2_000, "x" * 2_000),
        ("text", " " * 2_000 + "x", "x"),
        ("choice", "s", "s"),
        ("choice", "2", "2"),
        ("number", 0, 0),
        ("number", -1, -1),
        ("number", 2**31, 2**31),
        ("number", 2**53 - 1, 2**53 - 1),
        ("number", 1 - 2**53, 1 - 2**53),
        ("consent", True, True),
        ("consent", False, False),
    ],
)
def test_an_answer_that_fits_is_stored_trimmed_and_with_plain_line_ends(kind: str, given: Any, stored: Any) -> None:
    found = answer(question(kind), given)

    assert found == {"q": stored}
    assert type(found["q"]) is type(stored)


@pytest.mark.parametrize(("kind", "given"), [(kind, given) for kind, row in WRONG.items() for given in row])
@pytest.mark.parametrize("is_required", [True, False])
def test_an_answer_of_another_kind_is_refused(kind: str, given: Any, is_required: bool) -> None:
    assert "“Which one?”" in refused(question(kind, is_required=is_required), given)


@pytest.mark.parametrize("kind", OF_KIND)
@pytest.mark.parametrize("given", [None, "", "  ", "\n", "\r\n"])
def test_an_empty_answer_is_none_at_all(kind: str, given: Any) -> None:
    assert answer(question(kind), given) == {}

    refused(question(kind, is_required=True), given)


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_required_question_cannot_be_left_out_and_another_one_can(kind: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answering.check(questions=[question(kind, is_required=True)], answers={})

    assert refusal.value.field == "answers/q"
    assert answering.check(questions=[question(kind)], answers={}) == {}


def test_a_required_consent_must_be_given_not_only_answered() -> None:
    asked = question("consent", is_required=True)

    assert refused(asked, False) == "Registering needs your consent: “Which one?”."
    assert answer(asked, True) == {"q": True}


@pytest.mark.parametrize(
    ("kind", "bounds", "fitting", "unfit"),
    [
        ("text", {"least": 2}, ["ab", "x" * 2_000], ["a", " a ", "x" * 2_001]),
        ("text", {"most": 3}, ["abc", " abc ", "가나다"], ["abcd", "a b c"]),
        ("text", {"most": 4_000}, ["x" * 4_000], ["x" * 4_001]),
        ("text", {"least": 0, "most": 1}, ["a"], ["ab"]),
        ("number", {"least": 1}, [1, 2**31], [0, -1]),
        ("number", {"most": 0}, [0, -5], [1, 2**31]),
        ("number", {"least": -3, "most": -3}, [-3], [-4, -2, 0]),
    ],
)
def test_bounds_hold_at_both_ends(kind: str, bounds: dict[str, int], fitting: list[Any], unfit: list[Any]) -> None:
    asked = question(kind, **bounds)

    assert [answer(asked, given) for given in fitting] == [
        {"q": given.strip() if isinstance(given, str) else given} for given in fitting
    ]
    for given in unfit:
        refused(asked, given)


def test_a_short_text_is_no_answer_only_if_there_is_one() -> None:
    assert answer(question(least=10), "") == {}


@pytest.mark.parametrize("key", ["other", "Q", "q ", "", "event", "__class__", "사진", "x" * 500])
def test_an_answer_to_nothing_that_was_asked_is_refused(key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answering.check(questions=[question()], answers={"q": "fine", key: "x"})

    assert refusal.value.field == f"answers/{key[:40]}"


def test_an_event_that_asks_nothing_takes_no_answers() -> None:
    assert answering.check(questions=[], answers={}) == {}

    with pytest.raises(Invalid):
        answering.check(questions=[], answers={"q": None})


def test_answers_stand_in_the_order_of_the_questions() -> None:
    questions = [question(key=key, position=position) for position, key in ((2, "c"), (0, "a"), (1, "b"), (3, "d"))]

    found = answering.check(questions=questions, answers={"d": "4", "b": "2", "c": "", "a": "1"})

    assert list(found.items()) == [("a", "1"), ("b", "2"), ("d", "4")]


def test_what_was_sent_stays_as_it_was() -> None:
    sent = {"q": " x "}

    answering.check(questions=[question()], answers=sent)

    assert sent == {"q": " x "}


def test_a_refusal_names_the_question_in_the_readers_language_and_says_what_to_do() -> None:
    asked = question(title_ko="무엇을 드시나요?", title_en="What do you eat?", most=3)

    assert refused(asked, "bread") == "Answer “What do you eat?” in at most 3 characters; these are 5."
    with translation.override("ko"), pytest.raises(Invalid) as refusal:
        answer(asked, "bread")
    assert "“무엇을 드시나요?”" in refusal.value.message


def test_a_refusal_names_a_question_that_exists_in_one_language_only() -> None:
    assert "“나이”" in refused(question("number", title_ko="나이", title_en=""), "old")


def test_a_percent_sign_in_a_title_is_only_that() -> None:
    assert refused(question(title_en="100%d sure?"), 1) == "Answer “100%d sure?” with a text."


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@hypothesis.given(kind=st.sampled_from(sorted(OF_KIND)), given=ANYTHING, is_required=st.booleans())
def test_whatever_is_sent_is_refused_or_stored_as_what_would_be_stored_again(
    kind: str, given: Any, is_required: bool
) -> None:
    asked = question(kind, is_required=is_required)

    try:
        stored = answer(asked, given)
    except Invalid:
        return

    assert answering.check(questions=[asked], answers=stored) == stored
