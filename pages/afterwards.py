"""What is done once an answer is sent: how long it takes tells nobody anything."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpResponse

R = TypeVar("R", bound=HttpResponse)
logger = logging.getLogger(__name__)


def then(response: R, act: Callable[[], Any]) -> R:
    """The same response; `act` runs when it is closed. A failure there is logged, and changes no answer.

    Sending a mail takes longer than finding that there is nobody to send it to.
    """
    close = response.close

    def act_and_close() -> None:
        try:
            act()
        except Exception:
            logger.exception("What was to be done after the answer failed.")
        finally:
            close()

    response.close = act_and_close
    return response
