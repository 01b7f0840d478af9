"""What is written down about requests: addresses, but not the secrets in them (RULES 13)."""

import logging
import re

# By where they stand, and in mistyped addresses by their shape: a code of Base32, a derived token, a named secret.
PLACES = (
    "/registrations", "/attendees", "/personal", r"/calendars/rooms/[^/\s]+", "/groups", "/offers", "/organize/sign-in",
    "/my/(?:sign-in|cancel|accept|decline|move)",
)  # fmt: skip
SECRETS = re.compile(
    rf"((?:{'|'.join(PLACES)})/)[^/?\s]{{10,}}|(?-i:\b[A-Z2-7]{{26}}\b)|\b[0-9a-f]{{1,15}}-[\w-]{{43}}"
    r"|cbk_\w+|whsec_[\w+/=%]+",
    re.IGNORECASE,
)


class WithoutSecrets(logging.Filter):
    """Codes, calendar tokens and sign-in links open a door for whoever reads them, so they are cut out of each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        record.msg, record.args = SECRETS.sub(lambda found: f"{found[1] or ''}...", message), None
        return True


class WithoutConflicts(logging.Filter):
    """A full event says 409 to everybody who comes too late: a line for each tells nothing and costs as much again."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 409
