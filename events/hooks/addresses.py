"""Where a webhook may go: to the outside, and nowhere else. Judged are the addresses that a name leads to (SAFETY 4.2).

Whoever may name a webhook's address makes this server open connections. Words in an address prove nothing (`127.1`,
`0x7f000001` and a name under anybody's domain lead inside), so it is resolved once, every address found must be public
by the list here, and the connection is made to an address that was judged, never to the name.
"""

import re
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.utils.translation import gettext as _

from events.errors import Invalid

LONGEST = 500  # characters of an address
HTTPS, HTTP = 443, 80
MOST_WAITING = 32  # look-ups that hang, before further ones fail at once
MOST_TRIED = 4  # addresses of one name

# Every block that the registries of special purposes name (IANA, RFC 6890), whether "globally reachable" or not: none
# of them holds anybody's web server. Python's `is_global` knows fewer.
SPECIAL_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's translation; a cloud's metadata
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # a cloud's own services, at an address that looks public
        "169.254.0.0/16",  # this link; clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols; a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Of IPv6 only 2000::/3 is given out at all. Outside of it lie ::1, mapped and compatible IPv4 (::ffff:127.0.0.1,
# ::127.0.0.1), translation (64:ff9b::/96, 64:ff9b:1::/48), 100::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10 and
# ff00::/8.
GIVEN_OUT_V6 = IPv6Network("2000::/3")
SPECIAL_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address stands in it
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
SHAPE = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<v6>[0-9a-f:.]{2,45})\]|(?P<name>[^\s/?#@:\[\]\\%]{1,253}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:/[A-Za-z0-9\-._~:/@!$&'()*+,;=%]*)?(?:\?[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*)?)",
    re.IGNORECASE | re.ASCII,
)
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)

_waiting = threading.BoundedSemaphore(MOST_WAITING)


class NotAnAddress(Invalid):
    """A webhook cannot be sent there, whatever the name leads to."""


class NoPublicAddress(Exception):
    """The name leads nowhere, or inside. Which of the two is nobody's business who may not look into our network."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host` is lower-case ASCII without brackets; `is_extra`: the operator lets it inside."""

    scheme: str
    host: str
    port: int
    path: str  # with the query; begins with a slash
    is_extra: bool

    @property
    def pair(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def netloc(self) -> str:
        return self.pair.removesuffix(f":{HTTPS if self.scheme == 'https' else HTTP}")

    @property
    def url(self) -> str:
        """The one way to write it."""
        return f"{self.scheme}://{self.netloc}{self.path}"


def check_url(url: str) -> Target:
    """The address, taken apart; NotAnAddress with a sentence where nothing may ever be sent to it.

    https at port 443 with nothing hidden in it, or exactly a pair of WEBHOOK_EXTRA_TARGETS. Where its name leads is
    judged when something is sent: that can change at any time.
    """
    if len(url) > LONGEST:
        raise _refusal(_("The address is too long: at most 500 characters."))
    if "#" in url or "@" in url.split("//", 1)[-1].split("/", 1)[0]:
        raise _refusal(_("Write the address without a user name, a password and a #."))
    found = SHAPE.fullmatch(url)
    if found is None:
        raise _refusal(_("Write a whole address, such as https://www.example.org/webhook."))
    scheme = found["scheme"].lower()
    host = _v6(found["v6"]) if found["v6"] else _ascii(found["name"])
    port = int(found["port"] or (HTTPS if scheme == "https" else HTTP))
    path = "/" + found["rest"].removeprefix("/")
    target = Target(scheme, host, port, path, is_extra=False)
    if target.pair in settings.WEBHOOK_EXTRA_TARGETS:
        return replace(target, is_extra=True)
    if scheme != "https" or port != HTTPS:
        raise _refusal(_("Webhooks are sent by https, to port 443."))
    return target


def is_public(address: str) -> bool:
    """Whether it is an address of the outside. One with a zone is of this link."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in block for block in SPECIAL_V4)
    if parsed.scope_id is not None or parsed not in GIVEN_OUT_V6:
        return False
    return not any(parsed in block for block in SPECIAL_V6)


def resolved(target: Target, *, seconds: float) -> list[str]:
    """The addresses to connect to, asked for once. NoPublicAddress if there is none or any of them is not public.

    One of them inside is enough to refuse all: whoever answers so is testing the fence. TimeoutError after `seconds`.
    """
    found = _looked_up(target.host, target.port, seconds=seconds)
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in found))
    if not addresses or not (target.is_extra or all(is_public(address) for address in addresses)):
        raise NoPublicAddress
    return addresses[:MOST_TRIED]


def _looked_up(host: str, port: int, *, seconds: float) -> Sequence[Any]:
    """In a thread of its own: a server of names that does not answer keeps `getaddrinfo` for half a minute."""
    answers: SimpleQueue[Sequence[Any]] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        except (OSError, UnicodeError):
            answers.put(())
        finally:
            _waiting.release()

    if not _waiting.acquire(timeout=seconds):
        raise TimeoutError
    threading.Thread(target=look_up, name="webhook-name", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None


def _ascii(name: str) -> str:
    """A name as it is asked for. Letters that merely look like others (full-width digits and dots) are refused."""
    lower = name.lower()
    if not lower.isascii():
        if normalize("NFKC", lower) != lower:
            raise _refusal(_("Write the name of the server in plain letters."))
        try:
            lower = _reversible(lower)
        except UnicodeError:
            raise _refusal(_("Write the name of the server in plain letters.")) from None
    if len(lower) > 253 or not all(LABEL.fullmatch(label) for label in lower.split(".")):
        raise _refusal(_("Write the name of the server in plain letters."))
    return lower


def _reversible(name: str) -> str:
    """In ASCII (RFC 3490); UnicodeError where letters would be lost or exchanged on the way."""
    encoded = name.encode("idna")
    if encoded.decode("idna") != name:
        raise UnicodeError(name)
    return encoded.decode("ascii")


def _v6(written: str) -> str:
    try:
        return str(IPv6Address(written))
    except AddressValueError:
        raise _refusal(_("Write a whole address, such as https://www.example.org/webhook.")) from None


def _refusal(message: str) -> NotAnAddress:
    return NotAnAddress(message, field="url")
