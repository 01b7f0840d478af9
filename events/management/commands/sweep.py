"""`manage.py sweep`: what is due happens, and what has had its time goes.

A worker does the same; without one, call it every minute, by cron.
"""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events.models.delivery import LANES
from events.notices import calling, mailing
from events.operations import falling_due, tidying


class Command(BaseCommand):
    help = (
        "Does what is due (offers, quotas, decisions, waitlists, reminders, messages), and forgets answers kept for"
        " retries, old sign-in codes and messages, counts of wrong guesses and of API keys, expired browser sessions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        due = falling_due.run(now=now)
        messages = 0
        for lane in LANES:
            while found := mailing.deliver(lane=lane, now=timezone.now()):
                messages += found
        while calling.deliver()[0]:
            pass
        forgotten = tidying.forget_old(now=now)
        self.stdout.write(f"Done: {_counted(due)}, {messages} messages.")
        self.stdout.write(f"Forgotten: {_counted(forgotten)}.")


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in found.items())
