"""Bytes as sent become the bytes or the text to read: size limits, gzip without bombs, encodings."""

import zlib

from events.importers.entries import ImportRefused

MAX_SENT = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
ALWAYS_FINE = 1024 * 1024  # a small file of equal rows packs better than any ratio
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def unpacked(raw: bytes) -> bytes:
    """The file without its gzip wrapping, if it has one; ImportRefused past a limit."""
    if len(raw) > MAX_SENT:
        raise ImportRefused("too_large", f"The file has {len(raw):,} bytes; {MAX_SENT:,} are the most.")
    if not raw.strip():
        raise ImportRefused("empty", "The file is empty.")
    return _gunzipped(raw) if raw.startswith(GZIP) else raw


def text_of(data: bytes, *, or_korean: bool = False) -> str:
    """UTF-8 (or marked UTF-16) text; with `or_korean` also CP949, which holds all of EUC-KR."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], [encoding])
    return _decoded(data, ["utf-8", "cp949"] if or_korean else ["utf-8"])


def largest_honest(packed_size: int) -> int:
    """How many bytes an archive of that size may unpack to."""
    return min(MAX_UNPACKED, max(ALWAYS_FINE, MAX_RATIO * packed_size))


def _decoded(data: bytes, encodings: list[str]) -> str:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            continue
        if "\0" in text:
            raise ImportRefused("encoding", "The file is not text: it holds zero bytes.")
        return text
    raise ImportRefused("encoding", f"This is not {' or '.join(encodings)} text; save the file as UTF-8.", line=line)


def _gunzipped(raw: bytes) -> bytes:
    most = largest_honest(len(raw))
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = inflater.decompress(raw, most + 1)
    except zlib.error as error:
        raise ImportRefused("malformed", "The gzip wrapping is damaged; pack the file again.") from error
    if len(data) > most:
        raise ImportRefused("bomb", f"The file unpacks to more than {most:,} bytes.")
    if not inflater.eof or inflater.unused_data:
        raise ImportRefused("malformed", "The gzip wrapping is cut short or holds several files; pack the file again.")
    if data.startswith(GZIP):
        raise ImportRefused("bomb", "The file is packed twice; pack it once.")
    return data
