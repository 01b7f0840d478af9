"""The way back to the site that somebody came from: a link that names its host, never a redirect.

Only a site that the programme's owner or one of its partners has named is led back to; anything else is as if nobody
had said it.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import Q
from django.http import HttpRequest
from django.utils.encoding import iri_to_uri

from events.models import Organization, Programme
from events.models.sites import origin

NAME = "return"
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Back:
    """An address that people may follow, and the host that the link names."""

    url: str
    host: str

    @property
    def query(self) -> str:
        return query(self)


def back(request: HttpRequest, programme: Programme) -> Back | None:
    """Where this request says that its person came from. One statement where it says so, none otherwise."""
    asked: Any = request.POST if request.method == "POST" else request.GET
    url = written(asked.get(NAME, ""))
    if not url or origin(url) not in sites_of(programme):
        return None
    return Back(url, urlsplit(url).netloc)


def query(back: Back | None) -> str:
    """What carries it to the next page of ours."""
    return carried(back.url) if back else ""


def carried(url: str) -> str:
    """The same for an address that the next page has yet to judge."""
    return f"?{urlencode({NAME: url})}" if url else ""


def written(text: str) -> str:
    """The address as browsers send it; "" for what has no origin, or is too long to be anybody's page.

    Its host is the one that was looked at, so that no browser reads another one out of it.
    """
    stripped = text.strip()
    if not stripped.isprintable() or len(stripped) > LONGEST:
        return ""
    try:
        site = origin(stripped)
    except ValueError:
        return ""
    url = site + iri_to_uri(stripped.partition("//")[2].removeprefix(urlsplit(stripped).netloc))
    return url if len(url) <= LONGEST else ""


def sites_of(programme: Programme) -> set[str]:
    """The sites of its owner and of every partner in it."""
    partners = Q(pk__in=programme.partners.values("organization"))
    behind = Organization.objects.filter(Q(pk=programme.organization_id) | partners)
    return {site for sites in behind.values_list("sites", flat=True) for site in sites}
