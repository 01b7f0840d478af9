"""Mails lie in the folder whole, the newest first, and no more than it is to hold."""

from pathlib import Path

import pytest

from pages.mailbox import folder


def test_the_newest_stands_first_and_is_what_came(tmp_path: Path) -> None:
    kept = [folder.keep(tmp_path / "mail", body) for body in (b"first", b"second\r\n.\r\n\xff")]

    assert folder.names(tmp_path / "mail") == kept[::-1]
    assert folder.read(tmp_path / "mail", kept[1]) == b"second\r\n.\r\n\xff"
    assert folder.read(tmp_path / "mail", kept[1], most=6) == b"second"


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST", 3)

    kept = [folder.keep(tmp_path, b"mail") for _ in range(5)]

    assert folder.names(tmp_path) == kept[:1:-1]
    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_else_is_read_by_a_name(tmp_path: Path) -> None:
    (tmp_path / "secret.eml").write_text("no mail of ours")
    name = folder.keep(tmp_path / "mail", b"mail")

    found = [folder.read(tmp_path / "mail", asked) for asked in ("../secret", "secret", f"{name[:-1]}g", f"./{name}")]

    assert found == [None] * 4
    assert folder.names(tmp_path / "nowhere") == []
