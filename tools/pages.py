#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pages as browsers fetch them. Usage: pages.py <web> <out> <file>...

Comments and indentation are for those who read the sources; a phone does without. Code is left as it is written. Of
capsule/capsule.js and what it needs one script is made, and put into capsule/capsule.html, compressed.
"""

import pathlib
import re
import sys
import zlib

import bundle

# What an HTML parser changes or takes for markup. They and the next seven bits are one character from U+0080 on.
UNSAFE = (0x00, 0x0D, 0x3C)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def shortened(name, text):
    """The text without lines that are comments; carried code, markup and pictures are left as they are."""
    if name.startswith("vendor/") or not name.endswith((".js", ".css")):
        return text
    return INDENT.sub("", bundle.uncommented(text))


def packed(text):
    """Compressed (RFC 1950), seven bits a character; wallet/capsule.cpp packs a proof alike."""
    data = zlib.compress(text.encode(), 9)
    bits = int.from_bytes(data, "big") << (-8 * len(data) % 7)
    count = -(-8 * len(data) // 7)
    sevens = [bits >> (7 * i) & 127 for i in reversed(range(count))]
    out = ""
    while sevens:
        one = sevens.pop(0)
        if one in UNSAFE:
            one = 128 * (UNSAFE.index(one) + 1) + (sevens.pop(0) if sevens else 0)
        out += chr(one)
    return f"{len(data)}:{out}"


def main():
    web, out, names = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
    for name in names:
        text = shortened(name, (web / name).read_text(encoding="utf-8"))
        if name == "capsule/capsule.html":
            script = bundle.Bundle(web, web / "capsule/capsule.js", "capsule").script
            text = text.replace("{{code}}", packed(script))
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


if __name__ == "__main__":
    main()
