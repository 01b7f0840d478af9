"""Limits on what one address block may ask for: approximate ones, counted in the cache (RULES 15), but for sign-in."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from events.operations import guessing

MOST_SIGN_INS = 20  # an hour, of one network, at both doors


def within(*, what: str, who: str, most: int, seconds: int, now: datetime) -> bool:
    """Count one attempt of `who` at `what`; False once more than `most` were made in this stretch of `seconds`."""
    if not settings.RATE_LIMITS:
        return True
    key = f"limit:{what}:{who}:{int(now.timestamp()) // seconds}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        return cache.incr(key) <= most
    except ValueError:  # dropped between the two calls: a full cache counts from one again
        return True


def register(request: HttpRequest, *, now: datetime) -> bool:
    """Registering from one address block, counted together with the API's, which names its counter the same way."""
    most = settings.CALLBOARD_LIMITS["register"]
    return within(what="register", who=address_block(request), most=most, seconds=60, now=now)


def sign_in(request: HttpRequest, *, now: datetime) -> bool:
    """Asking for a code from one network; counted in the database, exactly (RULES 15)."""
    if not settings.RATE_LIMITS:
        return True
    who = address_block(request)
    return guessing.allowed(what="sign-in", who=who, most=MOST_SIGN_INS, every=timedelta(hours=1), now=now)


def address_block(request: HttpRequest) -> str:
    """Whom a request counts for: an IPv4 address, or the /64 of an IPv6 one, as the trusted proxies tell it."""
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES and told:
        address = told[-min(settings.PROXIES, len(told))]
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    # A server that listens on both hands IPv4 callers over as ::ffff:192.0.2.1, which all are in one /64.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{parsed}/64", strict=False))
