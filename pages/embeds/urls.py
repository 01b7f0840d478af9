"""Addresses of what stands on other people's sites. They carry no language; the markup around them says it."""

from django.urls import path

from pages.embeds import frame, script

urlpatterns = [
    path("events/", frame.frame, name="embed-frame"),
    path("v1.js", script.script, {"name": "v1.js"}, name="embed-script"),
    path("v1-frame.js", script.script, {"name": "v1-frame.js"}, name="embed-resizer"),
]
