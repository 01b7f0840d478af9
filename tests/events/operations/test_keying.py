"""API keys: shown once, narrowed, rotated with an overlap, dead at their time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from events.errors import Invalid
from events.models import SYSTEM, Actor, ApiKey, Change, Grant
from events.models.key import EVERY_CHOICE
from events.operations import keying
from events.operations.keying import KeyEnded, TooManyKeys
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def alive(secret: str, *, now: datetime) -> bool:
    return keying.key_of(secret=secret, now=now) is not None


def test_a_key_is_shown_once_and_found_by_its_secret() -> None:
    row, secret = factories.issued(factories.organization(), scopes=["register", "read"])

    assert secret.startswith("cbk_")
    assert secret not in str((ApiKey.objects.values().get(), Change.objects.order_by("pk").values()))
    assert keying.key_of(secret=secret, now=NOW) == row
    assert (ApiKey.objects.get().last_used_at, ApiKey.objects.get().scopes) == (NOW, "read register")


def test_a_key_that_is_wrong_old_or_revoked_opens_nothing() -> None:
    row, secret = factories.issued(factories.organization(), "viewer")
    wrong = secret[:-7] + ("a" if secret[-7] != "a" else "b") + secret[-6:]

    assert not any(alive(one, now=NOW) for one in (wrong, "", "cbk_" + "ü" * 58))
    assert alive(secret, now=NOW + keying.LIVES - SECOND)
    assert not alive(secret, now=NOW + keying.LIVES)
    keying.revoke(key=row, actor=SYSTEM, now=NOW)
    assert not alive(secret, now=NOW)


def test_the_use_of_a_key_is_noted_once_a_minute(django_assert_num_queries: Any) -> None:
    _row, secret = factories.issued(factories.organization())
    keying.key_of(secret=secret, now=NOW)

    with django_assert_num_queries(1):
        keying.key_of(secret=secret, now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("expires_on", "until"),
    [
        (date(2026, 10, 1), datetime(2026, 10, 1, 15, 0, tzinfo=UTC)),  # today, until midnight in Seoul
        (date(2026, 12, 31), datetime(2026, 12, 31, 15, 0, tzinfo=UTC)),
        (date(2027, 10, 1), NOW + keying.LIVES),
        (None, NOW + keying.LIVES),
    ],
)
def test_a_key_is_good_until_the_end_of_its_day_a_year_at_most(expires_on: date | None, until: datetime) -> None:
    _row, secret = factories.issued(factories.organization(), expires_on=expires_on)

    assert (alive(secret, now=until - SECOND), alive(secret, now=until)) == (True, False)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"expires_on": date(2026, 9, 30)}, "expires_on"),
        ({"expires_on": date(2027, 10, 2)}, "expires_on"),
        ({"scopes": ["write"]}, "scopes"),
        ({"scopes": ["allotment"], "role": "viewer"}, "scopes"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": 100_001}, "requests_per_minute"),
    ],
)
def test_what_no_key_can_be_is_refused_by_name(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        factories.issued(factories.organization(), **values)

    assert (refusal.value.field, ApiKey.objects.count()) == (field, 0)


def test_owners_narrow_the_limit_of_every_key_and_operators_widen_it(settings: Any) -> None:
    settings.CALLBOARD_LIMITS = {"key": 600}
    office = factories.organization()
    owner = Actor(kind="person", person_id=office.members.get().person_id, roles={office.pk: "owner"})

    def issue(number: int, actor: Actor) -> ApiKey:
        return keying.issue(
            organization=office, role="viewer", name="", requests_per_minute=number, actor=actor, now=NOW
        )[0]  # fmt: skip

    with pytest.raises(Invalid, match="600"):
        issue(601, owner)
    assert [issue(600, owner).requests_per_minute, issue(601, SYSTEM).requests_per_minute] == [600, 601]


def test_so_many_keys_are_good_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keying, "MOST", 2)
    office = factories.organization()
    first, _secret = factories.issued(office)
    second, _secret = keying.rotate(key=first, actor=SYSTEM, now=NOW)

    for act in (
        lambda: factories.issued(office),
        lambda: keying.rotate(key=second, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(TooManyKeys):
            act()
    factories.issued(factories.organization("Other", owner="other@demo.example"))
    keying.revoke(key=second, actor=SYSTEM, now=NOW)
    factories.issued(office)


def test_the_database_knows_the_scopes_too() -> None:
    row, _secret = factories.issued(factories.organization())

    assert len(EVERY_CHOICE) == 8
    for wrong in ({"scopes": "register read"}, {"scopes": "write"}, {"scopes": "read", "line": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiKey.objects.filter(pk=row.pk).update(**wrong)


def test_a_key_with_scopes_holds_no_role_beyond_reading() -> None:
    office = factories.organization()

    actors = [factories.key_actor(office, "owner", scopes=given) for given in ([], ["read"], ["register"])]

    assert [dict(actor.roles) for actor in actors] == [{office.pk: "owner"}, {office.pk: "viewer"}, {}]
    assert [actor.grant and (actor.grant.role, sorted(actor.grant.scopes)) for actor in actors] == [
        None,
        ("owner", ["read"]),
        ("owner", ["register"]),
    ]


@pytest.mark.parametrize(
    ("role", "scopes", "nominates"),
    [
        ("editor", {"allotment"}, True),
        ("viewer", {"allotment"}, False),
        ("owner", {"read", "register"}, False),
    ],
)
def test_who_nominates_has_the_scope_and_the_role(role: Any, scopes: set[str], nominates: bool) -> None:
    row, _secret = factories.issued(factories.organization())
    assert row.line is not None

    actor = Actor(kind="key", grant=Grant(organization_id=7, role=role, scopes=frozenset(scopes), line=row.line))

    assert bool(actor.nominating) is nominates


@pytest.mark.parametrize(("hours", "until"), [(24, 24), (1, 1), (0, 0)])
def test_the_old_key_lives_on_for_the_overlap(hours: int, until: int) -> None:
    old, secret = factories.issued(
        factories.organization(), scopes=["register"], requests_per_minute=9, expires_on=date(2026, 12, 31)
    )  # fmt: skip
    now = NOW + 10 * DAY

    new, fresh = keying.rotate(key=old, actor=SYSTEM, now=now, overlap=hours * HOUR)

    assert (alive(secret, now=now + until * HOUR - SECOND), alive(secret, now=now + until * HOUR)) == (True, False)
    old.refresh_from_db()
    assert old.expires_at is not None
    same = ("role", "scopes", "name", "line", "requests_per_minute", "organization_id")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert (new.replaces, new.expires_at) == (old, now + (datetime(2026, 12, 31, 15, 0, tzinfo=UTC) - NOW))
    assert alive(fresh, now=now)
    assert [(change.kind, change.before) for change in Change.objects.order_by("pk")] == [
        ("key.issued", {}),
        ("key.rotated", {"key": old.lookup}),
    ]


def test_an_overlap_does_not_lengthen_the_old_keys_life() -> None:
    old, secret = factories.issued(factories.organization(), expires_on=date(2026, 10, 1))
    assert old.expires_at is not None

    keying.rotate(key=old, actor=SYSTEM, now=old.expires_at - HOUR)

    assert not alive(secret, now=old.expires_at)


@pytest.mark.parametrize("how", ["rotated", "revoked", "expired"])
def test_a_key_that_has_ended_has_no_successor(how: str) -> None:
    old, _secret = factories.issued(factories.organization())
    if how == "rotated":
        keying.rotate(key=old, actor=SYSTEM, now=NOW)
    elif how == "revoked":
        keying.revoke(key=old, actor=SYSTEM, now=NOW)
    number = ApiKey.objects.count()

    with pytest.raises(KeyEnded):
        keying.rotate(key=old, actor=SYSTEM, now=NOW + (keying.LIVES if how == "expired" else HOUR))

    assert ApiKey.objects.count() == number


@pytest.mark.parametrize("hours", [-1, 25])
def test_an_overlap_is_a_day_at_most(hours: int) -> None:
    old, _secret = factories.issued(factories.organization())

    with pytest.raises(Invalid):
        keying.rotate(key=old, actor=SYSTEM, now=NOW, overlap=hours * HOUR)


def test_revoking_kills_one_key_and_keeps_its_history() -> None:
    old, secret = factories.issued(factories.organization(), scopes=["register"])
    event = factories.event()
    factories.register(event, 1, actor=old.as_actor())
    _new, fresh = keying.rotate(key=old, actor=SYSTEM, now=NOW)
    told = list(Change.objects.order_by("pk").values())

    for _time in range(2):
        keying.revoke(key=old, actor=SYSTEM, now=NOW)

    assert (alive(secret, now=NOW), alive(fresh, now=NOW)) == (False, True)
    assert list(Change.objects.order_by("pk").values())[: len(told)] == told
    assert Change.objects.filter(kind="key.revoked").count() == 1
    assert event.registrations.get().made_through == old
