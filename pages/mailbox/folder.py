"""The folder of mails: one file for each, the newest two thousand. Known to the mail server and to the pages alone.

Webhooks that came to the demo lie in another one, under another `suffix`.
"""

import os
import re
import secrets
import time
from pathlib import Path

MOST = 2_000
NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")  # nanoseconds since 1970 when it came, and something of its own
SUFFIX = ".eml"


def keep(folder: Path, raw: bytes, *, suffix: str = SUFFIX) -> str:
    """The mail is in the folder, whole; the oldest ones that are too many are gone. Its name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    written = folder / f"{name}.part"
    written.write_bytes(raw)
    written.replace(folder / f"{name}{suffix}")  # whoever lists the folder never meets half a mail
    for old in names(folder, suffix=suffix)[MOST:]:
        (folder / f"{old}{suffix}").unlink(missing_ok=True)
    return name


def names(folder: Path, *, suffix: str = SUFFIX) -> list[str]:
    """The newest first."""
    try:
        found = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted((name.removesuffix(suffix) for name in found if name.endswith(suffix)), reverse=True)


def read(folder: Path, name: str, *, most: int = -1, suffix: str = SUFFIX) -> bytes | None:
    """The mail, or its first `most` bytes; None where there is none of that name."""
    if not NAME.fullmatch(name):
        return None
    try:
        with (folder / f"{name}{suffix}").open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None


def came_at(name: str) -> float:
    """Seconds since 1970."""
    return int(name.partition("-")[0]) / 1e9
