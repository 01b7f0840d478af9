"""How the values of filters are written: lists, dates and times, schedule versions (RULES 18)."""

import re
from datetime import date, datetime
from typing import Any

import django_filters as df
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone as clock
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1000, 9000


class ListField(forms.CharField):
    """Comma-separated values, each checked by itself."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if "\x00" in text:  # Django's own check looks at the list's repr, where it is escaped
            raise ValidationError(_("Null characters are not allowed."))
        return [part for part in dict.fromkeys(part.strip() for part in text.split(",")) if part]


class ListFilter(df.Filter):
    field_class = ListField


class MomentField(forms.CharField):
    """An ISO 8601 date, or a time with an offset; a space in an offset is read as "+" (RULES 18)."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return moment(text) if text else None


class MomentFilter(df.Filter):
    field_class = MomentField


def moment(text: str) -> date | datetime:
    """A date or an aware time from its ISO 8601 form; ValidationError says what would be right."""
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", text) if "T" in text else text
    wrong = ValidationError(_("Write a date like 2026-12-01, or a time with an offset like 2026-12-01T10:00:00+09:00."))
    try:
        day = parse_date(text)
        found = day if day is not None else parse_datetime(text)
    except ValueError as error:
        raise wrong from error
    if found is None or (isinstance(found, datetime) and clock.is_naive(found)):
        raise wrong
    if not FIRST_YEAR <= found.year <= LAST_YEAR:  # beyond, an offset leads out of what a datetime can be
        raise ValidationError(_("Years go from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return found


class SinceField(forms.CharField):
    """A schedule version (a whole number), or an ISO 8601 time or date."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if text.isascii() and text.isdigit():
            if len(text) > 18:
                raise ValidationError(_("That is no schedule version."))
            return int(text)
        return moment(text)


class SinceFilter(df.Filter):
    field_class = SinceField
