"""What stands on other people's sites is answered ahead of session and locale middleware: it is the same for everybody.

So no cookie is looked at, none is set or taken away, and caches keep one answer for each address.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

PREFIXES = ("/embed/", "/oembed/")
Answer = Callable[[HttpRequest], HttpResponseBase]


def early(get_response: Answer) -> Answer:
    """Middleware that stands before the sessions and calls the view at an address below these prefixes itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIXES):
            return get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return get_response(request)  # the usual page that says so
        return found.func(request, *found.args, **found.kwargs)

    return answer
