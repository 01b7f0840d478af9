"""The mailbox: a list of mails, one of them, and what is in it. Everywhere but in the demo there is no such page."""

from collections.abc import Callable, Sequence
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import condition, require_safe

from pages.mailbox import folder, letters

ROWS = 50
# What a mail brings along is shown and does nothing: no script, no form, nothing fetched, and no way to the page around
# it. Its links open beside it, as mail programs open them.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
SHOWN = "; ".join([
    f"sandbox {SANDBOX}", "default-src 'none'", "img-src data:", "style-src 'unsafe-inline'", "base-uri 'none'",
    "form-action 'none'", "frame-ancestors 'self'",
])  # fmt: skip

View = Callable[..., HttpResponse]


def in_the_demo(view: View) -> View:
    """Nobody else reads anybody's mail: outside the demo the page does not exist."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return require_safe(answer)


def state(request: HttpRequest, names: Sequence[str]) -> str:
    """What there is, and how it is asked for: the list is the same as long as this is."""
    asked = f"{request.get_full_path()} {get_language()} {names[:1]}"
    return f'"{sha256(asked.encode()).hexdigest()[:32]}"'


def _state(request: HttpRequest) -> str:
    return state(request, folder.names(settings.DEMO_MAIL) if settings.DEMO else [])


@in_the_demo
@condition(etag_func=_state)
def mailbox_page(request: HttpRequest) -> HttpResponse:
    """The newest first; `to` narrows it to addresses that contain it."""
    wanted = request.GET.get("to", "").strip()[:254]
    names = folder.names(settings.DEMO_MAIL)
    if wanted:
        names = [name for name in names if wanted.casefold() in _to(name).casefold()]
    page = Paginator(names, ROWS).get_page(request.GET.get("page"))
    rows = [letters.summary(settings.DEMO_MAIL, name) for name in page]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "wanted": wanted, "page": page, "rows": [row for row in rows if row is not None], "most": folder.MOST,
        "elsewhere": query.urlencode(), "goes_elsewhere": not settings.DEMO_MAIL_IS_KEPT,
    }  # fmt: skip
    return render(request, "pages/mailbox.html", context)


@in_the_demo
def letter_page(request: HttpRequest, name: str) -> HttpResponse:
    letter = letters.letter(settings.DEMO_MAIL, name)
    if letter is None:
        raise Http404
    return render(request, "pages/letter.html", {"letter": letter, "mail": letter.summary, "sandbox": SANDBOX})


@in_the_demo
@xframe_options_sameorigin
def html_page(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's own HTML, shut in by its policy wherever it is opened."""
    html = letters.html_of(settings.DEMO_MAIL, name)
    if html is None:
        raise Http404
    return HttpResponse(
        f'<!doctype html><base target="_blank">{html}',
        headers={"Content-Security-Policy": SHOWN, "Referrer-Policy": "no-referrer"},
    )


@in_the_demo
def raw_file(request: HttpRequest, name: str) -> HttpResponse:
    raw = folder.read(settings.DEMO_MAIL, name)
    if raw is None:
        raise Http404
    return _download(raw, f"{name}{folder.SUFFIX}", "message/rfc822")


@in_the_demo
def part_file(request: HttpRequest, name: str, number: int) -> HttpResponse:
    found = letters.part(settings.DEMO_MAIL, name, number)
    if found is None:
        raise Http404
    title, content = found
    return _download(content, title, "text/calendar" if title.endswith(".ics") else "application/octet-stream")


def _download(content: bytes, title: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind, headers={"Content-Security-Policy": "sandbox"})
    response.headers["Content-Disposition"] = f'attachment; filename="{title.encode("ascii", "replace").decode()}"'
    return response


def _to(name: str) -> str:
    summary = letters.summary(settings.DEMO_MAIL, name)
    return summary.to if summary is not None else ""
