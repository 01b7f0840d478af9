"""Certificates of the tests' own, by openssl: one that everybody here trusts, and the usual bad ones."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

NAME = "hooks.example.org"
NAMES = (NAME, *(f"hooks-{number}.example.org" for number in range(1, 10)))


class Certificates:
    """Files with certificate and key: `good`, `expired` and `elsewhere` are by our authority, `alone` by nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = folder / "authority.pem"
        _openssl(
            folder, "req", "-x509", *_key("authority"), "-subj", "/CN=Tests", "-days", "2", "-out", "authority.pem"
        )
        self.good = self._issued("good", NAMES, "-days", "2")
        self.elsewhere = self._issued("elsewhere", ["another.example.org"], "-days", "2")
        self.expired = self._issued("expired", NAMES, "-days", "-1")
        _openssl(folder, "req", "-x509", *_key("alone"), *_for(NAMES), "-days", "2", "-out", "alone.crt")
        self.alone = self._whole("alone")

    def _issued(self, name: str, hosts: Sequence[str], *options: str) -> Path:
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={_names(hosts)}\n")
        _openssl(self.folder, "req", *_key(name), "-subj", f"/CN={hosts[0]}", "-out", f"{name}.csr")
        issuer = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial")
        _openssl(
            self.folder, "x509", "-req", "-in", f"{name}.csr", *issuer, "-extfile", f"{name}.ext", *options,
            "-out", f"{name}.crt",
        )  # fmt: skip
        return self._whole(name)

    def _whole(self, name: str) -> Path:
        whole = self.folder / f"{name}.pem"
        whole.write_bytes((self.folder / f"{name}.crt").read_bytes() + (self.folder / f"{name}.key").read_bytes())
        return whole


def _key(name: str) -> tuple[str, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")


def _for(hosts: Sequence[str]) -> tuple[str, ...]:
    return ("-subj", f"/CN={hosts[0]}", "-addext", f"subjectAltName={_names(hosts)}")


def _names(hosts: Sequence[str]) -> str:
    return ",".join(f"DNS:{host}" for host in hosts)


def _openssl(folder: Path, *arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("certificates: no openssl on this machine")
