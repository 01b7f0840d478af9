"""The body of a message: what happened to what, and the address at which anybody who may reads what is so now.

No names of people, no codes: whoever reads a body on its way learns nothing that opens anything.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from events.hooks.kinds import TEST
from events.hooks.telling import News
from events.models import Change, Webhook

API = "/api/v1/"  # the domain knows the one address under which machines read it


def of_news(news: News, change: Change, *, seq: int) -> str:
    """JSON in one line, the same for ever: a later attempt is the same message."""
    programme = news.event.programme
    is_gone = news.kind == "event.removed"
    return _written(
        news.kind,
        change.at,
        change=str(change.uid),
        seq=seq,
        organization=programme.organization.slug,
        programme=None if is_gone else programme.slug,
        event=None if is_gone else news.event.slug,  # an event that is hidden may have another slug by now, on purpose
        event_uid=str(news.event.uid),
        session=news.session,
        **_order(change),
        **news.facts,
        url=_address(news, change),
    )


def of_trial(webhook: Webhook, *, seq: int, at: datetime) -> str:
    """What the test button sends."""
    return _written(
        TEST, at, change=None, seq=seq, organization=webhook.organization.slug,
        programme=webhook.programme.slug if webhook.programme is not None else None, event=None, event_uid=None,
        session=None, url=f"{settings.CALLBOARD_URL}{API}",
    )  # fmt: skip


def _order(change: Change) -> dict[str, int | None]:
    """Where it stands among all that can be asked for anew: schedule version, or position of a registration."""
    if change.registration_id is not None:
        return {"position": change.position}
    return {"version": change.version} if change.version is not None else {}


def _address(news: News, change: Change) -> str:
    if change.registration_id is not None:
        slug = news.event.programme.organization.slug
        path = f"organizations/{slug}/changes/?since={(change.position or 1) - 1}"
    elif news.kind in ("event.removed", "session.removed"):
        path = f"changes/?since={(change.version or 1) - 1}"
    elif news.session is not None:
        path = f"sessions/{news.session}/"
    else:
        path = f"events/{news.event.slug}/"
    return f"{settings.CALLBOARD_URL}{API}{path}"


def _written(kind: str, at: datetime, **data: Any) -> str:
    message = {"type": kind, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
