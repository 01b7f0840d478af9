"""Addresses of the desk of one event, below /organize/events/<slug>/. Each form has its own, for POST alone."""

from django.urls import path

from pages.organizer import (
    attendees,
    capacity,
    choosing,
    codes,
    decisions,
    draws,
    policies,
    questions,
    quotas,
)

urlpatterns = [
    path("", attendees.event_page, name="organize-event"),
    path("attendees/decide/", choosing.decide, name="organize-decide"),
    path("attendees/enter/", choosing.enter, name="organize-enter"),
    path("attendees/<slug:code>/cancel/", choosing.cancel, name="organize-cancel"),
    path("seats/", capacity.seats_page, name="organize-seats"),
    path("seats/capacity/", capacity.resize, name="organize-capacity"),
    path("seats/quotas/", quotas.set_aside, name="organize-quotas"),
    path("seats/quotas/<uuid:uid>/", quotas.amend, name="organize-quota"),
    path("seats/quotas/<uuid:uid>/release/", quotas.release, name="organize-quota-release"),
    path("registration/", policies.registration_page, name="organize-registration"),
    path("registration/policy/", policies.set_policy, name="organize-policy"),
    path("registration/minimum/", policies.set_minimum, name="organize-minimum"),
    path("registration/clashes/", policies.set_clashes, name="organize-clashes"),
    path("registration/decide/<slug:what>/", decisions.decide, name="organize-go"),
    path("codes/", codes.codes_page, name="organize-codes"),
    path("codes/make/", codes.invite, name="organize-codes-make"),
    path("codes/<uuid:uid>/revoke/", codes.revoke, name="organize-code-revoke"),
    path("questions/", questions.questions_page, name="organize-questions"),
    path("questions/add/", questions.add, name="organize-question-add"),
    path("questions/<slug:key>/", questions.change, name="organize-question"),
    path("questions/<slug:key>/remove/", questions.remove, name="organize-question-remove"),
    path("questions/<slug:key>/up/", questions.move_up, name="organize-question-up"),
    path("draw/", draws.draw_page, name="organize-draw"),
    path("draw/announce/", draws.announce, name="organize-draw-announce"),
    path("draw/run/", draws.run, name="organize-draw-run"),
]
