"""Addresses of the desk of one programme, below /organize/programmes/<slug>/."""

from django.urls import path

from pages.organizer import releases, replans

urlpatterns = [
    path("replan/", replans.replan_page, name="organize-replan"),
    path("releases/", releases.releases_page, name="organize-releases"),
    path("releases/begin/", releases.begin, name="organize-release-begin"),
    path("releases/<uuid:uid>/", releases.release_page, name="organize-release"),
    path("releases/<uuid:uid>/words/", releases.set_words, name="organize-release-words"),
    path("releases/<uuid:uid>/edit/", releases.edit_session, name="organize-release-edit"),
    path("releases/<uuid:uid>/forget/<uuid:session>/", releases.forget, name="organize-release-forget"),
    path("releases/<uuid:uid>/release/", releases.carry_out, name="organize-release-carry-out"),
    path("releases/<uuid:uid>/discard/", releases.discard, name="organize-release-discard"),
    path("releases/<uuid:uid>/undo/", releases.undo, name="organize-release-undo"),
]
