"""Ways to spoil a file: cut it, swap its values for wrong types, blow it up, break its encoding, nest it deep."""

import re

WRONG = [b"[]", b"{}", b"null", b"-1", b"true", b'""', b"1e999", b"2026-99-99", b"[[[[", b"&a *a", b"{{ x }}", b"\t"]


def spoil(content, luck):
    """The content after one to three of the ways."""
    for way in luck.sample(WAYS, luck.randint(1, 3)):
        content = way(content, luck)
    return content


def cut(content, luck):
    return content[: luck.randrange(len(content) + 1)]


def swap(content, luck):
    """A value, wherever it stands, replaced by one of another kind."""
    values = list(re.finditer(rb"[\w'\"./:>-]+", content))
    for found in luck.sample(values, min(len(values), 3)):
        content = content.replace(found[0], luck.choice(WRONG), 1)
    return content


def flip(content, luck):
    spoiled = bytearray(content)
    for _turn in range(luck.randint(1, 20)) if spoiled else ():
        spoiled[luck.randrange(len(spoiled))] = luck.randrange(256)
    return bytes(spoiled)


def shuffle(content, luck):
    lines = content.splitlines(keepends=True)
    luck.shuffle(lines)
    return b"".join(lines)


def repeat(content, luck):
    return content * luck.choice([2, 50])


def nest(content, luck):
    place = luck.randrange(len(content) + 1)
    return content[:place] + luck.choice([b"[", b"{", b"- ", b'{"a":', b"a.", b"((", b'"${']) * 500 + content[place:]


def widen(content, luck):
    place = luck.randrange(len(content) + 1)
    return (
        content[:place]
        + luck.choice([b"x", b" ", b"#", b"\n", b'"', b"9"]) * luck.choice([300, 70_000])
        + content[place:]
    )


def encode(content, luck):
    return content.decode(errors="replace").encode(luck.choice(["utf-16", "utf-32", "utf-8-sig"]))


WAYS = [cut, swap, flip, shuffle, repeat, nest, widen, encode]
