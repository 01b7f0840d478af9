"""Members sign in by a mailed code or link; strangers learn nothing by trying."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Delivery, Person, SignIn
from events.operations import signing_in
from tests import factories
from tests.pages.html import elements, one

pytestmark = pytest.mark.django_db
OWNER = "owner@demo.example"


def ask(client: Client, email: str = OWNER, onward: str = "") -> HttpResponse:
    return client.post(f"/organize/sign-in/{onward}", {"email": email})


def mailed(outbox: list[EmailMessage]) -> list[EmailMessage]:
    """What was mailed, once the worker has sent it."""
    factories.deliver(now=timezone.now())
    return outbox


def code_in(mail: EmailMessage) -> str:
    found = re.search(r"^ +(\d{8})$", str(mail.body), re.MULTILINE)
    assert found is not None
    return found[1]


def shape(sql: str, email: str) -> str:
    """The statement without its values."""
    return re.sub(r"'[^']*'|\bs\d+_x\d+\b|\b\d+\b", "?", sql.replace(email, "?"))


def link_for(email: str = OWNER, *, now: datetime) -> str:
    return signing_in.link_of(signing_in.chance(door="organize", key=email, now=now))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_console_asks_who_is_there(client: Client) -> None:
    response = client.get("/organize/")

    assert (response.status_code, response.headers["Location"]) == (302, "/organize/sign-in/?next=/organize/")


def test_a_member_signs_in_with_the_mailed_code(client: Client, mailoutbox: list[EmailMessage], now: datetime) -> None:
    factories.organization(now=now)

    asked = ask(client)
    page = client.get(asked.headers["Location"])
    code = code_in(mailed(mailoutbox)[0])
    entered = client.post(asked.headers["Location"], {"code": f" {code[:4]} {code[4:]}"})

    assert [mail.to for mail in mailoutbox] == [[OWNER]]
    assert one(page, "h1").text == "코드 입력"
    assert (entered.status_code, entered.headers["Location"]) == (302, "/organize/")
    assert signed_in(client)


def test_a_stranger_gets_the_same_answers_and_no_mail(mailoutbox: list[EmailMessage], now: datetime) -> None:
    factories.organization(now=now)
    member, stranger = Client(), Client()

    answers = [ask(member), ask(stranger, "nobody@demo.example")]
    pages = [client.get("/organize/sign-in/code/") for client in (member, stranger)]
    wrong = [client.post("/organize/sign-in/code/", {"code": "00000000"}) for client in (member, stranger)]

    assert [mail.to for mail in mailed(mailoutbox)] == [[OWNER]]
    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == ["sent", "superseded"]
    assert len({(answer.status_code, answer.headers["Location"], answer.content) for answer in answers}) == 1
    for pair in (pages, wrong):
        assert one(pair[0], "main").text.replace(OWNER, "nobody@demo.example") == one(pair[1], "main").text
        assert pair[0].status_code == pair[1].status_code
        assert sorted(pair[0].headers) == sorted(pair[1].headers)


def test_asking_and_guessing_take_the_same_statements_whoever_is_asked_for(now: datetime) -> None:
    factories.organization(now=now)
    ask(Client(), "first@demo.example")  # of this network
    told = []

    for email in (OWNER, "nobody@demo.example"):
        client = Client()
        with CaptureQueriesContext(connection) as queries:
            ask(client, email)
            client.post("/organize/sign-in/code/", {"code": "00000000"})
        told.append([shape(query["sql"], email) for query in queries])

    assert told[0] == told[1]
    assert SignIn.objects.filter(guesses=1).count() == 2


def test_five_wrong_codes_are_all_there_are(client: Client, mailoutbox: list[EmailMessage], now: datetime) -> None:
    factories.organization(now=now)
    ask(client)

    wrong = [client.post("/organize/sign-in/code/", {"code": "00000000"}) for _ in range(5)]
    right = client.post("/organize/sign-in/code/", {"code": code_in(mailed(mailoutbox)[0])})

    assert [answer.status_code for answer in [*wrong, right]] == [403] * 6
    assert (
        one(right, "p", class_="error").text == "코드가 올바르지 않거나 기한이 지났습니다. 새 코드를 요청해 주십시오."
    )
    assert not signed_in(client)


def test_five_mails_in_a_quarter_of_an_hour_are_enough(mailoutbox: list[EmailMessage], now: datetime) -> None:
    factories.organization(now=now)

    answers = [Client().post("/organize/sign-in/", {"email": OWNER}, REMOTE_ADDR=f"198.51.100.{n}") for n in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 7
    assert len(mailed(mailoutbox)) == 1  # the newest; the others are void
    assert Delivery.objects.count() == 5


def test_one_network_may_not_ask_for_everybody(client: Client, now: datetime) -> None:
    answers = [ask(Client(), f"p{number}@demo.example") for number in range(21)]

    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert one(answers[-1], "input", name="email")["value"] == "p20@demo.example"


def test_the_link_signs_in_by_its_button_only(client: Client, now: datetime) -> None:
    factories.organization(now=now)
    address = f"/organize/sign-in/{link_for(now=now)}/"

    opened = client.get(address)
    unused = SignIn.objects.get().used_at
    pressed = client.post(address)

    assert unused is None
    assert len([form for form in elements(opened, "form") if form["action"] == ""]) == 1
    assert (pressed.status_code, pressed.headers["Location"]) == (302, "/organize/")
    assert signed_in(client)


def test_a_link_works_once(now: datetime) -> None:
    factories.organization(now=now)
    address = f"/organize/sign-in/{link_for(now=now)}/"
    Client().post(address)
    second = Client()

    response = second.post(address)

    assert response.status_code == 403
    assert one(response, role="alert").text == "이미 사용했거나 기한이 지난 링크입니다. 새로 요청해 주십시오."
    assert not signed_in(second)


def test_an_old_link_and_an_invented_one_look_the_same(client: Client, now: datetime) -> None:
    factories.organization(now=now)
    old = link_for(now=now - timedelta(days=2))
    of_nobody = link_for("nobody@demo.example", now=now)

    answers = [client.post(f"/organize/sign-in/{link}/") for link in (old, of_nobody, "x" * 43, "1-" + "x" * 43)]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert len({one(answer, "main").text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("?next=/admin/", "/admin/"),
        ("?next=//evil.example/", "/organize/"),
        ("?next=https://evil.example/", "/organize/"),
        ("?next=/%5Cevil.example", "/organize/"),
        ("?next=javascript:alert(1)", "/organize/"),
    ],
)
def test_it_leads_on_within_our_own_address_only(
    client: Client, mailoutbox: list[EmailMessage], now: datetime, asked: str, led_to: str
) -> None:
    factories.organization(now=now)
    ask(client, onward=asked)

    response = client.post("/organize/sign-in/code/", {"code": code_in(mailed(mailoutbox)[0])})

    assert response.headers["Location"] == led_to


def test_signing_in_changes_the_session_and_signing_out_ends_it(
    client: Client, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    factories.organization(now=now)
    ask(client)
    before = client.session.session_key

    client.post("/organize/sign-in/code/", {"code": code_in(mailed(mailoutbox)[0])})
    during = client.session.session_key
    by_get = client.get("/organize/sign-out/")
    still = signed_in(client)
    by_post = client.post("/organize/sign-out/")

    assert before != during
    assert (by_get.status_code, still) == (405, True)
    assert (by_post.status_code, signed_in(client)) == (302, False)


def test_the_session_cookie_is_for_this_site_and_for_nobodys_script(
    client: Client, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    factories.organization(now=now)
    ask(client)

    response = client.post("/organize/sign-in/code/", {"code": code_in(mailed(mailoutbox)[0])})

    cookie = response.cookies["sessionid"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


@pytest.mark.parametrize("path", ["", "code/", "some-link/"])
def test_nobody_is_signed_in_from_another_site(path: str, now: datetime) -> None:
    factories.organization(now=now)
    client = Client(enforce_csrf_checks=True)

    response = client.post(f"/organize/sign-in/{path}", {"email": OWNER})

    assert response.status_code == 403
    assert SignIn.objects.count() == 0


def test_somebody_who_is_no_longer_active_gets_no_mail(
    client: Client, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    factories.organization(now=now)
    Person.objects.update(is_active=False)

    ask(client)

    assert mailed(mailoutbox) == []


def test_these_pages_are_kept_nowhere(client: Client, now: datetime) -> None:
    ask(client)

    answers = [client.get(f"/organize/sign-in/{path}") for path in ("", "code/", "some-link/")]

    assert {answer.headers["Cache-Control"] for answer in answers} == {
        "max-age=0, no-cache, no-store, must-revalidate, private"
    }
    assert {one(answer, "meta", name="robots")["content"] for answer in answers} == {"noindex"}
