"""Codes that could be guessed elsewhere. How often somebody may guess: tests/events/operations/test_guessing.py."""

import math

import pytest

from events.models import ANONYMOUS, SYSTEM, Registration
from events.models.tokens import derive
from events.operations import grouping, inviting, offering
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_hi_events_18_one_code_says_nothing_of_the_next() -> None:
    """https://github.com/HiEventsDev/Hi.Events/issues/18

    The QR code of a ticket was the order's number with -1, -2, -3 behind it: with one ticket of a group one had them
    all. Here each person of a group has a code and a ticket of 130 random bits of their own.
    """
    event = factories.event(capacity=5)
    people = [factories.applicant(number) for number in (1, 2, 3)]

    booked = grouping.register(event=event, booker=people[0], people=people, actor=ANONYMOUS, now=NOW)

    secrets = [booked.group.code, *(text for row in booked.registrations for text in (row.code, row.ticket))]
    assert {len(text) for text in secrets} == {26}
    assert set("".join(secrets)) <= ALPHABET
    assert len({text[:6] for text in secrets}) == len(secrets) == 7
    assert 26 * math.log2(len(ALPHABET)) == 130


def test_cve_2026_41471_a_running_number_opens_nothing() -> None:
    """CVE-2026-41471: orders could be read by counting their ids up and down.

    Here a number is never the address of a registration, and a token that names the right row without its secret is
    none.
    """
    rows = factories.crowd(factories.event(capacity=5), range(3))
    tokens = [offering.token_of(row) for row in rows]

    guesses = [text for row in rows for text in (str(row.pk), f"{row.pk:x}", f"{row.pk:x}-", f"{row.pk:x}-{row.pk}")]
    swapped = [f"{rows[1].pk:x}-{tokens[0].partition('-')[2]}", derive(kind="manage", row_id=rows[0].pk, generation=0)]

    assert [offering.find(token=text) for text in [*guesses, *swapped]] == [None] * 14
    assert Registration.objects.filter(code__in=guesses).count() == 0
    assert [offering.find(token=token) for token in tokens] == rows


def test_cve_2026_41471_invitation_codes_are_no_series() -> None:
    """The same for what an organizer hands out by the hundred: 59 random bits each, without look-alikes."""
    event = factories.event(needs_code=True)

    codes = [row.code for row in inviting.invite(event=event, number=100, actor=SYSTEM, now=NOW)]

    assert ({len(code) for code in codes}, len({code[:6] for code in codes})) == ({12}, 100)
    assert set("".join(codes)) <= set(inviting.ALPHABET)
    assert math.floor(12 * math.log2(len(inviting.ALPHABET))) == 59
