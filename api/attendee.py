"""An attendee who signed in by a mailed link or code: the session of their browser says so (RULES 11)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from events.models import Actor, Attendee
from events.operations.signing_in import BROWSER


class AttendeeAuthentication(SessionAuthentication):
    """The cookie that the sign-in of attendees set; whoever writes with it sends the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Attendee, Actor] | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        kept = request._request.session.get(BROWSER, {})
        lives = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        if "id" not in kept or timezone.now() - datetime.fromisoformat(kept["since"]) >= lives:
            return None
        attendee = Attendee.objects.filter(pk=kept["id"]).first()
        if attendee is None:
            return None
        self.enforce_csrf(request)
        return attendee, Actor(kind="attendee", attendee_id=attendee.pk)

    def authenticate_header(self, request: Request) -> str:
        return f'Cookie realm="callboard", cookie-name={settings.SESSION_COOKIE_NAME}'
