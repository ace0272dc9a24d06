#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pages as browsers fetch them. Usage: pages.py <web> <out> <file>...

Comments and indentation are for those who read the sources; a phone does without. Code is left as it is written. Of
capsule/capsule.js and all that it imports one script is made, and put into capsule/capsule.html, compressed.
"""

import base64
import pathlib
import re
import sys
import zlib

BLOCK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
IMPORT = re.compile(r"^import (?:(\w+)|\{([^}]*)\}) from '([^']+)';\n", re.MULTILINE)
FETCH = re.compile(r"\bimport\('([^']+)'\)")
EXPORT = re.compile(r"^export (default |(?:const|class|async function|function) (\w+))", re.MULTILINE)
EXPORT_LIST = re.compile(r"\bexport ?\{([^}]*)\};?")


def shortened(name, text):
    """The text without lines that are comments; carried code, markup and pictures are left as they are."""
    if name.startswith("vendor/") or not name.endswith((".js", ".css")):
        return text
    for pattern in (BLOCK, LINE, INDENT):
        text = pattern.sub("", text)
    return text


def names_of(words):
    """{a as b} as [(a, b)]."""
    pairs = (word.split(" as ") for word in re.split(r"\s*,\s*", words.strip().rstrip(",")) if word)
    return [(pair[0].strip(), pair[-1].strip()) for pair in pairs]


class Bundle:
    """Modules as functions of one script, each after those that it imports."""

    def __init__(self, web):
        self.web = web
        self.made = []
        self.script = ""

    def add(self, path):
        name = path.relative_to(self.web).as_posix()
        if name not in self.made:
            text = BLOCK.sub("", shortened(name, path.read_text(encoding="utf-8")))
            code = self.module(path.parent, text)
            self.made.append(name)
            self.script += f"const {self.variable(path)} = (() => {{\n{code}}})();\n"
        return self.variable(path)

    def variable(self, path):
        return "$" + re.sub(r"\W", "_", path.relative_to(self.web).as_posix())

    def module(self, folder, text):
        def imported(found):
            whole, some, source = found.groups()
            variable = self.add((folder / source).resolve())
            if whole:
                return f"const {whole} = {variable}.default;\n"
            parts = ", ".join(f"{a}: {b}" if a != b else a for a, b in names_of(some))
            return f"const {{ {parts} }} = {variable};\n"

        exports = []

        def exported(found):
            if found.group(2):
                exports.append(found.group(2))
                return found.group(1)
            exports.append("default: $default")
            return "const $default = "

        def listed(found):
            exports.extend(f"{b}: {a}" for a, b in names_of(found.group(1)))
            return ""

        text = IMPORT.sub(imported, text)
        text = FETCH.sub(lambda found: f"Promise.resolve({self.add((folder / found.group(1)).resolve())})", text)
        text = EXPORT_LIST.sub(listed, EXPORT.sub(exported, text))
        return f"{text}return {{ {', '.join(exports)} }};\n"


def packed(text):
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def main():
    web, out, names = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
    for name in names:
        text = shortened(name, (web / name).read_text(encoding="utf-8"))
        if name == "capsule/capsule.html":
            bundle = Bundle(web)
            shown = bundle.add(web / "capsule/capsule.js")
            bundle.script += f"globalThis.capsule = {shown};\n"
            text = text.replace("{{code}}", packed(bundle.script))
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
