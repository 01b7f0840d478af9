"""What has had its time goes: answers kept for retries, codes, counts of guesses, old messages, browsers' sessions."""

from collections import Counter
from datetime import datetime

from django.contrib.sessions.models import Session as BrowserSession

from events.operations import delivering, guessing, hooking, metering, repeating, signing_in


def forget_old(*, now: datetime) -> Counter[str]:
    """How much of what is gone."""
    return Counter({
        "idempotency keys": repeating.forget_old_keys(now=now),
        "sign-in codes": signing_in.forget_old(now=now),
        "counts of wrong guesses": guessing.forget_old(now=now),
        "days of API keys": metering.forget_old(now=now),
        "messages": delivering.forget_old(now=now),
        "webhook messages": hooking.forget_old(now=now),
        "browser sessions": BrowserSession.objects.filter(expire_date__lt=now).delete()[0],
    })  # fmt: skip
