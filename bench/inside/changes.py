"""One real change for each line on standard input: a session gets another title, by the operation that people use."""

import secrets
import sys
from datetime import UTC, datetime

from django.db import connection

from events.models import SYSTEM, Session
from events.operations import scheduling


def main() -> None:
    """Says first which database process serves it (0: none), so that its time can be left out."""
    connection.ensure_connection()
    served_by = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0
    _say(served_by)
    ids = list(Session.objects.order_by("starts_at", "pk").values_list("pk", flat=True))
    for number, _line in enumerate(sys.stdin):
        session = Session.objects.select_related("event").get(pk=ids[number % len(ids)])
        # New each time, in a second run too; as many letters each time, so that answers have the same length.
        title = f"Part {secrets.token_hex(4)}"
        scheduling.amend(session=session, fields={"title_en": title}, actor=SYSTEM, now=datetime.now(UTC))
        _say("changed")


def _say(words: object) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
