"""Limits on how often one caller asks, counted in the cache: approximate on purpose (RULES 15)."""

import ipaddress
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60


class Limit(BaseThrottle):
    """So many requests in each minute of the clock: for a key or a member, and for an address that registers people.

    A key may have a limit of its own. One counter, not a list of times: reading it costs the same at 10 and at 1,000.
    """

    left_seconds = WINDOW

    def allow_request(self, request: Request, view: Any) -> bool:
        if not settings.RATE_LIMITS:
            return True
        policy, caller = self._who(request, view)
        if not policy:
            return True
        most = getattr(request.user, "requests_per_minute", None) or settings.CALLBOARD_LIMITS[policy]
        count, self.left_seconds = counted(policy, caller, window=WINDOW)
        request.limits = {
            "RateLimit-Policy": f'"{policy}";q={most};w={WINDOW}',
            "RateLimit": f'"{policy}";r={max(most - count, 0)};t={self.left_seconds}',
        }
        return count <= most

    def wait(self) -> int:
        return self.left_seconds

    def _who(self, request: Request, view: Any) -> tuple[str, str]:
        actor = request.auth
        if actor.kind != "anonymous":
            return "key", actor.credential
        if request.method == "POST" and getattr(view, "is_registering", False):
            return "register", block_of(self.get_ident(request))
        return "", ""


def counted(policy: str, caller: str, *, window: int) -> tuple[int, int]:
    """How often the caller has asked in this window of the clock, now included, and how many seconds of it are left."""
    now = int(time.time())
    name = f"limit:{policy}:{caller}:{now // window}"
    cache.add(name, 0, timeout=2 * window)
    try:
        return cache.incr(name), window - now % window
    except ValueError:  # dropped between the two calls: a full cache counts from one again
        return 1, window - now % window


def caller_of(request: Request) -> str:
    """From which address block somebody asks, as the trusted proxies tell it."""
    return block_of(BaseThrottle().get_ident(request))


def block_of(address: str) -> str:
    """One IPv4 address, or the /64 of an IPv6 one, which is what a household or a phone is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    # A server that listens on both hands IPv4 callers over as ::ffff:192.0.2.1, which all are in one /64.
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
