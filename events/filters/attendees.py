"""What narrows the list of who registered: one set of words for JSON, downloads and pages."""

from collections.abc import Collection
from typing import Any

import django_filters as df
from django.db.models import Q, QuerySet
from django.http import QueryDict

from events.filters.asking import FilterRefused, given
from events.filters.values import ListFilter
from events.filters.vocabulary import YES_NO, Refusing
from events.models import Audience, Group, Organization, Registration


class AttendeeFilter(Refusing):
    """Values within one filter are OR, different filters AND, as everywhere."""

    status = ListFilter(method="by_status")
    audience = ListFilter(method="by_audience")
    partner = ListFilter(method="by_partner")
    group = ListFilter(method="by_group")
    q = df.CharFilter(method="by_words", max_length=200)
    shortlisted = df.ChoiceFilter(method="by_shortlist", choices=YES_NO)

    def by_status(self, queryset: Any, name: str, values: list[str]) -> Any:
        return queryset.filter(status__in=self.choices(name, Registration.Status.values, values))

    def by_audience(self, queryset: Any, name: str, values: list[str]) -> Any:
        return queryset.filter(audience__in=self.known(name, Audience, values))

    def by_partner(self, queryset: Any, name: str, values: list[str]) -> Any:
        return queryset.filter(partner__in=self.known(name, Organization, values))

    def by_group(self, queryset: Any, name: str, values: list[str]) -> Any:
        """Groups of the registrations that may be seen: whatever else is named does not exist."""
        codes = Group.objects.filter(pk__in=queryset.values("group"), code__in=values).values_list("code", flat=True)
        return queryset.filter(group__code__in=self.choices(name, set(codes), values))

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        """Every word stands in the name or in the address."""
        words = (Q(name__icontains=word) | Q(email__icontains=word) for word in value.split())
        return queryset.filter(*words)

    def by_shortlist(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(is_shortlisted=value == "true")


ATTENDEE_NAMES = frozenset(AttendeeFilter.base_filters)


def attendees(
    *, queryset: QuerySet[Registration], query: QueryDict, besides: Collection[str] = ()
) -> QuerySet[Registration]:
    """The registrations of `queryset` that the query string selects. `besides` names parameters that are not filters.

    FilterRefused names what is unknown, empty, or does not exist.
    """
    data = given(query, besides=besides, names=ATTENDEE_NAMES)
    chosen = AttendeeFilter(data, queryset)
    if not chosen.form.is_valid():
        raise FilterRefused({name: [str(m) for m in messages] for name, messages in chosen.form.errors.items()})
    result: QuerySet[Registration] = chosen.qs
    if chosen.refused:
        raise FilterRefused(chosen.refused)
    return result
