"""One code that everybody sends at once lets in as many as it says. The control shows what reading first does."""

import time
from collections import Counter
from datetime import datetime

import pytest

from events.models import SYSTEM, Event, Invitation
from events.operations import inviting
from tests import factories
from tests.factories import NOW
from tests.races.crowd import outcome, rush

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def invite(event: Event) -> Invitation:
    return inviting.invite(event=event, code="FESTIVAL", uses=10, actor=SYSTEM, now=NOW)[0]


def everybody_uses(invitation: Invitation) -> Counter[str]:
    def act(_client: int) -> list[str]:
        return [outcome(lambda: inviting.use(invitation=invitation, now=NOW)) for _time in range(5)]

    return Counter(rush(act))


def test_a_code_for_ten_lets_in_ten_of_forty() -> None:
    invitation = invite(factories.draft())

    outcomes = everybody_uses(invitation)

    assert outcomes == {"ok": 10, "code_required": 30}
    assert Invitation.objects.get().used == 10


def test_control_a_code_that_is_looked_at_before_it_is_counted_lets_in_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_then_count(*, invitation: Invitation, now: datetime) -> None:
        row = Invitation.objects.get(pk=invitation.pk)
        if row.used == row.uses:
            raise inviting._refusal()
        time.sleep(0.01)
        Invitation.objects.filter(pk=row.pk).update(used=row.used + 1)

    monkeypatch.setattr(inviting, "use", look_then_count)

    outcomes = everybody_uses(invite(factories.draft()))

    assert outcomes["ok"] > 10


def test_eight_who_make_the_same_code_at_once_make_one() -> None:
    event = factories.draft()

    outcomes = Counter(rush(lambda _client: [outcome(lambda: invite(event))]))

    assert outcomes == {"ok": 1, "code_taken": 7}
    assert Invitation.objects.count() == 1
