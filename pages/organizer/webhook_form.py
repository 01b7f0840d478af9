"""The form of a webhook: where it goes, and what it hears of."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.hooks.addresses import LONGEST
from events.hooks.kinds import KINDS
from events.models import Programme, Webhook
from pages.organizer.submitting import DeskForm


class WebhookForm(DeskForm):
    """A new webhook, or what one has."""

    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=LONGEST,
        help_text=gettext_lazy("https, port 443. Messages are posted there as JSON."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name, for your own list"), required=False, max_length=100)
    programme = forms.ChoiceField(label=gettext_lazy("Events of"), required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What it hears of"), required=False, choices=KINDS.items(),
        help_text=gettext_lazy("None ticked: everything, later kinds too."), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, programmes: Sequence[tuple[Programme, str]], webhook: Webhook | None, data: Any = None) -> None:
        stored = {} if webhook is None else _stored(webhook)
        super().__init__(data, auto_id="webhook-%s", initial=stored)
        self.programmes = {programme.slug: programme for programme, _title in programmes}
        titles = [(programme.slug, title) for programme, title in programmes]
        self.fields["programme"].choices = [("", _("all programmes that concern the organization")), *titles]

    def values(self) -> dict[str, Any]:
        sent = dict(self.cleaned_data)
        return sent | {"programme": self.programmes.get(sent["programme"])}


def _stored(webhook: Webhook) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "name": webhook.name,
        "kinds": webhook.kinds,
        "programme": webhook.programme.slug if webhook.programme is not None else "",
    }
