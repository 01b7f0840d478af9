"""Addresses that begin with a language."""

from django.urls import path

from pages.public import changelog, draws, event, event_list, front, groups, offers, places, registration

urlpatterns = [
    path("", front.to_list, name="front"),
    path("events/", event_list.event_list, name="event-list"),
    path("events/<slug:slug>/", event.event_page, name="event"),
    path("events/<slug:slug>/register/", event.register, name="register"),
    path("events/<slug:slug>/group/", groups.group_form, name="group"),
    path("events/<slug:slug>/draw/", draws.draw_page, name="draw"),
    path("programmes/<slug:slug>/", places.programme_page, name="programme"),
    path("programmes/<slug:slug>/changes/", changelog.changes_page, name="programme-changes"),
    path("venues/<slug:slug>/", places.venue_page, name="venue"),
    path("my/", registration.my_page, name="my"),
    path("my/registrations/<slug:code>/", registration.registration_page, name="registration"),
    path("my/registrations/<slug:code>/cancel/", registration.cancel_page, name="registration-cancel"),
    path("my/registrations/<slug:code>/accept/", registration.accept, name="registration-accept"),
    path("my/registrations/<slug:code>/decline/", registration.decline_page, name="registration-decline"),
    path("my/groups/<slug:code>/", groups.group_page, name="group-registration"),
    path("offers/<slug:token>/", offers.offer_page, name="offer"),
    path("offers/<slug:token>/accept/", offers.accept, name="offer-accept"),
    path("offers/<slug:token>/decline/", offers.decline, name="offer-decline"),
]
