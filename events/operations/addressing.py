"""Address somebody: in which language they are written to."""

from django.utils.translation import gettext as _

from events.errors import Invalid
from events.models import LANGUAGES, Attendee, Group, Registration
from events.operations.committing import all_or_nothing


@all_or_nothing
def write_in(*, attendee: Attendee, language: str) -> None:
    """Every mail about what the person is registered for, or has booked for others, is in that language from now on."""
    if language not in LANGUAGES:
        raise Invalid(_("Write ko or en."), field="language")
    Registration.objects.filter(email_key=attendee.email_key).exclude(language=language).update(language=language)
    Group.objects.filter(email_key=attendee.email_key).exclude(language=language).update(language=language)
