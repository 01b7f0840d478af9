"""`manage.py sweep`: what is due happens, and what has had its time goes.

Once a day is enough beside a worker; without one, every minute, by cron.
"""

from typing import Any

from django.contrib.sessions.models import Session as BrowserSession
from django.core.management.base import BaseCommand
from django.utils import timezone

from events.models.delivery import LANES
from events.notices import mailing
from events.operations import delivering, falling_due, guessing, repeating, signing_in


class Command(BaseCommand):
    help = (
        "Does what is due (offers, quotas, decisions, waitlists, reminders, messages), and forgets answers kept for"
        " retries, old sign-in codes, counts of wrong guesses and expired browser sessions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        due = falling_due.run(now=now)
        messages = 0
        for lane in LANES:
            while found := mailing.deliver(lane=lane, now=timezone.now()):
                messages += found
        keys = repeating.forget_old_keys(now=now)
        chances = signing_in.forget_old(now=now)
        guesses = guessing.forget_old(now=now)
        deliveries = delivering.forget_old(now=now)
        sessions = BrowserSession.objects.filter(expire_date__lt=now).delete()[0]
        done = ", ".join(f"{number} {what}" for what, number in due.items())
        self.stdout.write(f"Done: {done}, {messages} messages.")
        self.stdout.write(
            f"Forgotten: {keys} idempotency keys, {chances} sign-in codes, {guesses} counts of wrong guesses,"
            f" {deliveries} messages, {sessions} browser sessions."
        )
