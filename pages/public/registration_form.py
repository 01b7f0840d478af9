"""The form with which somebody registers: its fields, what can be wrong with them, and sending it exactly once."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from events.errors import DomainError
from events.models import ANONYMOUS, Event, email_key, worded
from events.operations import grouping, registering, repeating
from pages import clock
from pages.public import answers

LONGEST_CODE = 100  # longer than any code: people write spaces and hyphens into them


def fresh_key() -> str:
    """The one-time key of one shown form: sent twice, it registers once."""
    return secrets.token_urlsafe(24)


class NamedForm(forms.Form):
    """Somebody's name and address."""

    name = forms.CharField(
        label=_("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Write your e-mail address."), "invalid": _("This is no e-mail address.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "email", "audience"):
            if name in self.fields:
                self.fields[name].is_needed = True  # type: ignore[attr-defined]  # read by parts/field.html

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


class PersonForm(NamedForm):
    """One person: also for whom the event is, and what it asks. Their language is that of the page."""

    audience = forms.TypedChoiceField(label=_("I am"), error_messages={"required": _("Say what you are.")})

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(event.questions.all())
        self.fields |= answers.fields(self.questions)
        self.order_fields(["name", "email", "audience", *map(answers.name_of, (q.key for q in self.questions))])
        audiences = {audience.slug: audience for audience in event.audiences.all()}
        if not audiences:
            del self.fields["audience"]
            return
        language = get_language() or "ko"
        titles = [(slug, worded(audience, "title", language)) for slug, audience in audiences.items()]
        self.fields["audience"].choices = [("", _("Please choose")), *titles]
        self.fields["audience"].coerce = audiences.get

    def clean(self) -> dict[str, Any]:
        self.answers = answers.given(self.questions, self.cleaned_data)
        for name, message in answers.wrong(self.questions, self.answers).items():
            if name not in self.errors:
                self.add_error(name, message)
        return self.cleaned_data

    def applicant(self, **more: Any) -> registering.Applicant:
        return registering.Applicant(
            name=self.cleaned_data["name"],
            email=self.cleaned_data["email"],
            language=get_language() or "ko",
            audience=self.cleaned_data.get("audience"),
            answers=self.answers,
            **more,
        )

    def refuse(self, refusal: DomainError) -> None:
        """What the domain refuses stands beside the field that it names, else above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)

    def lead_to_first_error(self) -> None:
        """The browser goes to the first wrong field by itself, without JavaScript; a notice above goes first."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True


class OnceForm(forms.Form):
    """A form that carries its one-time key, and an invitation code if somebody has one."""

    code = forms.CharField(
        label=_("Invitation code"), max_length=LONGEST_CODE, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    key = forms.CharField(min_length=repeating.SHORTEST, max_length=255, widget=forms.HiddenInput)

    def with_fresh_key(self) -> None:
        """The same words, ready to be sent as a new request."""
        self.data = self.data.copy()
        self.data["key"] = fresh_key()


class RegistrationForm(OnceForm, PersonForm):
    """One person registers for one event, or for the waitlist of its runs."""

    accepts = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these dates can no longer be chosen.")},
    )  # fmt: skip
    # Whether the runs were shown: a form without them, sent when the last seat had gone, chose none of them.
    chose_runs = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, event: Event, data: Any = None, *, runs: Sequence[Event] = ()) -> None:
        self.event = event
        self.runs = {run.slug: run for run in runs}
        later = [slug for slug, run in self.runs.items() if run.first_starts_at >= event.first_starts_at]
        super().__init__(
            data, initial={"key": fresh_key(), "accepts": later}, auto_id="register-%s", event=event
        )  # fmt: skip
        self.later = set(later)
        self.fields["code"].is_needed = event.needs_code  # type: ignore[attr-defined]
        if not self.runs:
            del self.fields["accepts"], self.fields["chose_runs"]
            return
        self.fields["accepts"].choices = [
            (slug, clock.moment(run.first_starts_at, run.programme.timezone)) for slug, run in self.runs.items()
        ]

    def of_person(self) -> list[Any]:
        """The fields that say who somebody is, to show in one go."""
        return [field for field in self.visible_fields() if field.name not in ("code", "accepts")]

    def accepted(self) -> Sequence[Event]:
        """Which runs they take besides the chosen one, as the domain takes it: nothing is any later one."""
        if not self.cleaned_data.get("chose_runs"):
            return ()
        chosen = self.cleaned_data["accepts"]
        if set(chosen) == self.later:
            return ()
        return [self.runs[slug] for slug in chosen] or [self.event]


def register_once(form: RegistrationForm, *, event: Event, path: str, now: datetime) -> str:
    """The code of the registration that this form makes, or made when it was sent before. Raises what refuses."""
    applicant = form.applicant(code=form.cleaned_data["code"], accepts=form.accepted())

    def act() -> str:
        return registering.register(event=event, applicant=applicant, actor=ANONYMOUS, now=now).code

    return once(form, act, words=[_words(applicant)], path=path, now=now)


def register_group_once(
    form: OnceForm, *, booker: registering.Applicant, people: Sequence[registering.Applicant], event: Event, path: str,
    now: datetime,
) -> str:  # fmt: skip
    """The code of the group that this form makes, or made when it was sent before. Raises what refuses."""

    def act() -> str:
        booked = grouping.register(event=event, booker=booker, people=people, actor=ANONYMOUS, now=now)
        return booked.group.code

    return once(form, act, words=[_words(one) for one in (booker, *people)], path=path, now=now)


def once(form: OnceForm, act: Callable[[], str], *, words: list[Any], path: str, now: datetime) -> str:
    """What `act` gives, or gave when this form was sent with the same words before. KeyReused for other words."""
    claim = repeating.claim(
        actor=ANONYMOUS, method="POST", path=path, key=form.cleaned_data["key"], body=json.dumps(words).encode()
    )

    def run() -> repeating.Outcome:
        return repeating.Outcome(201, {"code": act()})

    return str(repeating.once(claim=claim, act=run, now=now).body["code"])


def _words(applicant: registering.Applicant) -> list[Any]:
    """All that decides what a registration becomes."""
    audience = applicant.audience.slug if applicant.audience else None
    runs = sorted(run.slug for run in applicant.accepts)
    return [applicant.name, applicant.email, audience, dict(applicant.answers), applicant.code, runs]
