"""How gunicorn serves Callboard: `gunicorn --config python:config.gunicorn config.wsgi`."""

import os
from typing import Any

from django.utils import timezone

bind = os.environ.get("CALLBOARD_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# Threads let a slow client wait without blocking the next one; each keeps its own database connection.
worker_class = "gthread"
threads = 4
# Loaded once and then forked: workers share memory, and a wrong environment stops the start instead of looping.
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
# Above every limit of ours, so that refusals come from us, with a reason.
limit_request_line = 8190
# Nobody tells gunicorn the scheme or the script's name: Django reads X-Forwarded-* if CALLBOARD_PROXIES says so.
forwarded_allow_ips = ""
loglevel = os.environ.get("CALLBOARD_LOG_LEVEL", "warning")
control_socket_disable = True


def worker_exit(server: Any, worker: Any) -> None:
    """A worker that ends in order writes down how much API keys were used, which it counted in memory."""
    from events.operations import metering  # noqa: PLC0415  Django is set up by then, and was not when this was read

    metering.write_down(now=timezone.now())
