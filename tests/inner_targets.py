"""Addresses of webhooks that lead inside, each with a name of its own: forms, names, tricks (SAFETY 4.2, 5 SSRF)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

PUBLIC, PUBLIC_V6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

INNER_V4 = (
    "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255",  # noqa: S104  bound by nobody
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16", "169.254.0.1", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.192", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
)  # fmt: skip
INNER_V6 = (
    "::", "::1", "::2", "::ffff:0:127.0.0.1", "64:ff9b::1", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "200::1",
    "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002::1", "2620:4f:8000::1", "3fff::1",
    "4000::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "febf::1", "fec0::1",
    "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inside:
    """An address and, where it holds a name, what that name answers: one list for each time it is asked."""

    url: str
    zone: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


def targets() -> dict[str, Inside]:
    """All of them by name."""
    found = dict([*_forms_of_v4(), *_forms_of_v6(), *_names(), *_tricks()])
    assert len({(one.url, str(one.zone)) for one in found.values()}) == len(found), "one of them is there twice"
    return found


def _forms_of_v4() -> Iterator[tuple[str, Inside]]:
    """Each way in which a resolver, a parser or a translator reads the same four bytes."""
    for written in INNER_V4:
        address = IPv4Address(written)
        number, parts = int(address), list(address.packed)
        high, low = number >> 16, number & 0xFFFF
        hosts = {
            "dotted": written,
            "decimal": str(number),
            "hex": hex(number),
            "octal": f"0{number:o}" if number else "00",
            "octal parts": ".".join(f"0{part:o}" for part in parts),
            "hex parts": ".".join(hex(part) for part in parts),
            "two parts": f"{parts[0]}.{number & 0xFFFFFF}",
            "three parts": f"{parts[0]}.{parts[1]}.{low}",
            "mixed parts": f"{parts[0]}.{hex(parts[1])}.0{low:o}",
            "mapped": f"[::ffff:{written}]",
            "mapped in hex": f"[::ffff:{high:x}:{low:x}]",
            "compatible": f"[::{high:x}:{low:x}]",
            "NAT64": f"[64:ff9b::{written}]",
            "NAT64 of one's own": f"[64:ff9b:1::{written}]",
            "6to4": f"[2002:{high:x}:{low:x}::1]",
            "Teredo": f"[2001:0:{high:x}:{low:x}::1]",
        }
        yield from ((f"{written}, {form}", Inside(f"https://{host}/hook")) for form, host in hosts.items())


def _forms_of_v6() -> Iterator[tuple[str, Inside]]:
    for written in INNER_V6:
        address = IPv6Address(written)
        hosts = {
            "short": f"[{address}]",
            "long": f"[{address.exploded.upper()}]:443",
            "with a zone": f"[{address}%eth0]",
            "with an escaped zone": f"[{address}%25lo]",
            "without brackets": f"{address}",
        }
        yield from ((f"{written}, {form}", Inside(f"https://{host}/hook")) for form, host in hosts.items())


def _names() -> Iterator[tuple[str, Inside]]:
    """Names under anybody's domain that lead inside: always, beside public addresses, or from the second time on."""
    for number, inner in enumerate((*INNER_V4, *INNER_V6)):
        public = PUBLIC_V6 if ":" in inner else PUBLIC
        answers = {
            "a name for it": [[inner]],
            "a name, public first": [[public, inner]],
            "a name, public last": [[inner, public]],
        }
        for form, answer in answers.items():
            host = f"{form.replace(', ', '-').replace(' ', '-')}-{number}.example.org"
            yield f"{inner}, {form}", Inside(f"https://{host}/hook", {host: answer})
    many = [f"93.184.215.{number}" for number in range(1, 60)]
    yield (
        "inner behind sixty public ones",
        Inside("https://many.example.org/", {"many.example.org": [[*many, "10.0.0.1"]]}),
    )


def _tricks() -> Iterator[tuple[str, Inside]]:
    """What looks like another server to some reader of it."""
    zone = {"www.example.org": [[PUBLIC]]}
    tricks = {
        "user": "https://www.example.org@127.0.0.1/",
        "user and password": "https://www.example.org:443@127.0.0.1/",
        "user behind": "https://127.0.0.1@www.example.org/",
        "user with a slash": "https://www.example.org%2f@127.0.0.1/",
        "user with a backslash": "https://www.example.org\\@127.0.0.1/",
        "backslashes": "https:\\\\127.0.0.1\\",
        "backslash before a path": "https://127.0.0.1\\www.example.org/",
        "fragment": "https://127.0.0.1#www.example.org/",
        "fragment and user": "https://www.example.org#@127.0.0.1/",
        "query for a host": "https://127.0.0.1?@www.example.org/",
        "no slashes": "https:127.0.0.1/",
        "three slashes": "https:///127.0.0.1/",
        "no scheme": "//127.0.0.1/",
        "nothing": "",
        "http": "http://127.0.0.1/",
        "http at 443": "http://127.0.0.1:443/",
        "http for a public name": "http://www.example.org/",
        "file": "file:///etc/passwd",
        "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
        "ftp": "ftp://127.0.0.1/",
        "data": "data:text/plain,x",
        "javascript": "javascript:alert(1)",
        "unix socket": "unix:///run/docker.sock",
        "database": "https://127.0.0.1:5432/",
        "redis": "https://127.0.0.1:6379/",
        "port 80": "https://127.0.0.1:80/",
        "port 0": "https://127.0.0.1:0/",
        "port beyond": "https://127.0.0.1:65979/",
        "port with a plus": "https://127.0.0.1:+443/",
        "port in other digits": "https://127.0.0.1:４４３/",
        "port twice": "https://127.0.0.1:443:443/",
        "port of a public name": "https://www.example.org:8443/",
        "empty port": "https://127.0.0.1:/",
        "brackets around IPv4": "https://[127.0.0.1]/",
        "brackets around a name": "https://[localhost]/",
        "brackets left open": "https://[::1/",
        "brackets in brackets": "https://[[::1]]/",
        "brackets and more": "https://[::1]www.example.org/",
        "brackets and a user": "https://[::1]@www.example.org/",
        "brackets, future": "https://[v1.::1]/",
        "brackets, empty": "https://[]/",
        "full-width digits": "https://１２７.０.０.１/",
        "full-width dots": "https://127．0．0．1/",
        "ideographic dots": "https://127。0。0。1/",
        "half-width dots": "https://127｡0｡0｡1/",
        "circled digits": "https://①②⑦.⓪.⓪.①/",
        "circled letters": "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "superscript digits": "https://¹²⁷.⁰.⁰.¹/",
        "Arabic digits": "https://١٢٧.٠.٠.١/",
        "Devanagari digits": "https://१२७.०.०.१/",
        "bold letters": "https://𝐥𝐨𝐜𝐚𝐥𝐡𝐨𝐬𝐭/",
        "soft hyphen": "https://local\u00adhost/",
        "joiner": "https://local\u200dhost/",
        "zero width": "https://127.0.0.1\u200b/",
        "long s": "https://localho\u017ft/",
        "Kelvin sign": "https://\u212aube.local/",
        "sharp s": "https://stra\u00dfe.example.org/",
        "escaped digits": "https://%31%32%37.0.0.1/",
        "escaped dot": "https://127%2e0%2e0%2e1/",
        "escaped slash": "https://127.0.0.1%2f.example.org/",
        "newline": "https://127.0.0.1\n.example.org/",
        "newline at the end": "https://127.0.0.1/\n",
        "carriage return": "https://www.example.org/\r\nHost: 127.0.0.1",
        "NUL": "https://127.0.0.1\x00.example.org/",
        "tab": "https://127.0\t.0.1/",
        "space": "https:// 127.0.0.1/",
        "space before": " https://127.0.0.1/",
        "space in the path": "https://www.example.org/ HTTP/1.1",
        "dot at the end": "https://127.0.0.1./",
        "two dots": "https://127..0.0.1/",
        "empty label": "https://.127.0.0.1/",
        "underscore": "https://_.127.0.0.1/",
        "hyphen first": "https://-127.0.0.1/",
        "localhost with a dot": "https://localhost./",
        "five parts": "https://127.0.0.0.1/",
        "number beyond": "https://4294967297/",
        "leading zeros": "https://00000000177.0.0.1/",
        "negative": "https://-2130706433/",
        "hex without digits": "https://0x/",
        "too long": f"https://127.0.0.1/{'x' * 500}",
        "long name": f"https://{'x.' * 130}example.org/",
    }  # fmt: skip
    yield from ((f"trick: {name}", Inside(url, zone)) for name, url in tricks.items())
    known = ("localhost", "LOCALHOST", "ip6-localhost", "localhost.localdomain", "metadata.google.internal", "metadata",
        "host.docker.internal", "kubernetes.default.svc", "instance-data", "router.local")  # fmt: skip
    for name in known:
        answer = [["169.254.169.254" if "meta" in name or "instance" in name else "127.0.0.1"]]
        yield f"known name: {name}", Inside(f"https://{name}/", {name.lower(): answer})
    yield "known name: localhost by IPv6", Inside("https://localhost/hook", {"localhost": [["::1", "127.0.0.1"]]})
    yield "a name of nothing", Inside("https://nothing.example.org/", {"nothing.example.org": [[]]})
    yield "a name in Korean", Inside("https://안.example.org/", {"xn--le5b.example.org": [["10.1.2.3"]]})
