"""A group: somebody registers several people at once, and sees on one page how each of them stands."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.errors import DomainError
from events.models import LIVE, Event, Registration, Session
from events.operations import waitlisting
from events.operations.registering import Applicant
from pages import availability, clock
from pages.public import returning, sending
from pages.public.event import condition, readable
from pages.public.registration import private
from pages.public.registration_form import NamedForm, OnceForm, PersonForm, fresh_key, register_group_once

FIRST_ROWS = 2
ABOUT = re.compile(r"people/(\d+)(?:/(.+))?")  # how the domain names whose field it is


class BookerForm(OnceForm, NamedForm):
    """Who books: need not be among the people."""

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, initial={"key": fresh_key()}, auto_id="booker-%s")
        self.fields["code"].is_needed = event.needs_code  # type: ignore[attr-defined]

    def applicant(self) -> Applicant:
        asked = self.cleaned_data
        return Applicant(
            name=asked["name"], email=asked["email"], language=get_language() or "ko", code=asked["code"]
        )  # fmt: skip


class PeopleForms(forms.BaseFormSet):  # type: ignore[type-arg]
    """A row for each person. Rows that were left empty are nobody."""

    def filled(self) -> list[PersonForm]:
        return [form for form in self.forms if form.has_changed()]

    def clean(self) -> None:
        if not self.filled():
            raise forms.ValidationError(_("Write at least one person."))

    def refuse(self, refusal: DomainError) -> bool:
        """Whether the refusal is about one of the people; it then stands beside their field."""
        about = ABOUT.fullmatch(refusal.field)
        if about is None:
            return False
        form = self.filled()[int(about[1])]
        form.add_error(about[2] if about[2] in form.fields else None, refusal.message)
        return True


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def group_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for several people. Without JavaScript a button asks for one row more."""
    event = readable().filter(slug=slug).first()
    if event is None or event.most_in_group < 2:
        raise Http404
    now = timezone.now()
    if request.method != "POST":
        return _page(request, event, BookerForm(event), people_forms(event, rows=FIRST_ROWS), now)
    if "more" in request.POST:
        return _with_more_rows(request, event, now)
    return _book(request, event, now)


def people_forms(event: Event, *, rows: int = 0, data: Any = None) -> PeopleForms:
    most = event.most_in_group
    kind = forms.formset_factory(
        PersonForm, formset=PeopleForms, extra=min(rows, most), max_num=most, absolute_max=most, validate_max=True
    )
    made: PeopleForms = kind(data, prefix="people", auto_id="%s", form_kwargs={"event": event})
    return made


def _with_more_rows(request: HttpRequest, event: Event, now: datetime) -> HttpResponse:
    """What was typed so far, and one row more; nothing is judged yet."""
    data = request.POST.copy()
    number = data.get("people-TOTAL_FORMS", "")
    rows = min(int(number) if re.fullmatch(r"\d{1,3}", number, re.ASCII) else FIRST_ROWS, event.most_in_group - 1) + 1
    typed = {name: data.get(name, "") for name in data}
    booker = BookerForm(event)
    booker.initial |= {name: typed[name] for name in booker.fields if name in typed}
    people = people_forms(event, rows=rows)
    for form in people.forms:
        form.initial |= {name: typed[form.add_prefix(name)] for name in form.fields if form.add_prefix(name) in typed}
    people.forms[-1].fields["name"].widget.attrs["autofocus"] = True
    return _page(request, event, booker, people, now)


def _book(request: HttpRequest, event: Event, now: datetime) -> HttpResponse:
    booker, people = BookerForm(event, request.POST), people_forms(event, data=request.POST)

    def act() -> str:
        named = [form.applicant() for form in people.filled()]
        return register_group_once(
            booker, booker=booker.applicant(), people=named, event=event, path=request.path, now=now
        )  # fmt: skip

    def refuse(refusal: DomainError) -> None:
        if not people.refuse(refusal):
            booker.add_error(refusal.field if refusal.field in booker.fields else None, refusal.message)

    is_valid = all([booker.is_valid(), people.is_valid()])
    emails = [form.cleaned_data.get("email", "") for form in people.filled()]  # before a refusal takes one out
    sent = sending.send(
        request, booker, act, event=event, emails=emails, is_valid=is_valid, refuse=refuse, now=now
    )  # fmt: skip
    if sent.code:
        back = returning.query(returning.back(request, event.programme))
        return HttpResponseRedirect(reverse("group-registration", args=[sent.code]) + back, status=303)
    response = _page(request, readable().get(pk=event.pk), booker, people, now, status=sent.status)
    return sending.with_links_mailed(response, sent, event=event, email=_meant(emails, sent), now=now)


def _meant(emails: list[str], sent: sending.Sent) -> str:
    """The address that a refusal is about."""
    about = ABOUT.fullmatch(sent.refusal.field) if sent.refusal else None
    return emails[int(about[1])] if about else ""


def _page(
    request: HttpRequest, event: Event, booker: BookerForm, people: PeopleForms, now: datetime, status: int = 200
) -> HttpResponse:
    stands = availability.of([event], now=now)[event.pk]
    _lead_to_first_error(booker, people)
    context = {
        "event": event,
        "availability": stands,
        "condition": condition(event),
        "back": returning.back(request, event.programme),
        "is_open": booker.is_bound or not stands.reason,
        "booker": booker,
        "people": people,
        "can_grow": len(people.forms) < event.most_in_group,
        "offer_length": clock.length(event.offer_minutes),
        "proof_length": clock.length(event.proof_minutes),
    }
    return render(request, "pages/group.html", context, status=status)


def _lead_to_first_error(booker: BookerForm, people: PeopleForms) -> None:
    """As for one person: the browser goes there by itself."""
    forms_in_order = [booker, *people.forms] if booker.is_bound else []
    wrong = next(
        (form.fields[name] for form in forms_in_order for name in form.fields if name in form.errors), None
    )  # fmt: skip
    if wrong and not booker.non_field_errors():
        wrong.widget.attrs["autofocus"] = True


@require_safe
@private
def group_page(request: HttpRequest, code: str) -> HttpResponse:
    """How everybody of a group stands, for whoever holds the booker's code."""
    sessions = Session.objects.readable().select_related("room__venue").order_by("starts_at", "pk")
    members = list(
        Registration.objects.filter(group__code=code.upper())
        .select_related("event__programme", "group")
        .prefetch_related(Prefetch("event__sessions", sessions))
        .order_by("pk")
    )
    if not members:
        raise Http404
    waiting = next((row for row in members if row.status == "waitlisted"), None)
    places = waitlisting.positions(waiting.event) if waiting else {}
    # A group of a series comes to one run together, perhaps not the one that was asked for.
    event = next((row for row in members if row.status in LIVE), members[0]).event
    context = {
        "group": members[0].group,
        "event": event,
        "members": [(row, places.get(row.pk)) for row in members],
        "sessions": [(session, clock.times(session)) for session in event.sessions.all()],
        "address": request.path,
        "back": returning.back(request, event.programme),
    }
    response = render(request, "pages/group_registration.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
