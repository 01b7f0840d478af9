"""Registering by the form: once, in words, and nothing typed is lost."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from events.models import SYSTEM, Event, Guess, IdempotencyKey, Registration
from events.operations import publishing, questioning
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db


def typed(client: Client, event: Event, **words: str) -> dict[str, str]:
    """What a browser sends after somebody has opened the form."""
    key = one(client.get(f"/ko/events/{event.slug}/"), "input", name="key")["value"]
    return {"name": "김하늘", "email": "haneul@mail.example", "key": key} | words


def test_it_makes_a_registration_and_leads_to_its_page(client: Client, now: datetime) -> None:
    student = factories.audience("student")
    event = factories.event(audiences=[student], capacity=2, now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", typed(client, event, audience="student"))

    made = Registration.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/ko/my/registrations/{made.code}/")
    assert (made.name, made.email, made.audience, made.language, made.status) == (
        "김하늘", "haneul@mail.example", student, "ko", "confirmed",
    )  # fmt: skip


def test_the_same_form_sent_twice_registers_once(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, now=now)
    words = typed(client, event)

    first = client.post(f"/ko/events/{event.slug}/register/", words)
    second = client.post(f"/ko/events/{event.slug}/register/", words)

    assert Registration.objects.count() == 1
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


def test_the_same_form_with_other_words_asks_before_it_registers_another_person(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    words = typed(client, event)
    client.post(f"/ko/events/{event.slug}/register/", words)

    again = client.post(f"/ko/events/{event.slug}/register/", words | {"name": "이바다", "email": "bada@mail.example"})
    fresh = {e["name"]: e["value"] for e in elements(again, "input") if e["name"] in words}
    sent = client.post(f"/ko/events/{event.slug}/register/", fresh)

    assert again.status_code == 409
    assert one(again, role="alert").text == (
        "이 신청서는 다른 내용으로 이미 제출되었습니다. 지금 내용으로도 신청하시려면 한 번 더 눌러 주십시오."
    )
    assert sent.status_code == 303
    assert list(Registration.objects.order_by("id").values_list("name", flat=True)) == ["김하늘", "이바다"]


@pytest.mark.parametrize(
    ("words", "field", "message"),
    [
        ({"name": ""}, "name", "이름을 적어 주십시오."),
        ({"name": "win at https://x.example"}, "name", "주소나 줄바꿈 없이 이름만 적어 주십시오."),
        ({"name": "김\u2028하늘"}, "name", "주소나 줄바꿈 없이 이름만 적어 주십시오."),
        ({"email": ""}, "email", "이메일 주소를 적어 주십시오."),
        ({"email": "haneul"}, "email", "올바른 이메일 주소가 아닙니다."),
        ({"audience": ""}, "audience", "참가 구분을 선택해 주십시오."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(
    client: Client, now: datetime, words: dict[str, str], field: str, message: str
) -> None:
    event = factories.event(audiences=[factories.audience("student")], now=now)
    sent = typed(client, event, audience="student") | words

    response = client.post(f"/ko/events/{event.slug}/register/", sent)

    assert response.status_code == 422
    assert one(response, "p", class_="error").text == message
    assert one(response, "p", class_="error")["id"] == f"register-{field}_error"
    shown = one(response, id=f"register-{field}")
    assert (shown["aria-invalid"], shown["aria-describedby"]) == ("true", f"register-{field}_error")
    kept = {e["name"]: e["value"] for e in elements(response, "input") if e["name"] in sent}
    assert kept == {name: value for name, value in sent.items() if name != "audience"}
    assert [e["value"] for e in elements(response, "option", selected="")] == [sent["audience"]]
    assert Registration.objects.count() == 0


def test_an_address_that_is_registered_is_told_so_at_the_field(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    client.post(f"/ko/events/{event.slug}/register/", typed(client, event))

    response = client.post(f"/ko/events/{event.slug}/register/", typed(client, event, email="HANEUL@mail.example"))

    assert response.status_code == 409
    assert one(response, "p", class_="error").text == (
        "이 이메일 주소로 이미 신청이 접수되어 있습니다. 해당 신청의 링크를 이 주소로 다시 보내 드립니다."
    )
    assert Registration.objects.count() == 1
    assert factories.ordered("link") == [Registration.objects.get().email]


def test_the_answer_is_the_same_when_no_more_mails_are_sent(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    factories.register(event, now=now)
    again = {"email": "person1@mail.example"}

    answers = [client.post(f"/en/events/{event.slug}/register/", typed(client, event, **again)) for _ in range(5)]

    assert {one(answer, "p", class_="error").text for answer in answers} == {
        "This address is registered for the event already. We mail the link of that registration to this address again."
    }
    assert len(factories.ordered("link")) == 3


def test_the_last_seat_may_go_while_somebody_types(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, now=now)
    words = typed(client, event)
    factories.register(event, now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", words)

    assert response.status_code == 409
    assert one(response, role="alert").text == "정원이 모두 찼습니다."
    assert one(response, "div", class_="seats").text == "마감(정원 1명)"
    assert one(response, "input", name="name")["value"] == "김하늘"


def test_the_event_may_be_called_off_while_somebody_types(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    words = typed(client, event)
    publishing.cancel(event=event, actor=SYSTEM, now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", words)

    assert response.status_code == 409
    assert one(response, role="alert").text == "취소된 행사입니다."


def test_a_form_without_its_key_is_given_a_new_one(client: Client, now: datetime) -> None:
    event = factories.event(now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", typed(client, event, key=""))

    assert response.status_code == 422
    assert one(response, role="alert").text == "버튼을 한 번 더 눌러 주십시오."
    assert len(one(response, "input", name="key")["value"]) >= 16
    assert IdempotencyKey.objects.count() == 0


def test_ten_a_minute_from_one_address_are_enough(client: Client, now: datetime) -> None:
    event = factories.event(now=now)
    answers = [
        client.post(f"/ko/events/{event.slug}/register/", typed(client, event, email=f"p{number}@mail.example"))
        for number in range(11)
    ]

    elsewhere = client.post(
        f"/ko/events/{event.slug}/register/", typed(client, event, email="p11@mail.example"), REMOTE_ADDR="198.51.100.7"
    )

    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert elsewhere.status_code == 303
    assert one(answers[-1], "input", name="email")["value"] == "p10@mail.example"


def test_a_form_from_elsewhere_is_refused_in_words(now: datetime) -> None:
    event = factories.event(now=now)
    client = Client(enforce_csrf_checks=True)

    response = client.post(
        f"/ko/events/{event.slug}/register/", typed(client, event) | {"csrfmiddlewaretoken": "x" * 64}
    )

    assert response.status_code == 403
    assert one(response, "h1").text == "다시 한번 제출해 주십시오"
    assert Registration.objects.count() == 0


def test_registering_is_possible_until_the_first_session_begins(client: Client, now: datetime) -> None:
    event = factories.draft(now=now)
    factories.session(event, starts=now + timedelta(hours=1), now=now)
    factories.publish(event, now=now)

    response = client.get(f"/en/events/{event.slug}/")

    assert len(elements(response, "form")) == 1
    assert json.loads(one(response, "script", type="application/ld+json").text)["offers"]["availability"] == (
        "https://schema.org/InStock"
    )


def test_the_address_of_the_form_leads_back_to_the_page(client: Client, now: datetime) -> None:
    event = factories.event(now=now)

    response = client.get(f"/en/events/{event.slug}/register/")

    assert (response.status_code, response.headers["Location"]) == (302, f"/en/events/{event.slug}/#register")


def test_nobody_registers_for_what_is_not_public(client: Client, now: datetime) -> None:
    draft = factories.draft(now=now)

    response = client.post(f"/en/events/{draft.slug}/register/", {"name": "Kim", "email": "kim@mail.example"})

    assert response.status_code == 404
    assert Registration.objects.count() == 0


def test_the_browser_goes_to_what_is_wrong(client: Client, now: datetime) -> None:
    event = factories.event(now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", typed(client, event, email="haneul"))

    assert [element["id"] for element in elements(response, autofocus="")] == ["register-email"]


def asking(now: datetime, **fields: object) -> Event:
    """An event that asks a question of each kind."""
    event = factories.event(now=now, **fields)
    choices = [{"value": "none", "title_ko": "없음", "title_en": "None"}, {"value": "some", "title_en": "Some"}]
    questions = [
        {
            "key": "why",
            "kind": "text",
            "title_en": "Why?",
            "help_en": "In <10> words.",
            "is_required": True,
            "most": 20,
        },
        {"key": "level", "kind": "choice", "title_en": "Experience", "choices": choices, "is_required": True},
        {"key": "age", "kind": "number", "title_en": "Age", "least": 14, "most": 120},
        {"key": "photos", "kind": "consent", "title_en": "Photos of me may be shown.", "is_required": True},
        {"key": "news", "kind": "consent", "title_en": "Send me news."},
    ]
    questioning.set_questions(event=event, questions=questions, actor=SYSTEM, now=now)
    return event


ANSWERED = {"answers/why": " To learn\r\n", "answers/level": "some", "answers/age": "21 ", "answers/photos": "on"}


def test_what_the_event_asks_is_asked_and_kept(client: Client, now: datetime) -> None:
    event = asking(now)
    page = client.get(f"/en/events/{event.slug}/")

    response = client.post(f"/en/events/{event.slug}/register/", typed(client, event, **ANSWERED))

    labels = [e.text for e in elements(page, "label") if e["for"].startswith("register-answers/")]
    assert labels == [
        "Why? required", "Experience required", "Age", "Photos of me may be shown. required", "Send me news.",
    ]  # fmt: skip
    described = one(page, "input", name="answers/why")["aria-describedby"]
    assert one(page, id=described).text == "In <10> words."
    assert [e.text for e in elements(page, "option")] == ["Please choose", "None", "Some"]
    assert response.status_code == 303
    assert Registration.objects.get().answers == {
        "why": "To learn", "level": "some", "age": 21, "photos": True, "news": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "field", "message"),
    [
        ({"answers/why": " "}, "why", "Please answer “Why?”."),
        ({"answers/why": "x" * 21}, "why", "Answer “Why?” in at most 20 characters; these are 21."),
        ({"answers/why": "a\x07b"}, "why", "Your answer to “Why?” has invisible control characters. Write it anew."),
        ({"answers/level": "all"}, "level", "Choose one of the answers that “Experience” offers."),
        ({"answers/age": "-1"}, "age", "Answer “Age” with a number of at least 14."),
        ({"answers/age": str(2**31)}, "age", "Answer “Age” with a number of at most 120."),
        ({"answers/age": "9" * 5_000}, "age", "Answer “Age” with a whole number."),
        ({"answers/age": "1.5"}, "age", "Answer “Age” with a whole number."),
        ({"answers/photos": ""}, "photos", "Registering needs your consent: “Photos of me may be shown.”."),
    ],
)
def test_an_answer_that_does_not_fit_is_told_beside_its_question(
    client: Client, now: datetime, words: dict[str, str], field: str, message: str
) -> None:
    event = asking(now)
    sent = typed(client, event, **ANSWERED) | words

    response = client.post(f"/en/events/{event.slug}/register/", {name: value for name, value in sent.items() if value})

    assert response.status_code == 422
    assert [e.text for e in elements(response, "p", class_="error")] == [message]
    shown = one(response, id=f"register-answers/{field}")
    assert (shown["aria-invalid"], shown["aria-describedby"].split()[-1]) == ("true", f"register-answers/{field}_error")
    assert ("checked" in one(response, "input", name="answers/photos").attributes) == (field != "photos")
    assert one(response, "input", name="name")["value"] == "김하늘"
    assert Registration.objects.count() == 0


def test_everything_that_is_wrong_is_told_at_once(client: Client, now: datetime) -> None:
    event = asking(now)

    response = client.post(f"/en/events/{event.slug}/register/", typed(client, event, name=""))

    assert [e["id"] for e in elements(response, "p", class_="error")] == [
        "register-name_error", "register-answers/why_error", "register-answers/level_error",
        "register-answers/photos_error",
    ]  # fmt: skip


def test_who_comes_too_late_joins_the_waitlist(client: Client, now: datetime) -> None:
    event = factories.event(capacity=1, waitlist="automatic", now=now)
    factories.register(event, now=now)

    response = client.post(f"/ko/events/{event.slug}/register/", typed(client, event))

    made = Registration.objects.get(name="김하늘")
    assert (response.headers["Location"], made.status) == (f"/ko/my/registrations/{made.code}/", "waitlisted")


@pytest.mark.parametrize(
    ("ticked", "accepted"),
    [([1, 2], []), ([2], [0, 2]), ([], [0])],
    ids=["any later one", "one of them", "this one only"],
)
def test_the_dates_that_somebody_ticks_are_those_that_they_take(
    client: Client, now: datetime, ticked: list[int], accepted: list[int]
) -> None:
    runs = factories.runs(3, capacity=1, now=now)
    factories.crowd(runs[0], [1], now=now)
    sent = typed(client, runs[0], chose_runs="True")

    client.post(f"/en/events/{runs[0].slug}/register/", sent | {"accepts": [runs[index].slug for index in ticked]})

    made = Registration.objects.get(name="김하늘")
    assert made.status == "waitlisted"
    assert [run.pk for run in made.accepts.order_by("pk")] == [runs[index].pk for index in accepted]


def test_a_form_without_the_dates_means_any_later_one(client: Client, now: datetime) -> None:
    runs = factories.runs(2, capacity=1, now=now)
    sent = typed(client, runs[0])
    factories.crowd(runs[0], [1], now=now)

    client.post(f"/en/events/{runs[0].slug}/register/", sent)

    made = Registration.objects.get(name="김하늘")
    assert (made.status, list(made.accepts.all())) == ("waitlisted", [])


def test_a_date_that_is_no_other_one_of_the_series_is_refused(client: Client, now: datetime) -> None:
    runs = factories.runs(2, capacity=1, now=now)
    stranger = factories.event("Stranger", of=runs[0].programme, now=now)
    factories.crowd(runs[0], [1], now=now)

    response = client.post(
        f"/en/events/{runs[0].slug}/register/", typed(client, runs[0], chose_runs="True", accepts=stranger.slug)
    )

    assert response.status_code == 422
    assert one(response, "p", class_="error").text == "One of these dates can no longer be chosen."


def test_a_code_opens_what_is_by_invitation(client: Client, now: datetime) -> None:
    event = factories.event(needs_code=True, now=now)
    factories.code(event, "STUDIO-2026", now=now)

    without = client.post(f"/en/events/{event.slug}/register/", typed(client, event))
    right = client.post(f"/en/events/{event.slug}/register/", typed(client, event, code=" studio 2026 "))
    used = client.post(
        f"/en/events/{event.slug}/register/", typed(client, event, code="STUDIO-2026", email="b@mail.example")
    )

    assert [answer.status_code for answer in (without, right, used)] == [409, 303, 409]
    assert [one(answer, id="register-code_error").text for answer in (without, used)] == [
        "This event is by invitation: write your code.", "This code does not open this event, or was used already.",
    ]  # fmt: skip
    assert Guess.objects.get().count == 1


def test_twenty_wrong_codes_are_all_there_are(client: Client, now: datetime, settings: Settings) -> None:
    settings.RATE_LIMITS = False
    event = factories.event(needs_code=True, now=now)
    factories.code(event, "STUDIO-2026", now=now)
    address = f"/en/events/{event.slug}/register/"

    wrong = [client.post(address, typed(client, event, code=f"GUESS-{number:04}")) for number in range(20)]
    right = client.post(address, typed(client, event, code="STUDIO-2026"))
    elsewhere = client.post(address, typed(client, event, code="STUDIO-2026"), REMOTE_ADDR="198.51.100.7")

    assert [answer.status_code for answer in wrong] == [409] * 20
    assert (right.status_code, one(right, role="alert").text) == (
        429, "Too many refused attempts. Please try again in an hour.",
    )  # fmt: skip
    assert elsewhere.status_code == 303


def test_who_is_elsewhere_is_led_to_another_date(client: Client, now: datetime) -> None:
    programme = factories.programme(clashes="refuse", now=now)
    other = factories.event("Elsewhere", of=programme, now=now)
    series = factories.series(of=programme, now=now)
    here, later = factories.run(series, 0, now=now), factories.run(series, 1, now=now)
    factories.register(other, now=now)

    response = client.post(f"/en/events/{here.slug}/register/", typed(client, here, email="person1@mail.example"))

    assert response.status_code == 409
    assert one(response, role="alert").text == (
        "This overlaps another event of the same person. We mail the link of that registration to this address again."
    )
    assert "Elsewhere" not in response.content.decode()
    links = [e["href"] for e in elements(response, "a")]
    assert links.count(f"/en/events/{later.slug}/") == 2
    assert factories.ordered("link") == ["person1@mail.example"]


def test_where_somebody_is_cannot_be_asked_again_and_again(client: Client, now: datetime, settings: Settings) -> None:
    settings.RATE_LIMITS = False
    programme = factories.programme(clashes="refuse", now=now)
    there, here = factories.event("There", of=programme, now=now), factories.event("Here", of=programme, now=now)
    factories.register(there, now=now)
    sent = {"email": "person1@mail.example"}

    answers = [client.post(f"/en/events/{here.slug}/register/", typed(client, here, **sent)) for _ in range(11)]
    other = client.post(f"/en/events/{here.slug}/register/", typed(client, here))

    assert [answer.status_code for answer in answers] == [409] * 10 + [429]
    assert other.status_code == 303


def test_an_application_sent_twice_is_one(client: Client, now: datetime) -> None:
    event = asking(now, registration="approval", capacity=1)
    words = typed(client, event, **ANSWERED)

    first = client.post(f"/en/events/{event.slug}/register/", words)
    second = client.post(f"/en/events/{event.slug}/register/", words)
    other = client.post(f"/en/events/{event.slug}/register/", words | {"answers/why": "For fun"})

    assert (first.headers["Location"], second.status_code) == (second.headers["Location"], 303)
    assert other.status_code == 409
    assert list(Registration.objects.values_list("status", flat=True)) == ["applied"]
