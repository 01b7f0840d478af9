"""Attendee lists as files: counted before they are read, and on record when they are taken."""

import pytest

from events.models import SYSTEM, Actor, Change, Event, Registration
from events.operations import downloading
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db


def download(event: Event, actor: Actor = SYSTEM, **asked: object) -> bytes:
    rows = Registration.objects.filter(event=event).order_by("pk")
    return downloading.download(
        event=event, rows=rows, actor=actor, **{"format": "csv", "language": "en", "filters": {}, "now": NOW, **asked}
    )  # type: ignore[arg-type]  # the tests' own short way


def test_the_history_says_who_took_how_many() -> None:
    event = factories.event()
    factories.register(event, 1)
    member = factories.member(event.programme.organization)

    data = download(event, member, filters={"q": "김하늘", "group": "ABC", "status": "confirmed"})

    told = Change.objects.get(kind="attendees.downloaded")
    assert data.decode("utf-8-sig").count("\r\n") == 2
    assert (told.event, told.person_id, told.registration, told.organization) == (
        event, member.person_id, None, event.programme.organization,
    )  # fmt: skip
    assert told.after == {"format": "csv", "rows": 1, "filters": {"group": True, "q": True, "status": "confirmed"}}


def test_the_limit_is_for_one_person_and_one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MOST_AN_HOUR", 2)
    event = factories.event()
    for _time in range(2):
        download(event)

    for _time in range(2):
        with pytest.raises(downloading.TooManyDownloads):
            download(event)

    download(event, factories.member(event.programme.organization))
    download(event, now=NOW + HOUR)
    assert Change.objects.filter(kind="attendees.downloaded").count() == 4


def test_a_list_too_long_for_a_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MOST_ROWS", 1)
    event = factories.event()
    factories.crowd(event, range(2))

    with pytest.raises(downloading.TooManyRows):
        download(event)

    assert not Change.objects.filter(kind="attendees.downloaded").exists()
