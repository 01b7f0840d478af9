"""`manage.py retime`: after a zone-data update, sessions keep the wall time that was meant."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.models import SYSTEM
from events.operations import scheduling
from venues.errors import Refusal


class Command(BaseCommand):
    help = "Recomputes UTC times from the stored local starts. Run it after an update of the tzdata package."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moved = scheduling.retime(actor=SYSTEM, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(f"Nothing was moved: {refusal.message}") from refusal
        for session in moved:
            self.stdout.write(f"{session.uid} {session.starts_on} {session.starts_local:%H:%M} {session.timezone}")
        self.stdout.write(f"{len(moved)} sessions moved.")
