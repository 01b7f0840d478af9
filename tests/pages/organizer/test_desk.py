"""Who may sit at the desk of an event, and what its addresses do: nothing by GET, nothing from another site."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from events.models import Change, Event, Organization, Person, Programme, Registration, Role
from pages.organizer.urls import urlpatterns
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGES = ["", "seats/", "registration/", "codes/", "questions/", "draw/"]
ACTIONS = [
    "attendees/decide/", "attendees/enter/", "seats/capacity/", "seats/quotas/", "registration/policy/",
    "registration/minimum/", "registration/clashes/", "codes/make/", "questions/add/", "questions/motivation/remove/",
    "questions/motivation/up/", "draw/announce/",
]  # fmt: skip


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    made = factories.event(of=programme, capacity=5, now=now)
    factories.register(made, now=now)
    return made


def every_address(event: Event) -> list[str]:
    """All of them, with something in each place that names a thing."""
    values = {"code": Registration.objects.get().code, "uid": str(uuid4()), "key": "motivation", "what": "call-off"}
    return [f"/organize/events/{event.slug}/{filled(pattern, values)}" for pattern in urlpatterns]


def filled(pattern: URLPattern, values: dict[str, str]) -> str:
    path = str(pattern.pattern)
    for name, value in values.items():
        for kind in ("slug", "uuid"):
            path = path.replace(f"<{kind}:{name}>", value)
    assert "<" not in path
    return path


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_owners_and_editors_see_every_part(office: Organization, event: Event, role: Role) -> None:
    browser = signed_in(office, role)

    answers = {path: browser.get(f"/organize/events/{event.slug}/{path}") for path in PAGES}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    assert {one(answer, "h1").text for answer in answers.values()} == {"Lighting an LED wall"}
    assert "person1@mail.example" in one(answers[""], "main").text


def test_a_viewer_sees_the_numbers_and_nobody_behind_them(office: Organization, event: Event) -> None:
    browser = signed_in(office, "viewer")

    numbers = browser.get(f"/organize/events/{event.slug}/")
    closed = [path for path in every_address(event)[1:] if not path.endswith("/messages/")]  # that one is numbers too
    others = [browser.get(path).status_code for path in closed]
    acts = [browser.post(path).status_code for path in closed]

    assert one(numbers, "dl", class_="numbers").text == (
        "Capacity 5 Taken 1 Left 4 Waiting 0 Seats offered 0 Applications 0"
    )
    assert elements(numbers, "table") == []
    assert [text in numbers.content.decode() for text in ("person1", "김하늘")] == [False, False]
    assert set(others + acts) == {403}


@pytest.mark.parametrize("role", ["door", "elsewhere", "nowhere"])
def test_for_everybody_else_there_is_no_such_event(office: Organization, event: Event, role: str) -> None:
    other = factories.organization("Other", owner="other@demo.example")
    browser = {
        "door": lambda: signed_in(office, "door"),
        "elsewhere": lambda: signed_in(other, "owner"),
        "nowhere": lambda: stranger(),
    }[role]()
    paths = every_address(event)

    answers = [*(browser.get(path) for path in paths), *(browser.post(path) for path in paths)]

    assert {answer.status_code for answer in answers} == {404}


def stranger() -> Client:
    browser = Client()
    browser.force_login(factories.person())
    return browser


def test_who_is_not_signed_in_is_asked_who_they_are(event: Event) -> None:
    paths = every_address(event)

    answers = [*(Client().get(path) for path in paths), *(Client().post(path) for path in paths)]

    assert {answer.headers["Location"].partition("?")[0] for answer in answers} == {"/organize/sign-in/"}


def test_an_operator_sees_every_organizations_events(event: Event) -> None:
    browser = Client()
    browser.force_login(Person.objects.create_superuser("operator@demo.example"))

    assert browser.get(f"/organize/events/{event.slug}/").status_code == 200


def test_a_draft_has_its_desk_and_no_public_page(editor: Client, programme: Programme, now: datetime) -> None:
    draft = factories.draft("Being planned", of=programme, now=now)

    response = editor.get(f"/organize/events/{draft.slug}/")

    assert response.status_code == 200
    assert [link.text for link in elements(response, "a") if link["href"].endswith(f"/events/{draft.slug}/")] == [
        "Attendees"
    ]


@pytest.mark.parametrize("path", ACTIONS)
def test_opening_the_address_of_an_action_leads_to_its_page_and_changes_nothing(
    editor: Client, event: Event, path: str
) -> None:
    before = Change.objects.count()

    response = editor.get(f"/organize/events/{event.slug}/{path}")

    page = path.partition("/")[0] + "/"
    onward = "" if page == "attendees/" else page
    assert (response.status_code, response.headers["Location"]) == (302, f"/organize/events/{event.slug}/{onward}")
    assert Change.objects.count() == before


def test_every_address_refuses_what_comes_from_another_site(office: Organization, event: Event) -> None:
    browser = signed_in(office, client=Client(enforce_csrf_checks=True))
    before = Change.objects.count()

    answers = {path: browser.post(path).status_code for path in every_address(event)}

    assert set(answers.values()) == {403}
    assert Change.objects.count() == before


def test_these_pages_are_kept_nowhere_and_found_by_nobody(editor: Client, event: Event) -> None:
    answers = [editor.get(f"/organize/events/{event.slug}/{path}") for path in PAGES]

    assert {answer.headers["Cache-Control"] for answer in answers} == {
        "max-age=0, no-cache, no-store, must-revalidate, private"
    }
    assert {one(answer, "meta", name="robots")["content"] for answer in answers} == {"noindex"}


def test_every_form_that_is_sent_by_post_carries_its_token(editor: Client, event: Event) -> None:
    for path in PAGES:
        response = editor.get(f"/organize/events/{event.slug}/{path}")

        posts = [form for form in elements(response, "form") if form["method"] == "post"]
        tokens = elements(response, "input", name="csrfmiddlewaretoken")

        assert len(posts) == len(tokens) > 2


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_the_page_needs_a_script(editor: Client, event: Event, path: str) -> None:
    response = editor.get(f"/organize/events/{event.slug}/{path}")

    scripts = [script["src"] for script in elements(response, "script")]
    handlers = [name for element in elements(response) for name in element.attributes if name.startswith("on")]
    styles = [element for element in elements(response) if element["style"]]

    assert (scripts, handlers, styles) == (["/static/callboard.js"], [], [])
