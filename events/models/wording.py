"""Content exists in Korean and English; this picks the words of one language, or the other where one is empty."""

from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf

LANGUAGES = ("ko", "en")


def worded(thing: Any, field: str, language: str) -> str:
    """The text of `field` in `language`, else in the other one, else ""."""
    other = "en" if language == "ko" else "ko"
    words: str = getattr(thing, f"{field}_{language}") or getattr(thing, f"{field}_{other}")
    return words


def has_title() -> models.Q:
    """The condition behind every `..._has_a_title` constraint."""
    return ~models.Q(title_ko="") | ~models.Q(title_en="")


def titled(language: str) -> Coalesce:
    """The title that is shown in this language."""
    other = "en" if language == "ko" else "ko"
    return Coalesce(NullIf(F(f"title_{language}"), Value("")), F(f"title_{other}"))
