"""Refused requests are written down; the secrets in their addresses are not (RULES 13)."""

import logging
from collections.abc import Iterator
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from config.logs import WithoutConflicts, WithoutSecrets
from events.models.registration import new_code
from events.models.tokens import derive, new_key, signing_secret

SECRET = "s3cretS3CRETs3cretS3CRETs3"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the handler that every process has would write."""
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(WithoutSecrets())
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        f"/organize/sign-in/{SECRET}/",
        f"/ko/my/registrations/{SECRET}/",
        f"/en/my/registrations/{SECRET}/cancel/",
        f"/api/v1/registrations/{SECRET}/cancel/",
        f"/calendars/registrations/1f-{SECRET}.ics",
        f"/calendars/personal/1f-{SECRET}.ics",
        f"/calendars/rooms/room-1/1f-{SECRET}.ics",
        f"/en/offers/1f-{SECRET}/decline/",
        f"/api/v1/offers/1f-{SECRET}/",
        f"/ko/my/groups/{SECRET}/",
        f"/ko/my/sign-in/1f-{SECRET}/",
        f"/en/my/move/{SECRET}/lighting/",
        f"/organize/events/lighting/attendees/{SECRET}/cancel/",
        f"/calendars/PERSONAL/1f-{SECRET}.ics",
    ],
)
def test_a_refused_request_is_written_down_without_its_secret(written: StringIO, address: str) -> None:
    browser = Client(enforce_csrf_checks=True)

    assert browser.post(address).status_code in {401, 403, 404, 405}

    assert address.split(SECRET)[0].removesuffix("1f-") in written.getvalue()
    assert SECRET not in written.getvalue()


def test_a_secret_is_known_by_its_shape_where_none_should_stand(written: StringIO) -> None:
    token, code = derive(kind="calendar-link", row_id=7, generation=0), new_code()

    logging.getLogger("callboard").warning("Not Found: /calendars/personal/x/%s.ics and %s", token, code)

    assert written.getvalue() == "Not Found: /calendars/personal/x/....ics and ...\n"


def test_keys_and_webhooks_secrets_are_known_by_how_they_begin(written: StringIO) -> None:
    key, signing = new_key()[1], signing_secret(kind="webhook", uid=uuid4(), generation=0)

    logging.getLogger("callboard").warning("Not Found: /api/v1/events/%s/ and %s", key, signing)

    assert written.getvalue() == "Not Found: /api/v1/events/.../ and ...\n"


def test_other_addresses_stay_readable(written: StringIO) -> None:
    logging.getLogger("callboard").warning("Conflict: %s", "/api/v1/events/lighting-for-the-volume/registrations/")

    assert written.getvalue() == "Conflict: /api/v1/events/lighting-for-the-volume/registrations/\n"


def test_the_handler_of_every_process_cuts_secrets_out() -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["without_secrets"]


@pytest.mark.parametrize(("status", "is_written"), [(409, False), (404, True), (500, True)])
def test_a_conflict_is_an_answer_and_fills_no_log(status: int, is_written: bool) -> None:
    record = logging.makeLogRecord({"msg": "Conflict: /api/v1/events/full/registrations/", "status_code": status})

    assert WithoutConflicts().filter(record) is is_written
