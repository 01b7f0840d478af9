"""The mail with a chance to sign in: a code to type and a link to open."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import SignIn
from events.notices.wording import Words
from events.operations import signing_in


def words(row: SignIn) -> Words:
    """In the language that is active. The link stands alone, so that it can be pressed."""
    code = signing_in.code_of(row)
    what = (
        _("with this code you sign in to Callboard:")
        if row.door == "organize"
        else _("with this code you see all your registrations:")
    )
    return Words(
        subject=_("%(code)s is your Callboard code") % {"code": code},
        paragraphs=[
            _("Hello,"),
            what,
            f"    {code}",
            _("Or open this address in the browser in which you want to work:"),
            link_url(row),
            _("Both work once, for %(minutes)d minutes.") % {"minutes": signing_in.CODE_LIVES.seconds // 60},
            _("If you did not ask for this, you need not do anything: without the code nobody gets in."),
        ],
    )


def link_url(row: SignIn) -> str:
    """The address that opens a page with one button; opening it does nothing yet (RULES 14)."""
    path = "/organize/sign-in" if row.door == "organize" else f"/{get_language()}/my/sign-in"
    return f"{settings.CALLBOARD_URL}{path}/{signing_in.link_of(row)}/"
