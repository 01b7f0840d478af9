"""What is typed to sign in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "inputmode": "email", "autofocus": True}),
        error_messages={"required": _("Write your e-mail address."), "invalid": _("This is no e-mail address.")},
    )  # fmt: skip


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the mail"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Write the code from the mail.")},
    )  # fmt: skip

    def clean_code(self) -> str:
        """Digits alone: some write them in groups."""
        return "".join(letter for letter in self.cleaned_data["code"] if letter not in " -")
