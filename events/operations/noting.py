"""The organizer's own text in the mails of an event: plain words, and a few names of ours in them.

The names are a fixed list, replaced and never evaluated; an unknown one is refused when the text is saved, so that no
mail fails for it (SAFETY 4.2).
"""

from collections.abc import Mapping
from string import Template
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from events.errors import Invalid

NAMES = ("event", "programme", "organization", "begins", "place")
FIELDS = ("mail_note_ko", "mail_note_en")
LONGEST = 2_000


class Note(Template):
    """`{{ event }}` stands for the event's title, and so on; nothing else in the text means anything."""

    pattern: ClassVar[str] = r"\{\{(?:\s*(?P<named>[a-z_]+)\s*\}\}|(?P<braced>(?!))|(?P<escaped>(?!))|(?P<invalid>))"  # type: ignore[assignment]


def check(fields: Mapping[str, Any]) -> None:
    """Raises Invalid naming the field, for a text that is too long or names what we do not know."""
    for field in FIELDS:
        text = fields.get(field, "")
        if len(text) > LONGEST:
            raise Invalid(_("At most %(most)d characters.") % {"most": LONGEST}, field=field)
        note = Note(text)
        unknown = sorted(set(note.get_identifiers()) - set(NAMES))
        if unknown or not note.is_valid():
            raise Invalid(
                _("%(name)s is no name that can stand here. These can: %(names)s.")
                % {
                    "name": "{{ %s }}" % (unknown[0] if unknown else "…"),
                    "names": ", ".join("{{ %s }}" % name for name in NAMES),  # noqa: UP031
                },
                field=field,
            )


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with these values in it. What cannot be replaced stands as it was written."""
    return Note(text).safe_substitute(values)
