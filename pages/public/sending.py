"""Sending a form that registers: how often, how many wrong codes, and what follows a refusal."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Event, email_key
from events.operations import clashing, guessing, inviting, registering, reminding, repeating
from pages import afterwards, limits
from pages.public.registration_form import OnceForm

MOST_WRONG_CODES, MOST_CLASHES = 20, 10  # an hour: from one network, about one address
# What an unproven caller hears no detail of: who has the address has a mail instead (RULES 11).
MAILED = (registering.AlreadyRegistered, clashing.Clash)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the `code` of what was made, or the `status` of the page that says why nothing was."""

    status: int
    code: str = ""
    refusal: DomainError | None = None


def send(
    request: HttpRequest, form: OnceForm, act: Callable[[], str], *, event: Event, emails: Iterable[str],
    is_valid: bool, refuse: Callable[[DomainError], None], now: datetime,
) -> Sent:  # fmt: skip
    """`act` registers those with these addresses and gives a code; or the form says what is wrong.

    What the domain refuses it says by `refuse`.
    """
    if not is_valid:
        if "key" in form.errors:
            form.with_fresh_key()
            form.add_error(None, _("Please press the button once more."))
        return Sent(422)
    if not limits.register(request, now=now):
        form.add_error(None, _("Too many registrations came from your network. Please try again in a minute."))
        return Sent(429)
    try:
        with _limited(request, event, form.cleaned_data["code"], emails, now):
            return Sent(303, code=act())
    except repeating.KeyReused:
        form.with_fresh_key()
        form.add_error(None, _("This form was sent before, with other words. Press again to send these too."))
        return Sent(409)
    except DomainError as refusal:
        if isinstance(refusal, MAILED):
            mailed = _("We mail the link of that registration to this address again.")
            refusal.message = f"{refusal.message} {mailed}"
        refuse(refusal)
        return Sent(refusal.status, refusal=refusal)


def with_links_mailed(response: HttpResponse, sent: Sent, *, event: Event, email: str, now: datetime) -> HttpResponse:
    """The response, and after it the mail that was promised, if one was. What it says is the same without one."""
    if not isinstance(sent.refusal, MAILED):
        return response
    return afterwards.then(response, lambda: reminding.mail_links(event=event, email=email, now=now))


@contextmanager
def _limited(request: HttpRequest, event: Event, code: str, emails: Iterable[str], now: datetime) -> Iterator[None]:
    """Wrong codes are counted for a network, clashes for the address that is asked about: together with the API's."""
    with ExitStack() as limits_in_force:
        if code:
            who = limits.address_block(request)
            limits_in_force.enter_context(
                guessing.limited(what="code", who=who, most=MOST_WRONG_CODES, now=now, wrong=inviting.CodeRequired)
            )
        if event.programme.clashes == "refuse":
            for key in sorted({email_key(email) for email in emails}):
                limits_in_force.enter_context(
                    guessing.limited(what="clash", who=key, most=MOST_CLASHES, now=now, wrong=clashing.Clash)
                )
        yield
