"""`manage.py demo`: load the demo world, again without harm."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from fixtures import world


class Command(BaseCommand):
    help = "Loads the demo world: Grow Creative at BIFF. Again: only its dates move, so that it stays upcoming."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = world.load(now=timezone.now())
        if options["verbosity"] < 1:
            return
        state = "loaded" if loaded.is_new else "there already; its dates count from today again"
        self.stdout.write(f"The demo world is {state}: {loaded.events} events, {loaded.registrations} registrations.")
        if loaded.key:
            self.stdout.write(f"API key of {world.OFFICE[2]}, shown this once: {loaded.key}")
