"""Names of the languages that events are held in."""

from django.utils.translation import gettext as _


def name(tag: str) -> str:
    """The language of a BCP 47 tag in the language of the page; the tag itself where we have no word for it."""
    names = {
        "ko": _("Korean"),
        "en": _("English"),
        "ja": _("Japanese"),
        "zh": _("Chinese"),
        "de": _("German"),
        "fr": _("French"),
        "es": _("Spanish"),
        "und": _("Language not stated"),
    }
    return names.get(tag.partition("-")[0].lower(), tag)
