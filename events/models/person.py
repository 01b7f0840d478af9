"""People who sign in, and how an e-mail address is compared."""

import unicodedata
from types import MappingProxyType
from typing import Any, ClassVar, cast

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.actor import Actor, Role
from events.models.wording import LANGUAGES

LONGEST_KEY = 254


def email_key(address: str) -> str:
    """The form in which two addresses are the same one: NFC, casefolded, domain in IDNA; no provider tricks (RULES 5).

    Raises ValueError where the domain cannot be a domain, or the form is too long to be stored.
    """
    local, _at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not local or not domain:
        raise ValueError("an address needs a name, an @ and a domain")
    ascii_domain = domain.encode("idna").decode("ascii")
    key = f"{unicodedata.normalize('NFC', local.casefold())}@{ascii_domain.casefold()}"
    if len(key) > LONGEST_KEY:
        raise ValueError("this address is too long")
    return key


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email_key=email_key(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """A person exists; without a password they sign in by mailed code only."""
        person = Person(email=email, email_key=email_key(email), **fields)
        if password:
            person.set_password(password)
        else:
            person.set_unusable_password()
        person.save()
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: a member of an organization, or an operator."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    email_key = models.CharField(max_length=LONGEST_KEY, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(max_length=2, choices=[(code, code) for code in LANGUAGES], default="ko")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email_key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.email

    def as_actor(self) -> Actor:
        """The person as one who acts, with the role held in each organization: one query."""
        roles = {membership.organization_id: cast(Role, membership.role) for membership in self.memberships.all()}
        return Actor(kind="person", person_id=self.pk, roles=MappingProxyType(roles), is_operator=self.is_superuser)
