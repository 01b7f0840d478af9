"""What is kept about somebody, in their own hands: language, calendar links, all of it as a file, and its erasure."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.errors import DomainError, NotFound
from events.models import Attendee, Person, email_key
from events.operations import addressing, erasing
from events.reports import own_data
from pages import limits
from pages.public import my, my_calendars, my_door
from pages.public.my_door import own

MOST_EXPORTS = 5  # an hour


class ErasureForm(forms.Form):
    """The address once more, so that nobody erases themselves by a slip."""

    email = forms.CharField(
        label=gettext_lazy("Type your e-mail address to confirm"), max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Write your e-mail address.")},
    )  # fmt: skip

    def __init__(self, *args: Any, attendee: Attendee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attendee = attendee

    def clean_email(self) -> str:
        written: str = self.cleaned_data["email"]
        try:
            is_theirs = email_key(written) == self.attendee.email_key
        except ValueError:
            is_theirs = False
        if not is_theirs:
            raise forms.ValidationError(_("This is not the address that you are signed in with."))
        return written


@require_POST
@own
def language(request: HttpRequest, attendee: Attendee) -> HttpResponse:
    """Mails from now on, and this browser's pages."""
    chosen = request.POST.get("language", "")
    try:
        addressing.write_in(attendee=attendee, language=chosen)
    except DomainError as refusal:
        return HttpResponse(refusal.message, status=400, content_type="text/plain; charset=utf-8")
    with translation.override(chosen):
        response = HttpResponseRedirect(reverse("my"), status=303)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=settings.LANGUAGE_COOKIE_AGE, path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )  # fmt: skip
    return response


@require_safe
@own
def export(request: HttpRequest, attendee: Attendee) -> HttpResponse:
    """A file with all of it, some times an hour."""
    now = timezone.now()
    if not limits.within(what="own-data", who=str(attendee.pk), most=MOST_EXPORTS, seconds=3_600, now=now):
        message = _("You have taken your data away several times. Please try again in an hour.")
        return HttpResponse(message, status=429, content_type="text/plain; charset=utf-8")
    response = JsonResponse(
        own_data.of(attendee, now=now), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )  # fmt: skip
    response.headers["Content-Disposition"] = 'attachment; filename="callboard-my-data.json"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@own
def erase(request: HttpRequest, attendee: Attendee) -> HttpResponse:
    form = ErasureForm(request.POST if request.method == "POST" else None, attendee=attendee)
    if form.is_valid():
        done = erasing.erase(attendee=attendee, now=timezone.now())
        my_door.leave(request)
        return render(request, "pages/my_erased.html", {"done": done})
    context = {"form": form, "is_member": Person.objects.filter(email_key=attendee.email_key).exists()}
    return render(request, "pages/my_erase.html", context, status=422 if form.is_bound else 200)


@require_POST
@own
def add_link(request: HttpRequest, attendee: Attendee) -> HttpResponse:
    try:
        return my_calendars.add(request, attendee, back=_back(), show=_show(request, attendee))
    except NotFound as missing:  # erased a moment ago, in another tab
        raise Http404 from missing


@require_POST
@own
def change_link(request: HttpRequest, attendee: Attendee, uid: UUID, act: str) -> HttpResponse:
    """`act`: change, rotate or revoke."""
    try:
        if act == "change":
            return my_calendars.change(request, attendee, uid, back=_back(), show=_show(request, attendee))
        step = my_calendars.rotate if act == "rotate" else my_calendars.revoke
        return step(attendee, uid, back=_back())
    except NotFound as missing:
        raise Http404 from missing


def calendars(request: HttpRequest) -> HttpResponse:
    """Below this address the forms of calendar links are sent; they stand on the page of all registrations."""
    return HttpResponseRedirect(_back())


def _show(request: HttpRequest, attendee: Attendee) -> my_calendars.Show:
    def show(sent: dict[str, Any], status: int) -> HttpResponse:
        return my.overview(request, attendee, now=timezone.now(), calendars=sent, status=status)

    return show


def _back() -> str:
    return reverse("my") + "#my-calendars"
