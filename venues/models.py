"""Places and room time: venues, rooms, when they are open, and who holds a room when."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class VenueQuerySet(models.QuerySet["Venue"]):
    def usable_by(self, owner: UUID | None) -> "VenueQuerySet":
        """Venues that an organization may book: its own and the shared ones."""
        return self.filter(Q(is_shared=True) | Q(owner=owner))


class Venue(models.Model):
    """A place with an address and a time zone. `owner` is the organization's UUID, on purpose without a foreign key."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    owner = models.UUIDField(null=True, blank=True, db_index=True)
    is_shared = models.BooleanField(default=False)
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    address_ko = models.CharField(max_length=300, blank=True)
    address_en = models.CharField(max_length=300, blank=True)
    directions_ko = models.TextField(blank=True)
    directions_en = models.TextField(blank=True)
    timezone = models.CharField(max_length=64, default="Asia/Seoul")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    url = models.URLField(blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(title_ko="") | ~Q(title_en=""), name="venue_has_a_title"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # NULL passes a CHECK, so that both are there has to be said.
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="venue_position_is_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class Room(models.Model):
    """One bookable room. `seats` null: nobody has counted them, so the room sets no limit."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="rooms")
    title_ko = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    source_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(title_ko="") | ~Q(title_en=""), name="room_has_a_title"),
            models.UniqueConstraint(
                fields=["venue", "source_id"], condition=~Q(source_id=""), name="room_source_once_per_venue"
            ),
        ]

    def __str__(self) -> str:
        return self.title_ko or self.title_en


class OpeningHours(models.Model):
    """When a venue is open on one weekday (0 = Monday), in its own local time. Closing at or before opening: next day.

    A venue without any row is always open.
    """

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_is_0_to_6"),
            models.UniqueConstraint(fields=["venue", "weekday", "opens_at"], name="opening_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at}-{self.closes_at}"


class Closure(models.Model):
    """A half-open stretch of time in which a venue, or one room of it, cannot be used."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="closures")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="closures")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason_ko = models.CharField(max_length=200, blank=True)
    reason_en = models.CharField(max_length=200, blank=True)
    source_id = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="closure_starts_before_it_ends"),
            models.UniqueConstraint(
                fields=["venue", "source_id"], condition=~Q(source_id=""), name="closure_source_once_per_venue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"


OVERLAP_CONSTRAINT = "booking_no_overlap_in_a_room"


class RoomTimeOverlap(ExclusionConstraint):
    """PostgreSQL's exclusion constraint; on other databases the locked check of `availability` stands alone.

    docs/decisions/0003: plain in Meta it breaks SQLite's migrations.
    """

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().create_sql(model, schema_editor)

    def constraint_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().constraint_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().remove_sql(model, schema_editor)

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Left to `availability.book`, which words the refusal the same way on every database."""


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> "BookingQuerySet":
        return self.filter(is_live=True)

    def overlapping(self, *, starts_at: datetime, ends_at: datetime) -> "BookingQuerySet":
        """Bookings that share an instant with [starts_at, ends_at); touching ends do not count."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Booking(models.Model):
    """Room time held for one purpose (a session's UUID). At most one live booking holds a room at any instant."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings")
    purpose = models.UUIDField(unique=True)
    holder = models.UUIDField(help_text=_("the organization that holds the room"))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_live = models.BooleanField(default=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["room", "starts_at"], condition=Q(is_live=True), name="booking_live_by_room"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="booking_starts_before_it_ends"),
            RoomTimeOverlap(
                name=OVERLAP_CONSTRAINT,
                expressions=[
                    (Func(F("room_id"), F("room_id"), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_live=True),
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.starts_at} - {self.ends_at}"
