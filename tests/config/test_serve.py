"""`make run` on the data of an earlier start."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from config.management.commands.serve import are_calendars_whole, tell_our_own_receiver
from events.models import ParticipantFragment, Webhook
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


@pytest.mark.django_db
def test_the_demo_tells_its_own_receiver_wherever_it_is_this_time(settings: LazySettings) -> None:
    factories.organization()
    found = []
    for pair in ("127.0.0.1:8000", "127.0.0.1:8000", "127.0.0.1:8080"):
        settings.WEBHOOK_EXTRA_TARGETS = [pair]
        tell_our_own_receiver()
        found.append(list(Webhook.objects.values_list("url", flat=True)))

    first, moved = (f"http://127.0.0.1:{port}/demo/webhooks/" for port in (8000, 8080))
    assert found == [[first], [first], [moved]]
