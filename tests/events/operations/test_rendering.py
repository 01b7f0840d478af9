"""Rendering everything anew: what differs is made right, what does not is left alone, each batch at its own time."""

import pytest

from events import calendars, outbox
from events.agendas import stored_halves
from events.models import Fragment, ParticipantFragment, Session
from events.operations import rendering
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db

LATER = NOW + HOUR


def test_rendering_all_again_finds_nothing_to_do_unless_the_address_changed(settings: object) -> None:
    event = factories.event(sessions=2)
    assert rendering.render_all(clock=lambda: LATER) == 0

    settings.CALLBOARD_URL = "https://elsewhere.test"  # type: ignore[attr-defined]
    assert rendering.render_all(clock=lambda: LATER) == 2

    assert set(event.sessions.values_list("sequence", flat=True)) == {1}
    assert set(Fragment.objects.values_list("base_url", flat=True)) == {"https://elsewhere.test"}


@pytest.mark.parametrize("of_before", [{"seated": "BEGIN:VEVENT", "sequence": 7}, None], ids=["other", "none"])
def test_rendering_all_renews_the_halves_of_an_older_callboard_without_any_news(of_before: dict[str, object]) -> None:
    event = factories.event(sessions=2)
    first, _second = event.sessions.order_by("pk")
    rows = ParticipantFragment.objects.order_by("session", "language")
    wanted = list(rows.values("session", "language", "sequence", "seated", "unseated"))
    old = rows.filter(session=first)
    _done = old.update(**of_before) if of_before else old.delete()
    version, before = outbox.current_version(), list(Session.objects.order_by("pk").values())
    assert stored_halves.are_missing() is (of_before is None)

    assert [rendering.render_all(clock=lambda: LATER) for _twice in range(2)] == [1, 0]

    assert list(rows.values("session", "language", "sequence", "seated", "unseated")) == wanted
    assert outbox.current_version() == version + 1
    assert list(Session.objects.order_by("pk").values()) == before
    assert stored_halves.are_missing() is False


def test_rendering_all_gives_each_batch_the_time_of_its_own_transaction(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = factories.event(sessions=2)
    settings.CALLBOARD_URL = "https://elsewhere.test"  # type: ignore[attr-defined]
    monkeypatch.setattr(calendars, "RENDER_BATCH", 1)
    times = [LATER, LATER + HOUR]

    rendering.render_all(clock=iter(times).__next__)

    assert list(event.sessions.order_by("pk").values_list("updated_at", flat=True)) == times
