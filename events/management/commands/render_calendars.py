"""`manage.py render_calendars`: rebuild the stored calendar texts."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events.operations import rendering


class Command(BaseCommand):
    help = "Renders every calendar entry anew, as after a change of CALLBOARD_URL. Entries that differ are announced."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = rendering.render_all(clock=timezone.now)
        if options["verbosity"]:
            self.stdout.write(f"{changed} sessions rendered anew.")
