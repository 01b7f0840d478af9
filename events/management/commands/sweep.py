"""`manage.py sweep`: what has had its time goes. Once a day is enough."""

from typing import Any

from django.contrib.sessions.models import Session as BrowserSession
from django.core.management.base import BaseCommand
from django.utils import timezone

from events.operations import organizing, repeating


class Command(BaseCommand):
    help = "Forgets answers kept for retries, used or old sign-in codes, and expired browser sessions."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        keys = repeating.forget_old_keys(now=now)
        chances = organizing.forget_old_chances(now=now)
        sessions = BrowserSession.objects.filter(expire_date__lt=now).delete()[0]
        self.stdout.write(f"Forgotten: {keys} idempotency keys, {chances} sign-in codes, {sessions} browser sessions.")
