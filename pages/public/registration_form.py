"""The form with which somebody registers: its fields, what can be wrong with them, and sending it exactly once."""

import json
import secrets
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from events.models import ANONYMOUS, Event, email_key, worded
from events.operations import registering, repeating


def fresh_key() -> str:
    """The one-time key of one shown form: sent twice, it registers once."""
    return secrets.token_urlsafe(24)


class RegistrationForm(forms.Form):
    """Name, address, and for whom the event is. Its language is that of the page."""

    name = forms.CharField(
        label=_("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Write your e-mail address."), "invalid": _("This is no e-mail address.")},
    )  # fmt: skip
    audience = forms.TypedChoiceField(label=_("I am"), error_messages={"required": _("Say what you are.")})
    key = forms.CharField(min_length=repeating.SHORTEST, max_length=255, widget=forms.HiddenInput)

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, initial={"key": fresh_key()}, auto_id="register-%s")
        audiences = {audience.slug: audience for audience in event.audiences.all()}
        if not audiences:
            del self.fields["audience"]
            return
        language = get_language() or "ko"
        titles = [(slug, worded(audience, "title", language)) for slug, audience in audiences.items()]
        self.fields["audience"].choices = [("", _("Please choose")), *titles]
        self.fields["audience"].coerce = audiences.get

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not registering.is_a_name(name):
            raise ValidationError(_("Write a name only, without addresses or line breaks."))
        return name

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        try:
            email_key(email)
        except ValueError as error:
            raise ValidationError(_("This is no e-mail address.")) from error
        return email

    def applicant(self) -> registering.Applicant:
        return registering.Applicant(
            name=self.cleaned_data["name"],
            email=self.cleaned_data["email"],
            language=get_language() or "ko",
            audience=self.cleaned_data.get("audience"),
        )

    def lead_to_first_error(self) -> None:
        """The browser goes to the first wrong field by itself, without JavaScript; a notice above goes first."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True

    def with_fresh_key(self) -> None:
        """The same words, ready to be sent as a new request."""
        self.data = self.data.copy()
        self.data["key"] = fresh_key()


def register_once(form: RegistrationForm, *, event: Event, path: str, now: datetime) -> str:
    """The code of the registration that this form makes, or made when it was sent before. Raises what refuses."""
    applicant = form.applicant()
    body = json.dumps([applicant.name, applicant.email, applicant.audience and applicant.audience.slug])
    claim = repeating.claim(actor=ANONYMOUS, method="POST", path=path, key=form.cleaned_data["key"], body=body.encode())

    def act() -> repeating.Outcome:
        registration = registering.register(event=event, applicant=applicant, actor=ANONYMOUS, now=now)
        return repeating.Outcome(201, {"code": registration.code})

    return str(repeating.once(claim=claim, act=act, now=now).body["code"])
