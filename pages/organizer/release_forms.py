"""Forms of draft releases: what one is called and says, and what a session is to become in it."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events.models import Release, Session
from events.operations import releasing, revising, scheduling
from events.operations.scheduling import Block
from pages.organizer.replan_forms import NotesForm, room_label
from pages.organizer.submitting import DeskForm, MomentField, RevisedForm
from venues.models import Room, Venue

WHEN = gettext_lazy("Write a day and a time.")


class BeginForm(DeskForm):
    """A new draft."""

    title = forms.CharField(
        label=gettext_lazy("What it is for, for yourselves"), max_length=200,
        error_messages={"required": gettext_lazy("Give it a name.")},
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="begin-%s")


class WordsForm(NotesForm):
    """Its name, and what the public changelog says."""

    title = forms.CharField(
        label=gettext_lazy("What it is for, for yourselves"), max_length=200, required=False
    )  # fmt: skip
    field_order = ("title", "note_ko", "note_en")

    def __init__(self, release: Release, data: Any = None) -> None:
        initial = {name: getattr(release, name) for name in ("title", "note_ko", "note_en")}
        super().__init__(data, auto_id="words-%s", initial=initial)


class SessionForm(RevisedForm):
    """When and where a session is to be. Whole days keep their days here: those are moved by a re-plan.

    Only what was changed here is put into the draft: the form carries what it showed, and others edit there too.
    """

    starts_at = MomentField(
        label=gettext_lazy("Starts"), error_messages={"required": WHEN}, show_hidden_initial=True
    )  # fmt: skip
    ends_at = MomentField(label=gettext_lazy("Ends"), error_messages={"required": WHEN}, show_hidden_initial=True)
    room = forms.ChoiceField(label=gettext_lazy("Room"), required=False, show_hidden_initial=True)
    online = forms.BooleanField(label=gettext_lazy("Online"), required=False, show_hidden_initial=True)

    def __init__(self, release: Release, session: Session, data: Any = None) -> None:
        drafted = releasing.drafted(release=release, session=session)
        initial = {
            "starts_at": drafted.starts_at,
            "ends_at": drafted.ends_at,
            "room": drafted.room.slug if drafted.room else "",
            "online": drafted.online,
        }
        super().__init__(
            data, revision=session.revision, auto_id="session-%s", zone=drafted.timezone, initial=initial
        )  # fmt: skip
        self.drafted = drafted
        self.is_outdated = releasing.is_outdated(release=release, session=session)
        if drafted.all_day:
            del self.fields["starts_at"], self.fields["ends_at"]
        usable = Room.objects.filter(venue__in=Venue.objects.usable_by(release.programme.organization.uid))
        rooms = usable.select_related("venue").order_by("venue__title_ko", "venue__title_en", "venue", "position", "pk")
        self.rooms = {one.slug: one for one in rooms}
        language = get_language() or "ko"
        choices = [(slug, room_label(one, language)) for slug, one in self.rooms.items()]
        self.fields["room"].choices = [("", _("no room")), *choices]

    def moment(self) -> Block | None:
        """The block of time, where it is another one than before; to the minute, as the form shows it."""
        if self.drafted.all_day or not {"starts_at", "ends_at"}.intersection(self.changed_data):
            return None
        said = self.cleaned_data
        return scheduling.block(starts=said["starts_at"], ends=said["ends_at"], timezone=self.drafted.timezone)

    def columns(self) -> dict[str, Any]:
        """What else was changed here; where the session was changed since it was edited, all that the form shows.

        Whoever sends it has seen both, so it is no conflict any longer.
        """
        shown = {name: getattr(self.drafted, name) for name in revising.PLACE_AND_TIME} if self.is_outdated else {}
        said = {"room": self.rooms.get(self.cleaned_data["room"]), "online": self.cleaned_data["online"]}
        return shown | {name: value for name, value in said.items() if name in self.changed_data}
