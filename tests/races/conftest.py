"""After a race that kept its promise, every invariant holds."""

from collections.abc import Iterator

import pytest

from events.reports import audit


@pytest.fixture
def audited(db: None, transactional_db: None) -> Iterator[None]:
    """The auditor finds nothing when the test is over."""
    yield
    assert list(audit.run()) == []
