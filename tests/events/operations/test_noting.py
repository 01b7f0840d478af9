"""The organizer's text in mails: which names may stand in it."""

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Event
from events.operations import noting, planning
from tests import factories
from tests.factories import NOW

VALUES = {"event": "LED", "place": "Busan"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ event }} in {{place}}.", "LED in Busan."),
        ("$event {event} {% event %} %(event)s", "$event {event} {% event %} %(event)s"),
        ("{{ begins }}", "{{ begins }}"),  # no value: it stands as it was written
        ("{{ event.programme }} {{", "{{ event.programme }} {{"),
    ],
)
def test_names_are_replaced_and_nothing_is_evaluated(text: str, shown: str) -> None:
    assert noting.filled(text, VALUES) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["{{ name }}", "{{ event.slug }}", "{{event|safe}}", "{{", "{{ settings }}", "x" * 2001]
)
def test_what_is_unknown_is_refused_when_it_is_saved(text: str) -> None:
    event = factories.event()

    with pytest.raises(Invalid) as refused:
        planning.amend_event(event=event, fields={"mail_note_en": text}, actor=SYSTEM, now=NOW)

    assert refused.value.field == "mail_note_en"
    assert Event.objects.get(pk=event.pk).mail_note_en == ""
