"""What is done once an answer is sent: how long it takes tells nobody anything."""

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

logger = logging.getLogger(__name__)


def then(response: HttpResponse, act: Callable[[], Any]) -> HttpResponse:
    """The same response; `act` runs when it is closed. A failure there is logged, and changes no answer."""
    close = response.close

    def act_and_close() -> None:
        try:
            act()
        except Exception:
            logger.exception("What was to be done after the answer failed.")
        finally:
            close()

    response.close = act_and_close  # type: ignore[method-assign]
    return response
