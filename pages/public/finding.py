"""Find one thing by its address; an address that it once had leads on to the present one (RULES 6)."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse

from events.models import Alias


def moved(request: HttpRequest, *, kind: str, among: QuerySet[Any], slug: str) -> HttpResponsePermanentRedirect:
    """301 to what once had this address, its query kept; Http404 where nothing had it that may be seen."""
    alias = Alias.objects.filter(kind=kind, slug=slug).first()
    found = among.filter(uid=alias.target).first() if alias else None
    if found is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(kind, args=[found.slug]) + (f"?{query}" if query else ""))
