"""The demo's second site: another origin, a strict policy, and our list by script and in a frame."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import LazySettings

from config.management.commands.serve import name_partner_site, partner_site
from events.models import Organization
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
HERE, OURS = "http://localhost:8001", "http://127.0.0.1:8000"


def test_it_serves_pages_with_both_origins_filled_in_until_its_starter_has_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = f"http://127.0.0.1:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "config.partner_site", str(listening.fileno()), HERE, OURS]
        with subprocess.Popen(
            command, cwd=ROOT, pass_fds=[listening.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            answers = {path: urllib.request.urlopen(f"{site}{path}", timeout=20) for path in
                       ("/partner.html", "/partner-en.html", "/partner.css", "/")}  # fmt: skip
            texts = {path: answer.read().decode() for path, answer in answers.items()}
            with pytest.raises(urllib.error.HTTPError) as nothing:
                urllib.request.urlopen(f"{site}/../config/settings.py", timeout=20)
            nothing.value.close()
            assert process.stdin is not None
            process.stdin.close()
            code = process.wait(timeout=20)

    assert (nothing.value.code, code) == (404, 0)
    assert texts["/"] == texts["/partner.html"] != texts["/partner-en.html"]
    for path, answer in answers.items():
        assert answer.headers["Content-Security-Policy"] == (
            f"default-src 'none'; script-src {OURS}; connect-src {OURS}; frame-src {OURS}; style-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        if path != "/partner.css":
            assert f'<script type="module" src="{OURS}/embed/v1.js">' in texts[path]
            assert f'<iframe src="{OURS}/embed/events/?organization=kofic&amp;when=upcoming&amp;lang=' in texts[path]
            assert "return=http%3A%2F%2Flocalhost%3A8001%2Fpartner" in texts[path]
            assert "style=" not in texts[path]


@pytest.mark.django_db
def test_the_council_names_the_site_of_this_start_beside_its_own(settings: LazySettings) -> None:
    settings.DEMO = True
    factories.organization("KOFIC", slug="kofic", sites=["https://www.kofic.or.kr", "http://localhost:9001"])

    name_partner_site("http://localhost:8001")
    first = Organization.objects.get()
    name_partner_site("http://localhost:8001")

    assert first.sites == ["https://www.kofic.or.kr", "http://localhost:8001"]
    assert Organization.objects.get().revision == first.revision


def test_where_something_else_listens_the_demo_goes_on_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, partner_site(taken.getsockname()[1]) as site:
        assert site is None

    assert "the demo goes on without a partner's site" in capsys.readouterr().out
