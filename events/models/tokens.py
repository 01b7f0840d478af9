"""Secrets: derived ones that open one door each, and random ones of which only a digest is stored (RULES 13)."""

import base64
import hashlib
import hmac
import secrets
import zlib
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare

KEY_PREFIX = "cbk_"
SIGNING_PREFIX = "whsec_"


def derive(*, kind: str, row_id: int, generation: int) -> str:
    """The token of one row for one door, 256 bits in base64url after the row's id; can be printed again any time."""
    message = f"{kind}:{row_id}:{generation}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"callboard-token:" + message, hashlib.sha256).digest()
    return f"{row_id:x}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def signing_secret(*, kind: str, uid: UUID, generation: int) -> str:
    """256 bits to sign with, as Standard Webhooks writes them; opens nothing. Can be printed again any time.

    By the row's uid: its number may be another's once an older backup was restored, who must not get the same secret.
    """
    message = f"{kind}:{uid}:{generation}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"callboard-signing:" + message, hashlib.sha256).digest()
    return f"{SIGNING_PREFIX}{base64.b64encode(digest).decode()}"


def derive_digits(*, kind: str, row_id: int, generation: int, digits: int) -> str:
    """So many digits for one row and door, to be typed; as guessable as they are few, so guesses must be counted."""
    secret = derive(kind=kind, row_id=row_id, generation=generation)
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    return f"{number % 10**digits:0{digits}d}"


def row_of(token: str) -> int | None:
    """Which row a derived token claims to open; None where it cannot be a token at all."""
    head = token.partition("-")[0]
    if not 1 <= len(head) <= 15:
        return None
    try:
        return int(head, 16)
    except ValueError:
        return None


def opens(token: str, *, kind: str, row_id: int, generation: int) -> bool:
    """Whether the token is the derived one, compared in constant time."""
    return constant_time_compare(token, derive(kind=kind, row_id=row_id, generation=generation))


def new_key() -> tuple[str, str]:
    """A fresh API key: (8-letter lookup part, whole key). Prefix, 256 random bits, checksum."""
    body = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
    return body[:8], f"{KEY_PREFIX}{body}{_checksum(body)}"


def lookup_of(key: str) -> str | None:
    """The lookup part of what may be a key; None for what cannot be one, without asking the database."""
    body, checksum = key[len(KEY_PREFIX) : -6], key[-6:]
    if not key.startswith(KEY_PREFIX) or len(body) != 52 or not constant_time_compare(checksum, _checksum(body)):
        return None
    return body[:8]


def digest(secret: str) -> str:
    """SHA-256 in hex, as stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"[:6]
