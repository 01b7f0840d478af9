"""Web sites as browsers name them: an origin is scheme, host and port, such as https://www.kofic.or.kr (RFC 6454)."""

import re
from unicodedata import normalize
from urllib.parse import urlsplit

MOST_SITES = 20  # of one organization: all of them go into one header
LONGEST_SITE = 100
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*")  # nothing that could end a source of a Content-Security-Policy
PORTS = {"https": 443, "http": 80}


def origin(text: str) -> str:
    """The origin of an address, as browsers write it. ValueError for what has none, or carries a name and password."""
    parts = urlsplit(text.strip())
    if parts.scheme not in PORTS or "@" in parts.netloc:
        raise ValueError(text)
    written = parts.hostname or ""
    try:
        host = written.encode("idna").decode()
        # Python takes ß for ss and drops what is unseen, where browsers go to another host: those are written as xn--.
        is_same = written.isascii() or host.encode().decode("idna") == normalize("NFKC", written)
    except UnicodeError as error:
        raise ValueError(text) from error
    if not is_same or not HOST.fullmatch(host):
        raise ValueError(text)
    port = "" if parts.port in (None, PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def site(text: str, *, local: bool = False) -> str:
    """The origin that an address is and nothing more; https, or with `local` also http on this machine."""
    found = origin(text)
    parts = urlsplit(text.strip())
    is_here = local and parts.hostname in ("localhost", "127.0.0.1")
    if len(found) > LONGEST_SITE or (parts.scheme != "https" and not is_here):
        raise ValueError(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or text.strip().endswith(("?", "#")):
        raise ValueError(text)
    return found
