"""A stranger's judge: schemathesis calls the API as its schema allows, and as it does not."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from events.models import SYSTEM
from events.operations import offering, placing, planning, releasing, replanning
from tests import factories

SECONDS = int(os.environ.get("CALLBOARD_TEST_FUZZING_SECONDS", "30"))
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Furnished:
    """The names of what there is, by field and by address; the key of an owner."""

    names: dict[str, list[str]]
    key: str


@pytest.fixture
def furnished(transactional_db: None, settings: Any) -> Furnished:
    """A little of everything."""
    settings.RATE_LIMITS = False
    now = timezone.now()
    ours = factories.organization("Ours", owner="owner@ours.example", now=now)
    programme = factories.programme("BIFF Workshops", of=ours, now=now)
    venue = factories.venue("Cinema Center", of=ours, now=now)
    room = factories.room("Room 201", at=venue, now=now)
    speaker = factories.speaker("Yoon Harin", of=ours, now=now)
    topic, audience = factories.topic("Light", now=now), factories.audience("student")
    campaign = factories.campaign("Grow Creative", of=ours, now=now)
    series = planning.create_series(programme=programme, fields={"title_en": "Runs"}, actor=SYSTEM, now=now)
    closure = placing.close(venue=venue, room=None, starts_at=now, ends_at=now + factories.HOUR)
    events = [factories.event(f"Lighting {n}", of=programme, capacity=500, now=now) for n in range(8)]
    events.append(factories.event("In a room", of=programme, room=room, speakers=[speaker], now=now))
    factories.key(ours, "viewer", now=now)
    registrations = [factories.register(events[0], number, now=now) for number in range(6)]
    invitations = [factories.code(events[1], now=now) for _number in range(6)]
    partner = factories.organization("KOFIC", owner="owner@kofic.example", now=now)
    quotas = [str(factories.quota(event, 5, "allotment", partner=partner, now=now).uid) for event in events[:8]]
    course = factories.event("Course", of=programme, registration="approval", capacity=3, now=now)
    applications = [factories.register(course, number, now=now) for number in range(6)]
    group = factories.group(events[2], 1, 2, now=now)
    events.append(course)
    drafts = [releasing.begin(programme=programme, fields={}, actor=SYSTEM, now=now) for _number in range(4)]
    releasing.edit(
        release=drafts[0], session=events[0].sessions.get(), fields={"title_en": "New"}, actor=SYSTEM, now=now
    )
    later = replanning.Later(minutes=5, event=events[1])
    moved = replanning.apply(programme=programme, asked=later, actor=SYSTEM, now=now)
    releases = [str(release.uid) for release in (*drafts, moved)]
    slugs = [event.slug for event in events]
    sessions = [str(event.sessions.get().uid) for event in events]
    names = {
        "organization": ["ours"], "programme": [programme.slug], "venue": [venue.slug], "room": [room.slug],
        "campaign": [campaign.slug], "series": [series.slug], "topic": [topic.slug], "parent": [topic.slug],
        "audience": [audience.slug], "event": slugs, "speaker": [speaker.slug], "topics": [topic.slug],
        "audiences": [audience.slug], "speakers": [speaker.slug], "starts_after": ["2026-12-01"],
        "starts_before": ["2030-12-01T10:00:00+09:00"], "updated_since": ["0"], "since": ["0"], "kind": ["talk"],
        "when": ["upcoming"], "has_seats": ["true"], "online": ["false"], "cancelled": ["hide"], "language": ["ko"],
        "organizations.slug": ["ours"], "organizations.lookup": [ours.api_keys.get().lookup],
        "programmes.slug": [programme.slug], "venues.slug": [venue.slug], "venues.uid": [str(closure.uid)],
        "rooms.slug": [room.slug], "campaigns.slug": [campaign.slug], "series.slug": [series.slug],
        "topics.slug": [topic.slug], "audiences.slug": [audience.slug], "speakers.slug": [speaker.slug],
        "events.slug": slugs, "sessions.uid": sessions, "registrations.code": [row.code for row in registrations],
        "quotas.uid": quotas, "quota": quotas, "invitations.uid": [str(row.uid) for row in invitations],
        "offers.token": [offering.token_of(row) for row in applications], "groups.code": [group.code],
        "group": [group.code], "releases.uid": releases, "releases.session": sessions, "release": releases,
        "to_room": [room.slug],
        "partner": [partner.slug], "codes": [row.code for row in applications],
        "starts_at": ["2027-03-01T10:00:00", "2027-03-02T10:00:00+09:00", "2027-04-05T10:00:00Z"],
        "ends_at": ["2027-04-05T12:00:00Z", "2027-04-06T12:00:00+09:00"],
        "timezone": ["Asia/Seoul", "America/New_York"], "rule": ["FREQ=WEEKLY;COUNT=3"],
    }  # fmt: skip
    return Furnished(names, factories.key(ours, "owner", now=now))


def test_no_call_finds_a_5xx_or_an_undocumented_answer(furnished: Furnished, live_server: Any, tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text(json.dumps(furnished.names))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{live_server.url}/api/schema/", "--url", live_server.url),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(SECONDS)),
        *("--continue-on-failure", "--seed", "1", "--no-color", "-H", f"Authorization: Bearer {furnished.key}"),
    ]
    hooks = {
        "PYTHONPATH": str(HERE),
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "CALLBOARD_TEST_NAMES": str(tmp_path / "names.json"),
    }

    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, check=False,
        timeout=SECONDS + 120,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    counts = {word: re.search(rf"{word}: (\d+)", run.stdout) for word in ("Selected", "Tested")}
    assert len({found[1] for found in counts.values() if found}) == 1
