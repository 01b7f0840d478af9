"""`make run` on the data of an earlier start."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from config.management.commands.serve import are_calendars_whole
from events.models import ParticipantFragment
from tests import factories


@pytest.mark.django_db
def test_calendars_are_rendered_where_they_name_another_address_or_halves_are_missing(
    tmp_path: Path, settings: LazySettings
) -> None:
    factories.event()
    settings.DEMO_ADDRESS = tmp_path / "demo.address"
    first = are_calendars_whole()
    settings.DEMO_ADDRESS.write_text("http://127.0.0.1:8001")
    elsewhere = are_calendars_whole()
    settings.DEMO_ADDRESS.write_text(settings.CALLBOARD_URL)
    again = are_calendars_whole()

    ParticipantFragment.objects.all().delete()

    assert (first, elsewhere, again, are_calendars_whole()) == (True, False, True, False)
