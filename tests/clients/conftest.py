"""A service with a few events, for clients that are programs of their own."""

from dataclasses import asdict, dataclass

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from tests import factories


@dataclass(frozen=True)
class Service:
    """Its address, a key of an editor, and the slugs of an event with 20 seats and of one without any left."""

    address: str
    key: str
    open: str
    full: str

    def as_told(self) -> dict[str, str]:
        return asdict(self)


@pytest.fixture
def service(live_server: LiveServer, transactional_db: None) -> Service:
    cache.clear()
    now = timezone.now()
    ours = factories.organization("Ours", now=now)
    programme = factories.programme(of=ours, now=now)
    lighting, _mixing, _camera = (
        factories.event(title, of=programme, capacity=20, now=now) for title in ("Lighting", "Mixing", "Camera")
    )
    full = factories.event("Grading", of=programme, capacity=1, waitlist="off", now=now)
    factories.register(full, 1, now=now)
    factories.event("A talk", of=programme, kind="talk", now=now)
    return Service(live_server.url, factories.key(ours, now=now), lighting.slug, full.slug)
