"""`manage.py run_worker`: offers expire on time, freed seats go out, and people are told, until it is stopped."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events import tasks

LOOK_AFTER_THREADS_SECONDS = 10
STOPS = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "The background worker: as many as wanted, on as many machines. SIGTERM or Ctrl+C let it finish its job."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "-n", "--no-periodic", action="store_true",
            help="only do what others wake it for: for further workers beside one that looks every minute",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for each in STOPS:
            signal.signal(each, lambda *_: stop.set())
        lanes = opened()
        consumers = [
            lane.engine.create_consumer(
                workers=lane.threads,
                periodic=not options["no_periodic"],
                initial_delay=0.1,
                max_delay=lane.longest_pause,
            )
            for lane in lanes
        ]
        for consumer in consumers:
            start(consumer, stop)
        for lane in lanes:
            lane.wake()  # what fell due while nobody worked
        self.stdout.write("worker running")
        self.stdout.flush()
        while not stop.wait(LOOK_AFTER_THREADS_SECONDS):
            for consumer in consumers:
                consumer.check_worker_health()
        for consumer in consumers:
            consumer.stop_flag.set()  # all of them, before the first is waited for
        for consumer in consumers:
            consumer.stop(graceful=True)


def opened() -> list[tasks.Lane]:
    """Every lane, or one sentence about a store that cannot be opened; never its address, which holds a password."""
    try:
        return [tasks.lane(name) for name in tasks.LANES]
    except Exception as problem:
        raise CommandError(f"The store that TASK_URL names cannot be opened ({type(problem).__name__}).") from problem


def start(consumer: Any, stop: threading.Event) -> None:
    """Its threads run; signals still mean `stop`. The engine takes them for its own at its start, and stops at once."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    consumer.start()
    for each in STOPS:
        signal.signal(each, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
