"""A person's calendar links on a page: shown with what is known of each, added, changed and revoked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from events.errors import NotFound
from events.models import Attendee, CalendarLink
from events.operations import subscribing
from pages.public import my_calendars
from tests.pages.html import one
from tests.school import NOW, School

pytestmark = pytest.mark.django_db
AT = "/en/my/calendars/"


@pytest.fixture
def mina() -> Attendee:
    return subscribing.attendee_of(key="mina@example.org")


def link(owner: Attendee, **more: Any) -> CalendarLink:
    return subscribing.add_link(attendee=owner, now=NOW, **{"name": "Phone", **more})


def page(owner: Attendee, sent: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    with translation.override("en"):
        context = my_calendars.context(owner, at=AT, **(sent or {}))
        request = RequestFactory().get("/en/my/")
        body = render_to_string("pages/parts/calendar_links.html", context, request)
    return HttpResponse(body, status=status)


def post(**values: Any) -> HttpRequest:
    request = RequestFactory().post(AT)
    sent = QueryDict(mutable=True)
    sent.update(values)
    request.POST = sent  # type: ignore[assignment]
    return request


def test_each_link_is_shown_with_its_ways_in_and_when_it_was_fetched(mina: Attendee) -> None:
    School()
    phone, _laptop = link(mina), link(mina, name="Laptop")
    Client().get(subscribing.address_of(phone), headers={"user-agent": "Thunderbird/153"})
    CalendarLink.objects.filter(pk=phone.pk).update(last_fetched_at=NOW + timedelta(days=1))

    text = page(mina).content.decode()

    assert f"webcal://callboard.test{subscribing.address_of(phone)}" in text
    assert f"https://callboard.test{subscribing.address_of(phone)}" in text
    assert text.count("calendar.google.com/calendar/render?cid=webcal%3A") == 2
    assert "Last fetched on Saturday 2 November 2030 09:00 KST by Thunderbird." in text
    assert "Not fetched yet." in text


@pytest.mark.parametrize("number", [1, 5])
def test_it_takes_one_statement(mina: Attendee, number: int, django_assert_num_queries: Any) -> None:
    for _each in range(number):
        link(mina)

    with django_assert_num_queries(1):
        page(mina)


def test_a_link_is_added_changed_rotated_and_revoked(mina: Attendee) -> None:
    done = my_calendars.add(
        post(name="Phone", scope="confirmed", alarm_minutes="30", language="en"), mina, back=AT, show=refused
    )
    made = mina.calendar_links.get()
    assert (done.status_code, done["Location"]) == (303, AT)
    assert (made.name, made.scope, made.alarm_minutes, made.language) == ("Phone", "confirmed", 30, "en")

    prefix = f"link-{made.uid}"
    values = {"name": "Tablet", "scope": "all", "alarm_minutes": "", "language": "ko"}
    sent = post(**{f"{prefix}-{name}": value for name, value in values.items()})
    my_calendars.change(sent, mina, made.uid, back=AT, show=refused)
    made.refresh_from_db()
    assert {name: getattr(made, name) for name in values} == values | {"alarm_minutes": None}

    before = subscribing.address_of(made)
    my_calendars.rotate(mina, made.uid, back=AT)
    made.refresh_from_db()
    assert subscribing.address_of(made) != before

    my_calendars.revoke(mina, made.uid, back=AT)
    assert not mina.calendar_links.live().exists()


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(mina: Attendee) -> None:
    phone = link(mina)
    prefix = f"link-{phone.uid}"

    def show(context: dict[str, Any], status: int) -> HttpResponse:
        return page(mina, context, status)

    with translation.override("en"):
        added = my_calendars.add(post(name="", scope="all", language="ko"), mina, back=AT, show=show)
        changed = my_calendars.change(
            post(**{f"{prefix}-name": "a\u202eb", f"{prefix}-scope": "x", f"{prefix}-language": "ko"}),
            mina, phone.uid, back=AT, show=show,
        )  # fmt: skip

    assert (added.status_code, changed.status_code) == (400, 400)
    assert one(added, id="id_name_error").text == "Name the device."
    assert "id_link-" in changed.content.decode()
    assert mina.calendar_links.get().name == "Phone"


def test_nobody_reaches_the_links_of_another_person(mina: Attendee) -> None:
    other = link(subscribing.attendee_of(key="other@example.org"))

    for uid in (other.uid, uuid4()):
        for act in (
            lambda uid=uid: my_calendars.change(post(name="Mine"), mina, uid, back=AT, show=refused),
            lambda uid=uid: my_calendars.rotate(mina, uid, back=AT),
            lambda uid=uid: my_calendars.revoke(mina, uid, back=AT),
        ):
            with pytest.raises(NotFound):
                act()

    other.refresh_from_db()
    assert (other.name, other.generation, other.revoked_at) == ("Phone", 0, None)
    assert subscribing.address_of(other) not in page(mina).content.decode()


def test_the_page_of_one_registration_leads_to_no_calendar_of_the_person(mina: Attendee) -> None:
    school = School()
    registration = school.register()
    phone = link(mina)

    text = Client().get(f"/en/my/registrations/{registration.code}/").content.decode()

    assert "/calendars/registrations/" in text
    assert "/calendars/personal/" not in text
    assert subscribing.address_of(phone) not in text


def refused(context: dict[str, Any], status: int) -> HttpResponse:
    raise AssertionError(f"{status}: {context['form'].errors}")
