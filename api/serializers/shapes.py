"""Pieces that most answers have: texts in both languages, addresses, times."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from events.models import worded


def words(thing: Any, language: str, *names: str) -> dict[str, str]:
    """`title` in the asked language beside `title_ko` and `title_en`, for each of these texts."""
    shown = {}
    for name in names:
        shown[name] = worded(thing, name, language)
        shown[f"{name}_ko"] = getattr(thing, f"{name}_ko")
        shown[f"{name}_en"] = getattr(thing, f"{name}_en")
    return shown


def in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def in_utc_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def page_url(kind: str, slug: str, language: str) -> str:
    return f"{settings.CALLBOARD_URL}/{language}/{kind}/{slug}/"


def list_url(name: str, slug: str, language: str) -> str:
    """The public list, narrowed to this."""
    return f"{settings.CALLBOARD_URL}/{language}/events/?{name}={slug}"


def calendar_url(kind: str, name: str) -> str:
    return f"{settings.CALLBOARD_URL}/calendars/{kind}/{name}.ics"


class TitledOutput(serializers.Serializer[Any]):
    """A title: in the asked language, else in the other one."""

    title = serializers.CharField()
    title_ko = serializers.CharField(allow_blank=True)
    title_en = serializers.CharField(allow_blank=True)


class SummarizedOutput(TitledOutput):
    summary = serializers.CharField(allow_blank=True)
    summary_ko = serializers.CharField(allow_blank=True)
    summary_en = serializers.CharField(allow_blank=True)


class RevisedOutput(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
