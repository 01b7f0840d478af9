"""The command: what it prints, when it exits 1, and that a dry run writes nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from events.models import Event, Programme
from tests import factories
from tests.events.importers.schedules import calendar, entry, excerpt
from venues.models import Closure

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    return factories.programme(slug="biff")


def written(folder: Path, raw: bytes, name: str = "plan.ics") -> str:
    path = folder / name
    path.write_bytes(raw)
    return str(path)


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("import_schedule", *arguments, "--programme", "biff", stdout=out)
    return out.getvalue().splitlines()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return str(refused.value)


def test_a_file_is_taken_and_again_changes_nothing(programme: Programme, tmp_path: Path) -> None:
    path = written(tmp_path, excerpt("38c3-excerpt.xml"), "plan.xml")

    assert run(path, "--dry-run")[-1] == "frab-xml: created 3, updated 0, unchanged 0, refused 0 (dry run)"
    assert Event.objects.count() == 0
    assert run(path) == [
        "note      Entries that name several languages: 1. The first one was kept.",
        "frab-xml: created 3, updated 0, unchanged 0, refused 0",
    ]
    assert run(path)[-1] == "frab-xml: created 0, updated 0, unchanged 3, refused 0"
    assert {event.status for event in Event.objects.all()} == {"draft"}


def test_publishing_is_asked_for(programme: Programme, tmp_path: Path) -> None:
    run(written(tmp_path, excerpt("38c3-excerpt.xml"), "plan.xml"), "--publish")

    assert Event.objects.public().count() == 3


def test_refused_lines_are_printed_and_exit_1(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, calendar(entry(), entry("RRULE:FREQ=DAILY", uid="u2"), entry(uid="u3")))

    with pytest.raises(SystemExit) as ended:
        call_command("import_schedule", path, "--programme", "biff")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "refused   line 9 (Title): RRULE: a rule needs an end: COUNT, such as COUNT=8, or UNTIL [rule_endless]",
        "icalendar: created 2, updated 0, unchanged 0, refused 1",
    ]


def test_holidays_close_the_venues_of_the_organization(programme: Programme, tmp_path: Path) -> None:
    factories.venue("Hall", of=programme.organization, slug="hall")
    factories.venue("Studio", of=programme.organization, slug="studio")
    path = written(tmp_path, excerpt("holidays-kr-excerpt.ics"))

    assert run(path, "--as", "closures", "--venue", "hall") == [
        "icalendar: created 4, updated 0, unchanged 0, refused 0"
    ]
    assert {closure.venue.slug for closure in Closure.objects.select_related("venue")} == {"hall"}
    assert run(path, "--as", "closures") == ["icalendar: created 0, updated 4, unchanged 0, refused 0"]
    assert (Closure.objects.count(), Event.objects.count()) == (8, 0)


def test_mistakes_are_said_in_a_sentence(programme: Programme, tmp_path: Path) -> None:
    path = written(tmp_path, b"hello", "plan.txt")
    kotlin = written(tmp_path, excerpt("kotlinconf-excerpt.json"), "plan.json")

    assert refusal(path).startswith("plan.txt: The format was not recognised; name one of: frab-xml, ")
    assert "--timezone" in refusal(kotlin)
    assert refusal(str(tmp_path / "none")).endswith("none: No such file or directory.")
    assert refusal(path, "--organization", "other") == (
        f"--organization: biff belongs to {programme.organization.slug}, not to other."
    )
    assert "has no venue" in refusal(written(tmp_path, excerpt("holidays-kr-excerpt.ics")), "--as", "closures")


def test_an_unknown_programme_is_named(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, calendar(entry()))) == "--programme: there is no programme biff."
