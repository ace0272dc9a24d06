#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pages as browsers fetch them. Usage: pages.py <web> <out> <file>...

Comments and indentation are for those who read the sources; a phone does without. Code is left as it is written.
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def shortened(name, text):
    """The text without lines that are comments; carried code, markup and pictures are left as they are."""
    if name.startswith("vendor/") or not name.endswith((".js", ".css")):
        return text
    for pattern in (BLOCK, LINE, INDENT):
        text = pattern.sub("", text)
    return text


def main():
    web, out, names = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    for name in names:
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(shortened(name, (web / name).read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
