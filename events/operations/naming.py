"""Give things their addresses: slugs, fixed at first publication, with the old one kept as an alias (RULES 6)."""

import secrets
import string
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Alias
from events.operations.committing import is_rerun


class SlugTaken(DomainError):
    """Another thing has, or had, that address."""

    code = "slug_taken"


def free_slug(*, model: type[Model], title_en: str, kind: str) -> str:
    """A slug nobody has: from the English title, else the kind and six random letters.

    A title that others have gets a number; one that others take at this very moment gets letters.
    """
    wanted = slugify(title_en)[:70].strip("-")
    taken = set(_taken(model, wanted)) if wanted else set()
    if wanted and wanted not in taken:
        return wanted
    numbers = range(2, 100) if wanted and not is_rerun() else ()
    numbered = (f"{wanted}-{number}" for number in numbers)
    for candidate in numbered:
        if candidate not in taken:
            return candidate
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(6))
    return f"{wanted or kind}-{letters}"


def check_slug(*, model: type[Model], slug: str, kind: str, but: UUID | None = None) -> str:
    """The slug, if it is free; SlugTaken otherwise, aliases included."""
    others: Any = model._default_manager.filter(slug=slug)
    aliases = Alias.objects.filter(kind=kind, slug=slug)
    if but is not None:
        others, aliases = others.exclude(uid=but), aliases.exclude(target=but)
    if others.exists() or aliases.exists():
        raise SlugTaken(_("The address %(slug)s is taken.") % {"slug": slug}, field="slug")
    return slug


def keep_alias(*, kind: str, slug: str, target: UUID) -> None:
    """The old address goes on leading to the thing."""
    Alias.objects.get_or_create(kind=kind, slug=slug, defaults={"target": target})


def drop_alias(*, kind: str, slug: str, target: UUID) -> None:
    """A thing that took its old address back has it as its own again."""
    Alias.objects.filter(kind=kind, slug=slug, target=target).delete()


def _taken(model: type[Model], wanted: str) -> set[str]:
    kind = model._meta.model_name or ""
    slugs = model._default_manager.filter(slug__startswith=wanted).values_list("slug", flat=True)
    return set(slugs) | set(Alias.objects.filter(kind=kind, slug__startswith=wanted).values_list("slug", flat=True))
