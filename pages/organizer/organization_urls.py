"""Addresses of the desk of one organization, below /organize/organizations/<slug>/."""

from django.urls import path

from pages.organizer import webhooks

urlpatterns = [
    path("webhooks/", webhooks.webhooks_page, name="organize-webhooks"),
    path("webhooks/add/", webhooks.add, name="organize-webhook-add"),
    path("webhooks/<uuid:uid>/", webhooks.webhook_page, name="organize-webhook"),
    path("webhooks/<uuid:uid>/change/", webhooks.amend, name="organize-webhook-change"),
    path("webhooks/<uuid:uid>/switch/", webhooks.switch, name="organize-webhook-switch"),
    path("webhooks/<uuid:uid>/rotate/", webhooks.rotate, name="organize-webhook-rotate"),
    path("webhooks/<uuid:uid>/test/", webhooks.try_out, name="organize-webhook-test"),
    path("webhooks/<uuid:uid>/resend/", webhooks.resend, name="organize-webhook-resend"),
    path("webhooks/<uuid:uid>/remove/", webhooks.remove, name="organize-webhook-remove"),
]
