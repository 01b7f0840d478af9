"""An attendee who opened a link mailed to their address: known to these views by the session it began (RULES 11)."""

from django.conf import settings
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from events.models import Actor, Attendee


class AttendeeAuthentication(SessionAuthentication):
    """The session that says which attendee it is; whoever writes with it sends the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Attendee, Actor] | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        pk = request._request.session.get(settings.ATTENDEE_SESSION_KEY)
        attendee = Attendee.objects.filter(pk=pk).first() if isinstance(pk, int) else None
        if attendee is None:
            return None
        self.enforce_csrf(request)
        return attendee, Actor(kind="attendee", attendee_id=attendee.pk)

    def authenticate_header(self, request: Request) -> str:
        return 'Cookie realm="callboard", cookie-name=sessionid'
