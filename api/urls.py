"""Addresses for machines."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from api import schema
from api.errors import NothingHere
from api.views import (
    campaigns,
    changes,
    events,
    imports,
    organizations,
    places,
    registrations,
    root,
    sessions,
    subjects,
)

resources = [
    path("", root.Root.as_view()),
    path("campaigns/", campaigns.Campaigns.as_view()),
    path("campaigns/<slug:slug>/", campaigns.OneCampaign.as_view()),
    path("programmes/", campaigns.Programmes.as_view()),
    path("programmes/<slug:slug>/", campaigns.OneProgramme.as_view()),
    path("organizations/", organizations.Organizations.as_view()),
    path("organizations/<slug:slug>/", organizations.OneOrganization.as_view()),
    path("organizations/<slug:slug>/members/", organizations.Members.as_view()),
    path("organizations/<slug:slug>/members/remove/", organizations.MemberRemoval.as_view()),
    path("organizations/<slug:slug>/keys/", organizations.Keys.as_view()),
    path("organizations/<slug:slug>/keys/<slug:lookup>/revoke/", organizations.KeyRevocation.as_view()),
    path("topics/", subjects.Topics.as_view()),
    path("topics/<slug:slug>/", subjects.OneTopic.as_view()),
    path("audiences/", subjects.Audiences.as_view()),
    path("audiences/<slug:slug>/", subjects.OneAudience.as_view()),
    path("speakers/", subjects.Speakers.as_view()),
    path("speakers/<slug:slug>/", subjects.OneSpeaker.as_view()),
    path("series/", subjects.AllSeries.as_view()),
    path("series/<slug:slug>/", subjects.OneSeries.as_view()),
    path("venues/", places.Venues.as_view()),
    path("venues/<slug:slug>/", places.OneVenue.as_view()),
    path("venues/<slug:slug>/closures/", places.Closures.as_view()),
    path("venues/<slug:slug>/closures/<uuid:uid>/", places.OneClosure.as_view()),
    path("rooms/", places.Rooms.as_view()),
    path("rooms/<slug:slug>/", places.OneRoom.as_view()),
    path("events/", events.Events.as_view()),
    path("events/<slug:slug>/", events.OneEvent.as_view()),
    path("events/<slug:slug>/publish/", events.Publish.as_view()),
    path("events/<slug:slug>/unpublish/", events.Unpublish.as_view()),
    path("events/<slug:slug>/cancel/", events.Cancel.as_view()),
    path("events/<slug:slug>/changes/", changes.History.as_view()),
    path("events/<slug:slug>/registrations/", registrations.EventRegistrations.as_view()),
    path("sessions/", sessions.Sessions.as_view()),
    path("sessions/repeat/", sessions.Repeat.as_view()),
    path("sessions/<uuid:uid>/", sessions.OneSession.as_view()),
    path("sessions/<uuid:uid>/cancel/", sessions.Cancel.as_view()),
    path("registrations/", registrations.Registrations.as_view()),
    path("registrations/<slug:code>/", registrations.OneRegistration.as_view()),
    path("registrations/<slug:code>/cancel/", registrations.Cancel.as_view()),
    path("changes/", changes.Changes.as_view()),
    path("imports/", imports.Imports.as_view()),
    path("imports/template.csv", imports.CsvTemplate.as_view()),
    path("imports/template.xlsx", imports.XlsxTemplate.as_view()),
]

urlpatterns = [
    *(path(f"api/v1/{route.pattern}", route.callback) for route in resources),
    path("api/schema/", schema.openapi, name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api(/.*)?$", NothingHere.as_view()),
]
