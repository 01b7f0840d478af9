"""An attendee who signed in by a mailed link or code: the session of their browser says so (RULES 11)."""

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from events.models import Actor, Attendee
from events.operations import signing_in


class AttendeeAuthentication(SessionAuthentication):
    """The cookie that the sign-in of attendees set; whoever writes with it sends the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Attendee, Actor] | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        kept = request._request.session.get(signing_in.BROWSER, {})
        attendee = signing_in.signed_in(kept=kept, now=timezone.now())
        if attendee is None:
            return None
        self.enforce_csrf(request)
        return attendee, Actor(kind="attendee", attendee_id=attendee.pk)

    def authenticate_header(self, request: Request) -> str:
        return f'Cookie realm="callboard", cookie-name={settings.SESSION_COOKIE_NAME}'
