"""Addresses that begin with a language."""

from django.urls import path

from pages.public import event, event_list, front, places, registration

urlpatterns = [
    path("", front.to_list, name="front"),
    path("events/", event_list.event_list, name="event-list"),
    path("events/<slug:slug>/", event.event_page, name="event"),
    path("events/<slug:slug>/register/", event.register, name="register"),
    path("programmes/<slug:slug>/", places.programme_page, name="programme"),
    path("venues/<slug:slug>/", places.venue_page, name="venue"),
    path("my/", registration.my_page, name="my"),
    path("my/registrations/<str:code>/", registration.registration_page, name="registration"),
    path("my/registrations/<str:code>/cancel/", registration.cancel_page, name="registration-cancel"),
]
