"""Seat pools and their ledger: the counters that are never wrong, and the rows that prove it."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Expression, F, Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Event


class SeatPoolQuerySet(models.QuerySet["SeatPool"]):
    def with_room(self) -> "SeatPoolQuerySet":
        """Pools that can give one more seat. Unlimited ones are marked: NULL never meets the comparison (RULES 4)."""
        return self.filter(Q(is_unlimited=True) | Q(taken__lt=F("seats")))

    def admitting(self, *, now: datetime | Expression) -> "SeatPoolQuerySet":
        """Pools of events that take registrations at that time."""
        return self.filter(
            Q(opens_at__isnull=True) | Q(opens_at__lte=now),
            Q(closes_at__isnull=True) | Q(closes_at__gt=now),
            is_admitting=True,
        )


class SeatPool(models.Model):
    """One of an event's disjoint pools of seats (RULES 7). Every event has exactly one `open` pool.

    `is_admitting`, `opens_at` and `closes_at` repeat what the event says. The update that takes a seat reads them in
    the row that it locks: PostgreSQL looks at that row again after waiting for it, but not at those of other tables.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pools")
    kind = models.CharField(max_length=10, choices=[("open", _("open"))], default="open")
    seats = models.PositiveIntegerField(default=0)
    taken = models.IntegerField(default=0)
    is_unlimited = models.BooleanField(default=False)
    over_committed = models.BooleanField(default=False)
    is_admitting = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)

    objects = SeatPoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat pool")
        verbose_name_plural = _("seat pools")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(taken__gte=0) & (Q(is_unlimited=True) | Q(taken__lte=F("seats")) | Q(over_committed=True)),
                name="seat_pool_never_oversold",
            ),
            models.UniqueConstraint(fields=["event"], condition=Q(kind="open"), name="seat_pool_open_once_per_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.taken}/{'∞' if self.is_unlimited else self.seats}"

    @property
    def seats_left(self) -> int | None:
        """Seats that can still be taken; None: unlimited."""
        return None if self.is_unlimited else max(self.seats - self.taken, 0)


class SeatMovement(models.Model):
    """One line of the seat ledger. The sums of a pool's `delta` and `seats_delta` are its `taken` and `seats`."""

    pool = models.ForeignKey(SeatPool, on_delete=models.CASCADE, related_name="movements")
    registration = models.ForeignKey(
        "events.Registration", on_delete=models.PROTECT, null=True, blank=True, related_name="movements"
    )
    delta = models.IntegerField(default=0)
    seats_delta = models.IntegerField(default=0)
    reason = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("seat movement")
        verbose_name_plural = _("seat ledger")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(delta=0) | ~Q(seats_delta=0), name="seat_movement_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.reason}"
