"""Who may show a frame: everybody, or the sites of the organizations that its address names (SAFETY 4.2)."""

import re
from collections.abc import Iterable

from django.db.models import Q
from django.http import QueryDict

from events.models import Alias, Organization

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")
POLICY = (
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
)


def policy(given: QueryDict) -> str:
    """The Content-Security-Policy of a frame with these parameters."""
    sites = sites_of(part.strip() for part in ",".join(given.getlist("organization")).split(","))
    ancestors = " ".join(["'self'", *sites]) if sites else "*"
    return "; ".join([*POLICY, f"frame-ancestors {ancestors}"])


def sites_of(written: Iterable[str]) -> list[str]:
    """The sites of the organizations with these addresses, present or past: one statement, none where nobody is named.

    Where several are named, one that named no sites leaves it to the others.
    """
    slugs = [slug for slug in written if SLUG.fullmatch(slug)]
    if not slugs:
        return []
    once = Alias.objects.filter(kind="organization", slug__in=slugs)
    rows = Organization.objects.filter(Q(slug__in=slugs) | Q(uid__in=once.values("target")))
    return sorted({site for sites in rows.values_list("sites", flat=True) for site in sites})
