"""Seat pools and their ledger: the counters that are never wrong, and the rows that prove it."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Expression, F, Q
from django.utils.translation import gettext_lazy as _

from events.models.actor import READING, Actor
from events.models.event import Audience, Event
from events.models.organization import Organization


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

    def visible_to(self, actor: Actor) -> "SeatPoolQuerySet":
        """Quotas of the organizations in which the actor may read; and those set aside for one of these by another.

        The latter while everybody may read the event: what is planned for a draft is its own organization's business.
        """
        quotas = self.exclude(kind="open")
        if actor.is_operator:
            return quotas
        own = actor.organizations(READING)
        given = Q(partner__in=own | actor.nominating, event__in=Event.objects.readable().values("pk"))
        return quotas.filter(Q(event__programme__organization__in=own) | given)


class SeatPool(models.Model):
    """A counter of an event's seats (RULES 7): its one `open` pool, or a quota.

    Open pool, floors and allotments are disjoint and sum to the capacity; a ceiling counts the same seats once more. A
    quota is for one audience or one partner. From `released_at` on nobody is counted in it anew: a floor's or an
    allotment's unused seats are then those of the open pool.

    `is_admitting`, `opens_at` and `closes_at` repeat what the event says, and `is_plain` that nothing but this row
    decides: no quota, nobody waiting, no question of who may come. The update that takes a seat reads them in the row
    that it locks: PostgreSQL looks at that row again after waiting for it, but not at those of other tables.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        FLOOR = "floor", _("floor")
        ALLOTMENT = "allotment", _("allotment")
        CEILING = "ceiling", _("ceiling")

    uid = models.UUIDField(default=uuid4, unique=True, null=True, editable=False, help_text=_("address of a quota"))
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pools")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OPEN)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="quotas")
    partner = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="quotas")
    releases_at = models.DateTimeField(null=True, blank=True)
    releases_days_before = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("days before the first session; moves with it")
    )
    released_at = models.DateTimeField(null=True, blank=True)
    seats = models.PositiveIntegerField(default=0)
    taken = models.IntegerField(default=0)
    is_unlimited = models.BooleanField(default=False)
    over_committed = models.BooleanField(default=False)
    is_admitting = models.BooleanField(default=False)
    is_plain = models.BooleanField(default=False, db_default=False)
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
            models.CheckConstraint(
                condition=Q(kind="open", audience__isnull=True, partner__isnull=True)
                | Q(kind="allotment", audience__isnull=True, partner__isnull=False)
                | Q(kind__in=["floor", "ceiling"], audience__isnull=False, partner__isnull=True)
                | Q(kind__in=["floor", "ceiling"], audience__isnull=True, partner__isnull=False),
                name="seat_pool_is_for_one",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["releases_at"],
                condition=Q(released_at__isnull=True, releases_at__isnull=False),
                name="seat_pool_to_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.taken}/{'∞' if self.is_unlimited else self.seats}"

    @property
    def is_reserved(self) -> bool:
        """Whether its seats are part of the capacity and not open to all."""
        return self.kind in ("floor", "allotment")

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
