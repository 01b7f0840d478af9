"""Who is asking: an API key, a member's session, or nobody known; as one `Actor` for each request (RULES 13, 14)."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from events.models import ANONYMOUS, Actor, ApiKey, Person
from events.operations import keying

SCHEME = "bearer"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. It wins over a session cookie, which a request with a key does not need."""

    def authenticate(self, request: Request) -> tuple[ApiKey, Actor] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _space, secret = header.partition(" ")
        key = keying.key_of(secret=secret.strip(), now=timezone.now()) if scheme.lower() == SCHEME else None
        if key is None:
            raise AuthenticationFailed(_("The API key is wrong, revoked or too old."), code="key_invalid")
        return key, key.as_actor()

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="callboard"'


class MemberAuthentication(SessionAuthentication):
    """The session cookie of a signed-in member; whoever writes with it sends the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Person, Actor] | None:
        # Without the cookie nobody is signed in; not opening the session saves time on the busiest addresses.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES and not hasattr(request._request, "_cached_user"):
            return None
        found = super().authenticate(request)
        return None if found is None else (found[0], found[0].as_actor())


def nobody() -> Actor:
    """Who asks without a credential."""
    return ANONYMOUS
