"""`python -m bench.waiting [ADDRESS]`: how long somebody who registers waits for the mail, in a demo that runs.

People register over the API of a `make run`, one after the other; its mailbox says when each mail came, by the same
clock. So the time holds all of it: the answer, the wake-up, writing the mail, SMTP.
"""

import json
import re
import statistics
import sys
import time
import urllib.parse
import urllib.request
import uuid
from typing import Any

PEOPLE = 20
PAUSE_SECONDS = 0.5  # between two people: each is to wait alone
PATIENCE_SECONDS = 60
CAME = re.compile(r"/demo/mailbox/(\d{20})-[0-9a-f]{8}/")


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    event = open_event(address)
    run = uuid.uuid4().hex[:8]
    began = {}
    for number in range(PEOPLE):
        email = f"waiting-{run}-{number}@bench.example"
        began[email] = time.time()
        register(address, event, email)
        time.sleep(PAUSE_SECONDS)
    waits = sorted(arrival(address, email) - at for email, at in began.items())
    median, worst = statistics.median(waits), waits[-1]
    print(f"{PEOPLE} people registered for {event}: median {median:.2f} s, slowest {worst:.2f} s until their mail came")
    sys.exit(median >= 2)


def open_event(address: str) -> str:
    """One with seats enough for all of them, and without questions or codes."""
    events = get(f"{address}/api/v1/events/?when=upcoming&has_seats=true&page_size=200")["results"]
    fits = [one for one in events if one["registration"] == "open" and not (one["needs_code"] or one["needs_proof"])]
    roomy = [one for one in fits if one["seats_left"] is None or one["seats_left"] > PEOPLE]
    if not roomy:
        sys.exit("No event of this demo has seats for so many; `make reset` starts over.")
    return str(roomy[-1]["slug"])


def register(address: str, event: str, email: str) -> None:
    body = {"name": "Waiting", "email": email, "language": "ko", "audience": "student"}
    request = urllib.request.Request(
        f"{address}/api/v1/events/{event}/registrations/", json.dumps(body).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex},
    )  # fmt: skip
    urllib.request.urlopen(request, timeout=30).close()


def arrival(address: str, email: str) -> float:
    """When the mail came, in seconds since 1970."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        with urllib.request.urlopen(f"{address}/demo/mailbox/?to={urllib.parse.quote(email)}", timeout=30) as page:
            found = CAME.search(page.read().decode())
        if found:
            return int(found[1]) / 1e9
        time.sleep(0.5)
    sys.exit(f"No mail to {email} came within {PATIENCE_SECONDS} seconds.")


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
