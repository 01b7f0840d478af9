"""The operators' commands: what they print, and what they say when something is wrong."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.models import ApiKey, Fragment, Session
from events.operations import keying
from tests import factories
from venues.models import Booking

pytestmark = pytest.mark.django_db


def test_an_api_key_is_printed_alone_and_works(capsys: pytest.CaptureFixture[str]) -> None:
    factories.organization("School", slug="school")

    call_command("api_key", "--organization", "school", "--role", "viewer", "--name", "sync")

    key = keying.key_of(secret=capsys.readouterr().out.strip(), now=timezone.now())
    assert key is not None
    assert (key.organization.slug, key.role, key.name) == ("school", "viewer", "sync")


def test_a_key_can_be_narrowed_and_end_earlier(capsys: pytest.CaptureFixture[str]) -> None:
    factories.organization("School", slug="school")
    day = (timezone.now() + timedelta(days=30)).date()

    options = ["--scopes", "register,allotment", "--expires-on", day.isoformat(), "--requests-per-minute", "30"]
    call_command("api_key", "--organization", "school", "--role", "editor", *options)

    key = keying.key_of(secret=capsys.readouterr().out.strip(), now=timezone.now())
    assert key is not None
    assert (key.scopes, key.requests_per_minute) == ("register allotment", 30)
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - timezone.now() < timedelta(days=31)


@pytest.mark.parametrize(
    "options",
    [
        ["--scopes", "write"],
        ["--scopes", ""],
        ["--scopes", "allotment"],
        ["--expires-on", "tomorrow"],
        ["--expires-on", "2020-01-01"],
        ["--requests-per-minute", "0"],
    ],
)
def test_a_key_that_cannot_be_is_refused(options: list[str]) -> None:
    factories.organization("School", slug="school")

    with pytest.raises(CommandError):
        call_command("api_key", "--organization", "school", "--role", "viewer", *options)

    assert not ApiKey.objects.exists()


def test_one_key_too_many_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keying, "MOST", 0)
    factories.organization("School", slug="school")

    with pytest.raises(CommandError, match="0"):
        call_command("api_key", "--organization", "school", "--role", "viewer")


def test_a_key_for_nobody_names_who_there_is() -> None:
    factories.organization("School", slug="school")

    with pytest.raises(CommandError) as problem:
        call_command("api_key", "--organization", "scool", "--role", "viewer")

    assert str(problem.value) == "There is no organization 'scool'. There are: school."


@pytest.mark.parametrize("role", ["door", "admin", ""])
def test_a_key_has_one_of_three_roles(role: str) -> None:
    factories.organization("School", slug="school")

    with pytest.raises(CommandError):
        call_command("api_key", "--organization", "school", "--role", role)


def test_retiming_names_what_moved(capsys: pytest.CaptureFixture[str]) -> None:
    session = factories.event(room=factories.room()).sessions.get()
    for model, row in ((Session, {"pk": session.pk}), (Booking, {"purpose": session.uid})):
        model.objects.filter(**row).update(ends_at=session.ends_at + timedelta(hours=1))
        model.objects.filter(**row).update(starts_at=session.starts_at + timedelta(hours=1))

    for _ in range(2):
        call_command("retime")

    assert capsys.readouterr().out.splitlines() == [
        f"{session.uid} 2026-10-08 12:00 Asia/Seoul",
        "1 sessions moved.",
        "0 sessions moved.",
    ]


def test_rendering_calendars_brings_back_lost_texts(capsys: pytest.CaptureFixture[str]) -> None:
    factories.event(sessions=2)
    Fragment.objects.all().delete()

    call_command("render_calendars")

    assert (capsys.readouterr().out, Fragment.objects.count()) == ("2 sessions rendered anew.\n", 4)
