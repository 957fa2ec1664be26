"""The words of a PDF as its reader sees them: what typst wrote, read back by the rules of PDF."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_PAGE = re.compile(rb"/Type/Page/.*?/Contents (\d+) 0 R", re.DOTALL)
_FONT = re.compile(rb"/(\w+) (\d+) 0 R")
_PLAIN = rb"\\.|[^\\()]"
_STRING = rb"\((?:%b|\((?:%b|\((?:%b)*\))*\))*\)" % (_PLAIN, _PLAIN, _PLAIN)
"""Brackets in pairs need no backslash: two deep are more than ever came."""
_SHOWN = re.compile(rb"<<.*?>>|/(\w+) [\d.]+ Tf|(%b|<[0-9A-Fa-f]+>)|\b(ET)\b" % _STRING, re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages_of(body: bytes) -> list[str]:
    """Each page's words, a line for each piece of text in the order in which it was set."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(body)}
    pages = [found for each in objects.values() if (found := _PAGE.search(each))]
    return [_words(objects, page) for page in pages]


def _words(objects: dict[int, bytes], page: re.Match[bytes]) -> str:
    signs = _signs(objects, page[0])
    lines: list[str] = []
    line, font = "", b""
    for name, string, is_end in _SHOWN.findall(_stream(objects[int(page[1])])):
        if name:
            font = name
        elif string:
            codes = _bytes(string)
            pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
            line += "".join(signs[font].get(int.from_bytes(pair), "?") for pair in pairs)
        elif is_end:
            lines, line = [*lines, line], ""
    return "\n".join(lines)


def _signs(objects: dict[int, bytes], page: bytes) -> dict[bytes, dict[int, str]]:
    """Of each font of a page, which sign each code is."""
    found = re.search(rb"/Resources (\d+) 0 R", page)
    fonts = re.search(rb"/Font<<(.*?)>>", objects[int(found[1])] if found else page)
    if not fonts:
        return {}
    return {name: _map(objects, int(number)) for name, number in _FONT.findall(fonts[1])}


def _map(objects: dict[int, bytes], font: int) -> dict[int, str]:
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    table = _stream(objects[int(found[1])]) if found else b""
    return {
        int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be")
        for code, sign in re.findall(
            rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table.partition(b"beginbfchar")[2]
        )
    }


def _stream(found: bytes) -> bytes:
    head, _, rest = found.partition(b"stream")
    text = rest.lstrip(b"\r\n").partition(b"endstream")[0]
    return zlib.decompress(text) if b"/FlateDecode" in head else text


def _bytes(string: bytes) -> bytes:
    if string.startswith(b"<"):
        return bytes.fromhex(string[1:-1].decode())
    return _ESCAPED.sub(_unescaped, string[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _LETTERS.get(code, code)
