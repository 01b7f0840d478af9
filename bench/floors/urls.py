"""The floor's addresses: where ours has an address of the same path, so that links in answers are the same too."""

from django.urls import path

from bench.floors import feeds, lists, registering

urlpatterns = [
    path("bytes/<str:name>", feeds.kept),
    path("joined/<str:name>", feeds.joined),
    path("joined-by-sql/<str:name>", feeds.joined_by_sql),
    path("api/v1/events/", lists.Events.as_view({"get": "list"})),
    path("registrations/whole/<slug:slug>", registering.whole),
    path("registrations/minimal/<slug:slug>", registering.minimal),
]
