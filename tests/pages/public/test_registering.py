"""Registering by the form: once, in words, and nothing typed is lost."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client

from events.models import SYSTEM, Event, IdempotencyKey, Registration
from events.operations import publishing
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
    assert one(response, "p", class_="error").text == "이 이메일 주소로 이미 신청이 접수되어 있습니다."
    assert Registration.objects.count() == 1


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
