"""What follows an answer: not before it is sent, and never in its way."""

import pytest
from django.http import HttpResponse

from pages import afterwards

pytestmark = pytest.mark.django_db  # a closed answer closes connections


def test_it_is_done_when_the_answer_is_closed() -> None:
    done: list[str] = []

    answer = afterwards.then(HttpResponse("there"), lambda: done.append("mailed"))
    before = list(done)
    answer.close()

    assert (answer.content, before, done, answer.closed) == (b"there", [], ["mailed"], True)


def test_a_failure_is_logged_and_the_answer_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ConnectionRefusedError("no mail server")

    answer = afterwards.then(HttpResponse(), fail)
    answer.close()

    assert "What was to be done after the answer failed." in caplog.text
    assert answer.closed
