"""Pages are asked at the real time, as browsers do, and nobody has asked before."""

from datetime import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone


@pytest.fixture(autouse=True)
def uncounted() -> None:
    """Limits count in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The time at which the test begins, which stands still until it ends."""
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment
