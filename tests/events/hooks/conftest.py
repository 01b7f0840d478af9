"""Certificates, made once, and trusted as an operator has them trusted."""

from collections.abc import Iterator

import pytest

from events.hooks import posting
from tests.certificates import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certificates]:
    """Our authority is one of the system's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    posting._trust.cache_clear()
    yield certificates
    posting._trust.cache_clear()
