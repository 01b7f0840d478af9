"""The tables of the domain."""

from django.contrib import admin

from events.admin.reading import ReadOnly
from events.models import (
    Alias,
    Audience,
    Campaign,
    Change,
    Event,
    Member,
    Organization,
    Partner,
    Person,
    Programme,
    Registration,
    Release,
    ScheduleVersion,
    SeatMovement,
    SeatPool,
    Series,
    Session,
    Speaker,
    Topic,
)
from venues.models import Booking, Closure, OpeningHours, Room, Venue


@admin.register(Organization, Campaign, Programme, Series, Topic, Audience, Venue, Room)
class Titled(ReadOnly):
    """Things with an address and a title in two languages."""

    list_display = ("slug", "title_ko", "title_en")
    search_fields = ("slug", "title_ko", "title_en")
    ordering = ("slug",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("slug", "title_ko", "title_en", "programme", "status", "visibility", "capacity", "first_starts_at")
    list_select_related = ("programme",)
    list_filter = ("status", "visibility", "registration")
    search_fields = ("slug", "title_ko", "title_en")
    ordering = ("-first_starts_at", "-pk")


@admin.register(Session)
class SessionAdmin(ReadOnly):
    list_display = ("uid", "event", "starts_at", "timezone", "room", "online", "status", "sequence")
    list_select_related = ("event", "room")
    list_filter = ("status", "online")
    search_fields = ("event__slug", "event__title_ko", "event__title_en")
    ordering = ("-starts_at", "-pk")


@admin.register(Registration)
class RegistrationAdmin(ReadOnly):
    """Without the code and the ticket: whoever reads them could act as the attendee."""

    exclude = ("code", "ticket")
    list_display = ("event", "name", "email", "status", "created_at")
    list_select_related = ("event",)
    list_filter = ("status",)
    search_fields = ("event__slug", "email_key", "name")
    ordering = ("-created_at", "-pk")


@admin.register(SeatPool)
class SeatPoolAdmin(ReadOnly):
    list_display = ("event", "kind", "seats", "taken", "is_unlimited", "over_committed")
    list_select_related = ("event",)
    search_fields = ("event__slug",)
    ordering = ("-pk",)


@admin.register(SeatMovement)
class SeatMovementAdmin(ReadOnly):
    list_display = ("at", "pool", "delta", "seats_delta", "reason")
    list_select_related = ("pool",)
    raw_id_fields = ("registration",)
    ordering = ("-pk",)


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    list_display = ("at", "kind", "organization", "event", "actor_kind", "version")
    list_select_related = ("organization", "event")
    search_fields = ("kind", "event__slug")
    ordering = ("-pk",)


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = ("created_at", "programme", "kind", "status", "title", "released_at", "version")
    list_select_related = ("programme",)
    ordering = ("-pk",)


@admin.register(Person)
class PersonAdmin(ReadOnly):
    fields = ("email", "name", "language", "is_active", "is_staff", "is_superuser", "last_login", "joined_at")
    list_display = ("email", "name", "language", "is_active", "is_staff", "last_login")
    search_fields = ("email_key", "name")
    ordering = ("email_key",)


@admin.register(Member)
class MemberAdmin(ReadOnly):
    list_display = ("organization", "person", "role", "joined_at")
    list_select_related = ("organization", "person")
    ordering = ("organization", "pk")


@admin.register(Speaker)
class SpeakerAdmin(ReadOnly):
    list_display = ("slug", "name_ko", "name_en", "organization")
    list_select_related = ("organization",)
    search_fields = ("slug", "name_ko", "name_en")
    ordering = ("slug",)


@admin.register(Partner)
class PartnerAdmin(ReadOnly):
    list_display = ("programme", "organization", "role")
    list_select_related = ("programme", "organization")
    ordering = ("programme", "position", "pk")


@admin.register(Booking)
class BookingAdmin(ReadOnly):
    list_display = ("room", "starts_at", "ends_at", "is_live", "purpose", "holder")
    list_select_related = ("room",)
    ordering = ("-starts_at", "-pk")


@admin.register(Closure, OpeningHours)
class VenueTimeAdmin(ReadOnly):
    list_display = ("__str__", "venue")
    list_select_related = ("venue",)
    ordering = ("-pk",)


@admin.register(Alias, ScheduleVersion)
class PlainAdmin(ReadOnly):
    ordering = ("-pk",)
