"""The demo's receiver and its page, at one address: what is sent there is taken, and who looks sees what came."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition

from events.models import Webhook
from events.operations import hooking
from pages.arrivals import arrivals
from pages.mailbox import folder
from pages.mailbox.views import in_the_demo, state

ROWS = 50
LARGEST = 64 * 1024  # bytes of a message; ours have a few hundred


@csrf_exempt
def receiver(request: HttpRequest) -> HttpResponse:
    """POST is from machines, which prove themselves by their signature; the rest is for people."""
    return _taken(request) if request.method == "POST" else arrivals_page(request)


def _state(request: HttpRequest) -> str:
    return state(request, arrivals.names(settings.DEMO_WEBHOOKS) if settings.DEMO else [])


@in_the_demo
@condition(etag_func=_state)
def arrivals_page(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    names = arrivals.names(settings.DEMO_WEBHOOKS)
    page = Paginator(names, ROWS).get_page(request.GET.get("page"))
    older = names[page.end_index() : page.end_index() + ROWS]
    rows = arrivals.listed(settings.DEMO_WEBHOOKS, list(page), older=older)
    context = {"page": page, "rows": rows, "most": folder.MOST, "address": _address(request.path)}
    return render(request, "pages/arrivals.html", context)


def _taken(request: HttpRequest) -> HttpResponse:
    """204 where a webhook that leads here signed it, else 401; what came is there to look at all the same."""
    if not settings.DEMO:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    right = arrivals.is_right(request.body, request.headers, _secrets(request.path))
    arrivals.keep(settings.DEMO_WEBHOOKS, request.body, request.headers, right=right)
    return HttpResponse(status=204 if right else 401)


def _address(path: str) -> str:
    """By the one pair that lies inside and is let through."""
    return f"http://{settings.WEBHOOK_EXTRA_TARGETS[-1]}{path}" if settings.WEBHOOK_EXTRA_TARGETS else path


def _secrets(path: str) -> list[str]:
    """Of all webhooks of the demo that lead here: a partner would have been shown theirs."""
    leading_here = Webhook.objects.filter(url__endswith=path).order_by("pk")
    return [secret for webhook in leading_here for secret in hooking.secrets_of(webhook, now=timezone.now())]
