"""What templates need of content in two languages, of Markdown, and of the two addresses of each page."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from events.models import LANGUAGES, worded
from pages import spoken, texts

register = template.Library()


@register.filter(name="worded")
def in_page_language(thing: Any, field: str) -> str:
    """`{{ event|worded:"title" }}`: in the language of the page, else in the other one; "" of nothing."""
    return worded(thing, field, get_language() or "ko") if thing else ""


@register.filter
def markdown(text: str) -> SafeString:
    return texts.html(text)


@register.simple_tag(takes_context=True)
def other_language(context: template.Context) -> str:
    """This page with its query in the other language; "" where there is no such page."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return ""
    language, other = ("ko", "en") if get_language() == "ko" else ("en", "ko")
    if not request.path.startswith(f"/{language}/"):
        return ""
    return f"/{other}/{request.get_full_path().removeprefix(f'/{language}/')}"


@register.simple_tag(takes_context=True)
def alternates(context: template.Context) -> list[tuple[str, str]]:
    """(hreflang, absolute address) of this page in every language, from its canonical path."""
    path = context.get("canonical_path", "")
    if not path:
        return []
    rest = path.split("/", 2)[2]
    pairs = [(language, f"{settings.CALLBOARD_URL}/{language}/{rest}") for language in LANGUAGES]
    return [*pairs, ("x-default", pairs[-1][1])]


@register.simple_tag(name="spoken")
def spoken_language(tag: str) -> str:
    return spoken.name(tag)


@register.simple_tag
def calendar(kind: str, slug: str) -> str:
    """The path of a thing's calendar in the language of the page."""
    return f"/calendars/{kind}/{slug}.ics?lang={get_language() or 'ko'}"


@register.simple_tag
def absolute(path: str) -> str:
    return f"{settings.CALLBOARD_URL}{path}"


@register.simple_tag
def in_the_demo() -> bool:
    return bool(settings.DEMO)
