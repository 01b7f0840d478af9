"""What went wrong outside of every view: a problem for machines, a page for people."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from api import errors

MACHINES = ("/api/", "/calendars/", "/feeds/", "/oembed/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django itself cannot take: a host that is not ours, too many fields."""
    if request.path.startswith(MACHINES):
        return errors.problem(400, "bad_request", _("The request cannot be understood."))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The log has it; the answer tells nothing of it."""
    if request.path.startswith(MACHINES):
        return errors.problem(500, "server_error", _("Something went wrong on our side. Please try again later."))
    return defaults.server_error(request)
