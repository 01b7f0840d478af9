"""How much API keys are used, in the last thirty days of their organization. Behind by what processes still count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from events.models import ApiKey, ApiKeyUsage, Organization
from events.models.walltime import to_local

SHOWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Used:
    """Requests, how many of them were refused (400 and above), and how many people were registered by them."""

    requests: int = 0
    refused: int = 0
    registrations: int = 0


def first_day(organization: Organization, *, now: datetime) -> date:
    """The first of the days that are shown; the last one is today."""
    return to_local(now, organization.timezone)[0] - timedelta(days=SHOWN_DAYS - 1)


def days(key: ApiKey, *, now: datetime) -> QuerySet[ApiKeyUsage]:
    """The days on which the key was used. `key` with its organization loaded."""
    return ApiKeyUsage.objects.filter(key=key, day__gte=first_day(key.organization, now=now))


def totals(keys: Iterable[ApiKey], *, organization: Organization, now: datetime) -> dict[int, Used]:
    """By the id of each of the organization's keys that was used, in one statement."""
    rows = ApiKeyUsage.objects.filter(key__in=[key.pk for key in keys], day__gte=first_day(organization, now=now))
    sums = rows.values_list("key").annotate(Sum("requests"), Sum("refused"), Sum("registrations")).order_by("key")
    return {key: Used(*numbers) for key, *numbers in sums}
