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


def take_slug(*, model: type[Model], values: dict[str, Any], title: str = "title", prefix: str = "") -> str:
    """The slug of a new thing, taken out of its `values`: the one asked for if it is free, else one nobody has.

    That one comes from the English title, else from the prefix (usually the kind of thing) and six random letters. A
    title that others have gets a number; one that others take at this very moment gets letters.
    """
    if asked := str(values.pop("slug", "")):
        _refuse_if_taken(model, asked)
        return asked
    wanted: str = slugify(values.get(f"{title}_en", ""))[:70].strip("-")
    taken = _taken(model, wanted) if wanted else set()
    if wanted and wanted not in taken:
        return wanted
    numbers = range(2, 100) if wanted and not is_rerun() else ()
    numbered = (f"{wanted}-{number}" for number in numbers)
    for candidate in numbered:
        if candidate not in taken:
            return candidate
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(6))
    return f"{wanted or prefix or _kind(model)}-{letters}"


def rename(*, thing: Any, slug: str, was_public: bool = True) -> None:
    """The slug is free for the thing, and its old one, once published, stays as an alias; SlugTaken otherwise.

    A thing that takes its old address back has it as its own again. Topics and audiences have no uid, so no aliases.
    """
    if slug == thing.slug:
        return
    model, uid = type(thing), getattr(thing, "uid", None)
    _refuse_if_taken(model, slug, but=uid)
    if uid is None or not was_public:
        return
    Alias.objects.get_or_create(kind=_kind(model), slug=thing.slug, defaults={"target": uid})
    Alias.objects.filter(kind=_kind(model), slug=slug, target=uid).delete()


def _refuse_if_taken(model: type[Model], slug: str, but: UUID | None = None) -> None:
    others: Any = model._default_manager.filter(slug=slug)
    aliases = Alias.objects.filter(kind=_kind(model), slug=slug)
    if but is not None:
        others, aliases = others.exclude(uid=but), aliases.exclude(target=but)
    if others.exists() or aliases.exists():
        raise SlugTaken(_("The address %(slug)s is taken.") % {"slug": slug}, field="slug")


def _kind(model: type[Model]) -> str:
    return model._meta.model_name or ""


def _taken(model: type[Model], wanted: str) -> set[str]:
    slugs = model._default_manager.filter(slug__startswith=wanted).values_list("slug", flat=True)
    aliases = Alias.objects.filter(kind=_kind(model), slug__startswith=wanted)
    return set(slugs) | set(aliases.values_list("slug", flat=True))
