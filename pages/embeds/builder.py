"""The page that writes the markup: any filter, every look, with the real thing beside it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.filters import FilterRefused
from pages.embeds import asking
from pages.public import choices, query, returning
from pages.public.event_list import refused, subscription
from pages.public.front import UPCOMING
from pages.public.listing import ROWS, in_order

WAYS = ("script", "frame")
HEIGHT = 640  # until the frame has said how high it is
SCRIPT = """<script type="module" src="{origin}/embed/v1.js"></script>
<callboard-events src="{address}"{looks}>
  <ul>
    <li><a href="{address}">{schedule}</a></li>
    <li><a href="{calendar}">{subscribe}</a></li>
  </ul>
</callboard-events>"""
FRAME = """<iframe src="{frame}" title="{title}"
  width="100%" height="{height}" frameborder="0" loading="lazy"></iframe>
<script src="{origin}/embed/v1-frame.js" async></script>"""


@dataclass(frozen=True, slots=True)
class Looks:
    """What the form says besides the filters."""

    way: str
    language: str
    asked: asking.Asked

    @property
    def of_frame(self) -> dict[str, str]:
        """The frame's own words, those that are as usual left out."""
        asked = self.asked
        said = {"view": asked.view, "theme": asked.theme, "page_size": str(asked.rows), returning.NAME: asked.back}
        return {name: value for name, value in said.items() if value and value != USUAL.get(name)}


USUAL = {"view": asking.VIEWS[0], "theme": asking.THEMES[0], "page_size": str(ROWS)}
OF_SCRIPT = {"view": "view", "theme": "theme", "page_size": "limit"}  # it knows by itself where it stands


@require_safe
def builder(request: HttpRequest) -> HttpResponse:
    if not request.GET:
        return HttpResponseRedirect(request.path + UPCOMING)
    tidy = query.tidied(request.GET)
    if tidy is not None:
        return HttpResponseRedirect(f"{request.path}?{tidy or 'view=list'}")
    try:
        looks = _looks(request.GET)
        in_order(looks.asked.filters, now=timezone.now())
    except FilterRefused as refusal:
        return refused(request, refusal)
    filters = query.canonical(looks.asked.filters)
    offered = choices.fields(filters)
    in_form = {field.name for field in offered} | {"q", "when", "starts_after", "starts_before"}
    context = {
        "asked": filters,
        "fields": [field for field in offered if field.choices],
        "kept": {name: value for name, value in filters.items() if name not in in_form},
        "when_choices": choices.when(filters),
        "segments": _segments(looks),
        "rows": looks.asked.rows,
        "most_rows": asking.MOST_ROWS,
        "back": looks.asked.back,
        "canonical_path": reverse("embed-builder"),
        "origin": settings.CALLBOARD_URL,
        "back_to_list": query.address(reverse("event-list"), filters),
    }
    return render(request, "pages/embed_builder.html", context | _made(looks, filters))


def _looks(given: QueryDict) -> Looks:
    way = given.get("way", WAYS[0])
    if way not in WAYS:
        raise FilterRefused({"way": [_("Write one of %(known)s.") % {"known": ", ".join(WAYS)}]})
    if query.PAGE in given:
        raise FilterRefused({query.PAGE: [_("There is no such filter.")]})
    rest = given.copy()
    rest.pop("way", None)
    asked = asking.asked(rest)
    return Looks(way, given.get("lang") or get_language() or "ko", asked)


def _made(looks: Looks, filters: dict[str, str]) -> dict[str, Any]:
    """The markup, the addresses to paste, and what the preview shows."""
    origin = settings.CALLBOARD_URL
    framed = asking.address(filters, language=looks.language, **looks.of_frame)
    said = [("lang", looks.language)]
    said += [(OF_SCRIPT[name], value) for name, value in looks.of_frame.items() if name in OF_SCRIPT]
    attributes = _attributes(said)
    with translation.override(looks.language):  # people read it on a page in that language
        listed = query.address(reverse("event-list"), filters)
        calendar = subscription(filters).https
        markup = {
            "script": format_html(
                SCRIPT, origin=origin, address=origin + listed, looks=attributes, calendar=calendar,
                schedule=_("To the whole schedule"), subscribe=_("This list as a calendar"),
            ),
            "frame": format_html(FRAME, origin=origin, frame=origin + framed, title=_("Schedule"), height=HEIGHT),
        }  # fmt: skip
    return {
        "way": looks.way,
        "markup": markup[looks.way],
        "frame_address": origin + framed,
        "preview": {"list": listed, "frame": framed, "attributes": attributes, "height": HEIGHT},
    }


def _attributes(pairs: list[tuple[str, str]]) -> str:
    return format_html("{}" * len(pairs), *(format_html(' {}="{}"', name, value) for name, value in pairs))


def _segments(looks: Looks) -> list[choices.Field]:
    """What is chosen from a few words, each with the one that is on."""
    told = {
        "way": (_("Embed as"), looks.way, {"script": _("Script"), "frame": _("Frame")}),
        "view": (_("View"), looks.asked.view, {"list": _("List"), "agenda": _("Agenda"), "grid": _("Cards")}),
        "theme": (
            _("Colours"), looks.asked.theme,
            {"auto": _("As the visitor has it"), "light": _("Light"), "dark": _("Dark")},
        ),
        "lang": (_("Language"), looks.language, {"ko": "한국어", "en": "English"}),
    }  # fmt: skip
    return [
        choices.Field(name, label, chosen, [choices.Choice(*word, word[0] == chosen) for word in words.items()])
        for name, (label, chosen, words) in told.items()
    ]
