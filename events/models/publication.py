"""What stands in the public lists, or once stood there: all that somebody who keeps a copy must hear of (RULES 28)."""

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import Q

from events.models.event import Event
from events.models.session import Session


class PublicationQuerySet(models.QuerySet["Publication"]):
    def stamp(self, *, version: int, events: Collection[int], sessions: Collection[int]) -> None:
        """What of these was ever listed, or is now, was changed by this version. Its row is locked (RULES 21).

        Three statements, one more for what is listed for the first time. What never was has no row: nobody hears of it.
        """
        self.filter(Q(event__in=events) | Q(session__in=sessions)).update(version=version)
        new_events = Event.objects.public().filter(pk__in=events, publication__isnull=True)
        new_sessions = Session.objects.public().filter(pk__in=sessions, publication__isnull=True)
        rows = [
            Publication(version=version, event_id=pk) for pk in new_events.order_by("pk").values_list("pk", flat=True)
        ]
        rows += [
            Publication(version=version, session_id=pk)
            for pk in new_sessions.order_by("pk").values_list("pk", flat=True)
        ]
        if rows:
            self.bulk_create(rows)


class Publication(models.Model):
    """An event or a session that is, or was, in the public lists, with the schedule version that last changed it there.

    Says nothing of what is visible now: that is asked of the thing itself.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="publication")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, null=True, blank=True, related_name="publication")
    version = models.PositiveBigIntegerField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["version", "id"], name="publication_in_order"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(event__isnull=True, session__isnull=False) | Q(event__isnull=False, session__isnull=True),
                name="publication_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.event_id or ''} {self.session_id or ''}"
