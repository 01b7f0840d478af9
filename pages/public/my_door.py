"""Attendees sign in by a mailed code, or by a link of which only the button counts (RULES 14). No passwords.

Who is signed in here is no user of Django's: a browser can be signed in as a member and as an attendee, or as either.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.errors import DomainError
from events.models import Attendee, email_key
from events.operations import signing_in
from events.operations.signing_in import BROWSER
from pages import limits
from pages.public.registration import private
from pages.sign_in_forms import AddressForm, CodeForm

View = Callable[..., HttpResponse]


def current(request: HttpRequest, *, now: datetime) -> Attendee | None:
    """As whom this browser is signed in."""
    return signing_in.signed_in(kept=request.session.get(BROWSER, {}), now=now)


def own(view: View) -> View:
    """A page of whoever is signed in, who is its second argument; everybody else is led to the door."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        attendee = current(request, now=timezone.now())
        if attendee is None:
            return HttpResponseRedirect(reverse("my"), status=303)
        return view(request, attendee, *args, **kwargs)

    return private(answer)


def door_page(request: HttpRequest, form: AddressForm | None = None, *, status: int = 200) -> HttpResponse:
    """Where the address is asked for; whether we know it shows in no answer."""
    return render(request, "pages/my_sign_in.html", {"form": form or AddressForm()}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def ask(request: HttpRequest) -> HttpResponse:
    """Where the form with the address is sent."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("my"))
    form, now = AddressForm(request.POST), timezone.now()
    if not form.is_valid():
        return door_page(request, form, status=422)
    if not limits.sign_in(request, now=now):
        form.add_error(None, _("Too many codes were asked for from your network. Please try again in an hour."))
        return door_page(request, form, status=429)
    email = form.cleaned_data["email"]
    request.session[BROWSER] = {"email": email, "key": _key(email)}
    signing_in.ask(door="my", email=email, now=now)
    return HttpResponseRedirect(reverse("my-code"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def code_page(request: HttpRequest) -> HttpResponse:
    email = request.session.get(BROWSER, {}).get("email")
    if email is None:
        return HttpResponseRedirect(reverse("my"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        now = timezone.now()
        try:
            attendee = signing_in.attendee_by_code(email=email, code=form.cleaned_data["code"], now=now)
        except DomainError as refusal:
            form.add_error("code", refusal.message)
            status = refusal.status
        else:
            return _let_in(request, attendee, now)
    return render(request, "pages/my_code.html", {"form": form, "email": email}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def link_page(request: HttpRequest, link: str) -> HttpResponse:
    """Opening the link does nothing: programs that look at mails follow every one. The button signs in."""
    problem = ""
    if request.method == "POST":
        now = timezone.now()
        try:
            attendee = signing_in.attendee_by_link(link=link, now=now)
        except DomainError as refusal:
            problem = refusal.message
        else:
            return _let_in(request, attendee, now)
    return render(request, "pages/my_link.html", {"problem": problem}, status=403 if problem else 200)


@require_POST
@private
def sign_out(request: HttpRequest) -> HttpResponse:
    """This browser forgets who it was; as a member it stays signed in, if it was."""
    leave(request)
    return HttpResponseRedirect(reverse("my"), status=303)


def leave(request: HttpRequest) -> None:
    request.session.pop(BROWSER, None)
    if request.session.is_empty() or not request.session.keys():
        request.session.flush()
    else:
        request.session.cycle_key()


def _let_in(request: HttpRequest, attendee: Attendee, now: datetime) -> HttpResponse:
    """Under a new session key, so that nobody who knew the old one is let in with them."""
    request.session.cycle_key()
    request.session[BROWSER] = {"id": attendee.pk, "since": now.isoformat()}
    return HttpResponseRedirect(reverse("my"), status=303)


def _key(email: str) -> str:
    try:
        return email_key(email)
    except ValueError:
        return ""
