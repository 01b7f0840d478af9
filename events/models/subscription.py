"""One person's calendar links: one for each device, each opened by its own derived token (RULES 13)."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from events.models.registration import Attendee, Registration
from events.models.wording import LANGUAGES

LONGEST_ALARM = 4 * 7 * 24 * 60  # minutes


def own_revision() -> Subquery:
    """Of a calendar link: the revision of its person. Rises with each of their registrations, and each step of one.

    Registrations are never taken away, and their `sequence` only rises, so the sum tells any two states apart. The
    address is looked up inside: a join with the person takes PostgreSQL longer to plan than all the rest to run.
    """
    key = Attendee.objects.filter(pk=OuterRef(OuterRef("attendee_id"))).values("email_key")
    rows = Registration.objects.filter(email_key=Subquery(key)).order_by().values("email_key")
    return Subquery(rows.annotate(own=Sum(F("sequence") + 1)).values("own"), output_field=models.BigIntegerField())


class CalendarLinkQuerySet(models.QuerySet["CalendarLink"]):
    def live(self) -> "CalendarLinkQuerySet":
        return self.filter(revoked_at__isnull=True)


class CalendarLink(models.Model):
    """What one device of one person follows, and what it was last sent (docs/decisions/0019).

    `revision` rises with each change of the link itself. The four `sent_` columns are of the newest answer: the
    schedule version and the person's own revision that it held, its ETag, and for which revision of the link.
    """

    class Scope(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed only")
        ALL = "all", _("also waitlisted, offered and applied for, as tentative")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    attendee = models.ForeignKey(Attendee, on_delete=models.CASCADE, related_name="calendar_links")
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.ALL)
    alarm_minutes = models.PositiveIntegerField(null=True, blank=True, help_text=_("before the start; empty: none"))
    language = models.CharField(max_length=2, default="ko")
    generation = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)
    last_fetched_by = models.CharField(max_length=20, blank=True, help_text=_("which kind of program"))
    sent_version = models.PositiveBigIntegerField(null=True, blank=True)
    sent_revision = models.PositiveBigIntegerField(null=True, blank=True)
    sent_etag = models.CharField(max_length=32, blank=True)

    objects = CalendarLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(scope__in=["confirmed", "all"]), name="calendar_link_scope_is_known"),
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="calendar_link_language_is_known"),
            models.CheckConstraint(
                condition=Q(alarm_minutes__isnull=True) | Q(alarm_minutes__lte=LONGEST_ALARM),
                name="calendar_link_alarm_within_four_weeks",
            ),
            models.CheckConstraint(
                condition=Q(last_fetched_at__isnull=True, sent_version__isnull=True, sent_revision__isnull=True)
                | Q(last_fetched_at__isnull=False, sent_version__isnull=False, sent_revision__isnull=False),
                name="calendar_link_fetched_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"calendar link {self.pk}"
