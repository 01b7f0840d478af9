"""A person's calendar links, one for each device: shown, added, changed and revoked.

For a page that only its owner opens (RULES 11): it passes the attendee whose mailed link was opened, and `show`, which
makes the whole page from `context`. The page of one registration has none of this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from events.errors import DomainError, NotFound
from events.models import Attendee, CalendarLink
from events.operations import subscribing
from pages import calendar_links, clock

Show = Callable[[dict[str, Any], int], HttpResponse]

ALARMS = (10, 30, 60, 120, 1440)  # minutes before the start
LANGUAGES = (("ko", "한국어"), ("en", "English"))
PROGRAMS = {
    "google": "Google Calendar",
    "outlook": "Outlook",
    "thunderbird": "Thunderbird",
    "evolution": "Evolution",
    "nextcloud": "Nextcloud",
    "icsx5": "ICSx⁵",
    "vdirsyncer": "vdirsyncer",
    "kde": "KOrganizer",
    "apple": gettext_lazy("Apple Calendar"),
    "browser": gettext_lazy("a browser"),
}


class LinkForm(forms.Form):
    """One link: for which device, what it shows, whether it rings, in which language."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Device"), max_length=subscribing.LONGEST_NAME,
        help_text=gettext_lazy("So that you know it again, for example: Phone"),
        error_messages={"required": gettext_lazy("Name the device.")},
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=gettext_lazy("Shows"),
        choices=[
            ("all", gettext_lazy("everything; what is not confirmed as tentative")),
            ("confirmed", gettext_lazy("confirmed registrations only")),
        ],
    )
    alarm_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Alarm"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("Google and Outlook ignore alarms of calendars that are subscribed to."),
    )  # fmt: skip
    language = forms.ChoiceField(label=pgettext_lazy("of a calendar", "Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, link: CalendarLink | None = None, **kwargs: Any) -> None:
        self.link = link
        before = {"scope": "all", "alarm_minutes": "", "language": get_language() or "ko"}
        if link is not None:
            names = ("name", "scope", "alarm_minutes", "language")
            before = {name: getattr(link, name) for name in names}
        super().__init__(*args, initial=before, prefix=f"link-{link.uid}" if link else None, **kwargs)
        self.fields["name"].is_needed = True  # type: ignore[attr-defined]  # read by parts/field.html
        lengths = sorted({*ALARMS, *([link.alarm_minutes] if link and link.alarm_minutes is not None else [])})
        said = [(length, _("%(length)s before") % {"length": clock.length(length)}) for length in lengths]
        self.fields["alarm_minutes"].choices = [("", pgettext("of an alarm", "none")), *said]  # type: ignore[attr-defined]

    def act(self, operation: Callable[..., object]) -> bool:
        """Whether it is done; if not, what is wrong stands beside its field."""
        if not self.is_valid():
            return False
        try:
            operation(self.cleaned_data)
        except NotFound:
            raise
        except DomainError as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
            return False
        return True


@dataclass(frozen=True, slots=True)
class Shown:
    """One link in words, with the ways to follow it and the form that changes it."""

    link: CalendarLink
    subscription: calendar_links.Subscription
    fetched: str
    form: LinkForm


def context(attendee: Attendee, *, at: str, zone: str = "Asia/Seoul", form: LinkForm | None = None) -> dict[str, Any]:
    """What parts/calendar_links.html reads; `at` is the address below which its forms are sent, with a slash.

    One statement, however many links there are. `form` is one that could not be carried out.
    """
    links = list(attendee.calendar_links.live().order_by("created_at", "pk"))
    return {
        "calendar_links": [_shown(link, zone, form) for link in links],
        "calendar_link_form": form if form is not None and form.link is None else LinkForm(),
        "calendar_links_at": at,
        "may_add_calendar_link": len(links) < subscribing.MOST_LINKS,
    }


def add(request: HttpRequest, attendee: Attendee, *, back: str, show: Show) -> HttpResponse:
    """The person has one link more."""
    form = LinkForm(request.POST)

    def operation(values: dict[str, Any]) -> None:
        subscribing.add_link(attendee=attendee, now=timezone.now(), **values)

    return _answered(form, operation, back, show)


def change(request: HttpRequest, attendee: Attendee, uid: UUID, *, back: str, show: Show) -> HttpResponse:
    """The link is as the form says; its address stays. Raises NotFound for what is not theirs."""
    form = LinkForm(request.POST, link=_own(attendee, uid))

    def operation(values: dict[str, Any]) -> None:
        subscribing.amend_link(attendee=attendee, uid=uid, fields=values, now=timezone.now())

    return _answered(form, operation, back, show)


def rotate(attendee: Attendee, uid: UUID, *, back: str) -> HttpResponse:
    """The link has a new address, which has to be subscribed to again. Raises NotFound."""
    subscribing.rotate(attendee=attendee, uid=uid, now=timezone.now())
    return HttpResponseRedirect(back, status=303)


def revoke(attendee: Attendee, uid: UUID, *, back: str) -> HttpResponse:
    """The link opens nothing any more. Raises NotFound."""
    subscribing.revoke(attendee=attendee, uid=uid, now=timezone.now())
    return HttpResponseRedirect(back, status=303)


def _own(attendee: Attendee, uid: UUID) -> CalendarLink:
    link = attendee.calendar_links.live().filter(uid=uid).first()
    if link is None:
        raise NotFound(_("There is no such calendar link."))
    return link


def _answered(form: LinkForm, operation: Callable[[dict[str, Any]], None], back: str, show: Show) -> HttpResponse:
    if form.act(operation):
        return HttpResponseRedirect(back, status=303)
    return show({"form": form}, 400)


def _shown(link: CalendarLink, zone: str, form: LinkForm | None) -> Shown:
    is_sent = form is not None and form.link is not None and form.link.pk == link.pk
    return Shown(
        link=link,
        subscription=calendar_links.subscription(subscribing.address_of(link)),
        fetched=_fetched(link, zone),
        form=form if is_sent and form is not None else LinkForm(link=link),
    )


def _fetched(link: CalendarLink, zone: str) -> str:
    if link.last_fetched_at is None:
        return _("Not fetched yet.")
    when = clock.moment(link.last_fetched_at, zone)
    program = PROGRAMS.get(link.last_fetched_by)
    if program is None:
        return _("Last fetched on %(when)s.") % {"when": when}
    return _("Last fetched on %(when)s by %(program)s.") % {"when": when, "program": program}
