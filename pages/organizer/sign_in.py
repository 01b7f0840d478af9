"""Members sign in by a mailed code, or by a link of which only the button counts (RULES 14). No passwords."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.errors import DomainError
from events.models import Person
from events.operations import signing_in
from pages import limits
from pages.sign_in_forms import AddressForm, CodeForm

ASKED = "sign_in"  # in the session: whose code is awaited, and where to go then
BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_page(request: HttpRequest) -> HttpResponse:
    """Ask for the address; whether we know it shows in no answer."""
    onward = _local(request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(onward)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "pages/sign_in.html", {"form": form}, status=422 if form.is_bound else 200)
    now = timezone.now()
    if not limits.sign_in(request, now=now):
        form.add_error(None, _("Too many codes were asked for from your network. Please try again in an hour."))
        return render(request, "pages/sign_in.html", {"form": form}, status=429)
    email = form.cleaned_data["email"]
    request.session[ASKED] = {"email": email, "next": onward}
    signing_in.ask(door="organize", email=email, now=now)
    return redirect(_code_path())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    asked = request.session.get(ASKED)
    if asked is None:
        return redirect("sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            person = signing_in.member_by_code(email=asked["email"], code=form.cleaned_data["code"], now=timezone.now())
        except DomainError as refusal:
            form.add_error("code", refusal.message)
            status = refusal.status
        else:
            return _signed_in(request, person, asked["next"])
    return render(request, "pages/sign_in_code.html", {"form": form, "email": asked["email"]}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link_page(request: HttpRequest, link: str) -> HttpResponse:
    """Opening the link does nothing: programs that look at mails follow every one. The button signs in."""
    problem = ""
    if request.method == "POST":
        try:
            person = signing_in.member_by_link(link=link, now=timezone.now())
        except DomainError as refusal:
            problem = refusal.message
        else:
            return _signed_in(request, person, "/organize/")
    return render(request, "pages/sign_in_link.html", {"problem": problem}, status=403 if problem else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _signed_in(request: HttpRequest, person: Person, onward: str) -> HttpResponse:
    login(request, person, backend=BACKEND)
    request.session.pop(ASKED, None)
    return redirect(onward)


def _local(path: str) -> str:
    """A path of our own, else the start page."""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/organize/"


def _code_path() -> str:
    return "/organize/sign-in/code/"
