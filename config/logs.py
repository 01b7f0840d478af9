"""What is written down about requests: addresses, but not the secrets in them (RULES 13)."""

import logging
import re

SECRETS = re.compile(
    r"((?:/registrations|/personal|/calendars/rooms/[^/\s]+|/groups|/offers|/organize/sign-in|/my/(?:sign-in|cancel|accept|decline|move))/)[^/?\s]{10,}"
)


class WithoutSecrets(logging.Filter):
    """Codes, calendar tokens and sign-in links open a door for whoever reads them, so they are cut out of each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        record.msg, record.args = SECRETS.sub(r"\1...", message), None
        return True


class WithoutConflicts(logging.Filter):
    """A full event says 409 to everybody who comes too late: a line for each tells nothing and costs as much again."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 409
