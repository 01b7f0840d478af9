"""The mail to an organization's owners whose webhook was stopped because nothing gets there."""

from django.conf import settings
from django.utils.translation import gettext as _

from events.models import Webhook
from events.notices.wording import Words


def is_so(webhook: Webhook) -> bool:
    """Whether it is still stopped for that reason: somebody may have switched it on, or off, since."""
    return webhook.stopped in (Webhook.Stop.GONE, Webhook.Stop.FAILING)


def words(webhook: Webhook) -> Words:
    """In the language that is active."""
    why = (
        _("the receiver answered that the address is gone for good (410).")
        if webhook.stopped == Webhook.Stop.GONE
        else _("everything that was sent there for five days failed.")
    )
    return Words(
        subject=_("Webhook stopped: %(webhook)s") % {"webhook": webhook},
        paragraphs=[
            _("Hello,"),
            _("the webhook “%(webhook)s” was stopped: %(why)s") % {"webhook": webhook, "why": why},
            _("Nothing is sent there, and nothing is kept for it, until you switch it on again. What was not sent is"
              " in its log; what happened since can be asked for with the deltas of the API."),
            f"{settings.CALLBOARD_URL}/organize/organizations/{webhook.organization.slug}/webhooks/",
        ],
    )  # fmt: skip
