"""The organizer's text in the mails of an event: looked at in both languages, then saved; a wrong name is refused."""

from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events.models import Change, Delivery, Event, Organization, Programme, Registration
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.conftest import signed_in
from tests.pages.organizer.test_capacity import errors

pytestmark = pytest.mark.django_db
NOTE = {"mail_note_ko": "{{ event }}에서 뵙겠습니다.", "mail_note_en": "See you at {{ event }}.\r\n<b>Bye</b>"}


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    return factories.event("Lighting", of=programme, title_ko="조명", now=now)


def send(client: Client, event: Event, what: str, **sent: Any) -> HttpResponse:
    event.refresh_from_db()
    usual = {"mail_note_ko": "", "mail_note_en": "", "reminder_hours": "24", "revision": str(event.revision)}
    return client.post(f"/organize/events/{event.slug}/mails/{what}/", usual | sent)


def previews(response: HttpResponse) -> dict[str, str]:
    return {article["lang"]: article.text for article in elements(response, "article")}


def test_the_preview_is_the_mail_in_both_languages_and_nothing_is_saved(editor: Client, event: Event) -> None:
    before = Change.objects.count()

    response = send(editor, event, "preview", **NOTE)

    shown = previews(response)
    assert list(shown) == ["ko", "en"]
    assert shown["en"].startswith("You have a seat: Lighting")
    assert "See you at Lighting.<b>Bye</b>" in shown["en"]
    assert "조명에서 뵙겠습니다." in shown["ko"]
    assert one(response, role="status").text == "This is a preview. Nothing is saved yet."
    assert one(response, "textarea", name="mail_note_en").text == "See you at {{ event }}. <b>Bye</b>"
    event.refresh_from_db()
    assert (event.mail_note_ko, event.mail_note_en) == ("", "")
    assert (Change.objects.count(), Registration.objects.count(), Delivery.objects.count()) == (before, 0, 0)


def test_what_is_saved_stands_in_the_next_mail(editor: Client, event: Event, mailoutbox: list[Any]) -> None:
    response = send(editor, event, "save", **NOTE, reminder_hours="48")

    assert response.status_code == 303
    page = editor.get(response.headers["Location"])
    assert one(page, role="status").text == "Saved."
    assert "See you at Lighting." in previews(page)["en"]
    event.refresh_from_db()
    assert (event.mail_note_en, event.reminder_hours) == ("See you at {{ event }}.\n<b>Bye</b>", 48)
    factories.register(event, 1, language="en")
    factories.deliver()
    assert "See you at Lighting.\n<b>Bye</b>" in mailoutbox[0].body


@pytest.mark.parametrize("what", ["preview", "save"])
@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"mail_note_en": "Dear {{ name }}"}, 400, "mail_note_en"),
        ({"mail_note_ko": "{{ event.slug }}"}, 400, "mail_note_ko"),
        ({"mail_note_ko": "x" * 2001}, 422, "mail_note_ko"),
        ({"mail_note_en": "bell \x07"}, 422, "mail_note_en"),
        ({"reminder_hours": "721"}, 422, "reminder_hours"),
        ({"reminder_hours": ""}, 422, "reminder_hours"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    editor: Client, event: Event, what: str, sent: dict[str, str], status: int, field: str
) -> None:
    response = send(editor, event, what, **({"mail_note_ko": "그대로", "mail_note_en": "as it was"} | sent))

    assert (response.status_code, list(errors(response))) == (status, [f"mails-{field}"])
    other = "mail_note_ko" if field == "mail_note_en" else "mail_note_en"
    assert one(response, "textarea", name=other).text in ("그대로", "as it was")
    event.refresh_from_db()
    assert (event.mail_note_ko, event.mail_note_en) == ("", "")


def test_somebody_elses_change_is_shown_before_it_is_replaced(editor: Client, event: Event) -> None:
    response = send(editor, event, "save", **NOTE, revision=str(event.revision - 1))

    assert response.status_code in (409, 412)
    event.refresh_from_db()
    assert event.mail_note_en == ""


def test_only_owners_and_editors_write_it(office: Organization, event: Event) -> None:
    viewer = signed_in(office, "viewer")

    assert viewer.get(f"/organize/events/{event.slug}/mails/").status_code == 403
    assert send(viewer, event, "save", **NOTE).status_code == 403
