"""The folder of mails: one file for each, the newest two thousand. Known to the mail server and to the pages alone."""

import os
import re
import secrets
import time
from pathlib import Path

MOST = 2_000
NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")  # nanoseconds since 1970 when it came, and something of its own
SUFFIX = ".eml"


def keep(folder: Path, raw: bytes) -> str:
    """The mail is in the folder, whole; the oldest ones that are too many are gone. Its name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    written = folder / f"{name}.part"
    written.write_bytes(raw)
    written.replace(folder / f"{name}{SUFFIX}")  # whoever lists the folder never meets half a mail
    for old in names(folder)[MOST:]:
        (folder / f"{old}{SUFFIX}").unlink(missing_ok=True)
    return name


def names(folder: Path) -> list[str]:
    """The newest first."""
    try:
        found = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted((name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX)), reverse=True)


def read(folder: Path, name: str, *, most: int = -1) -> bytes | None:
    """The mail, or its first `most` bytes; None where there is none of that name."""
    if not NAME.fullmatch(name):
        return None
    try:
        with (folder / f"{name}{SUFFIX}").open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None


def came_at(name: str) -> float:
    """Seconds since 1970."""
    return int(name.partition("-")[0]) / 1e9
