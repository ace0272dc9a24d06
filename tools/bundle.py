# SPDX-License-Identifier: Apache-2.0
"""One script of a module and of what it uses of those that it imports, without unused declarations and white space.

It reads modules as the formatter writes them: declarations begin in the first column, statements end with a semicolon.
Carried code is taken as it is. Only names within one module are looked at, so nothing is renamed.
"""

import re

BLOCK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
IMPORT = re.compile(r"^import (?:(\w+)|\{([^}]*)\}) from '([^']+)';\n", re.MULTILINE)
FETCH = re.compile(r"\bimport\('([^']+)'\)")
EXPORT = re.compile(r"^export (default |(?:const|class|async function|function) (\w+))", re.MULTILINE)
EXPORT_LIST = re.compile(r"\bexport ?\{([^}]*)\};?")
DECLARATION = re.compile(r"^(?=(?:import|export|const|let|class|function|async) )", re.MULTILINE)
DECLARED = re.compile(r"(export )?(?:const|let|class|function|async function) (\w+)")
TOKEN = re.compile(r"\s+|[\w$#]+|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|.", re.DOTALL)
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/")


def uncommented(text):
    """Without the lines that are comments."""
    return LINE.sub("", BLOCK.sub("", text))


def names_of(words):
    """{a as b} as [(a, b)]."""
    pairs = (word.split(" as ") for word in re.split(r"\s*,\s*", words.strip().rstrip(",")) if word)
    return [(pair[0].strip(), pair[-1].strip()) for pair in pairs]


def says(text, name):
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text) is not None


def imports_of(text):
    """(the whole, [(name there, name here)], module) of each import, with only those names that the rest says."""
    rest = IMPORT.sub("", text)
    for whole, some, source in IMPORT.findall(text):
        pairs = [pair for pair in names_of(some) if says(rest, pair[1])]
        if pairs or (whole and says(rest, whole)):
            yield whole, pairs, source


def without_unused(text, wanted):
    """The declarations that others want, or that the rest of the module says."""
    blocks = DECLARATION.split(text)
    while True:
        kept = []
        for block in blocks:
            found = DECLARED.match(block)
            others = "".join(other for other in blocks if other is not block)
            if not found or (found[1] and found[2] in wanted) or says(others, found[2]):
                kept.append(block)
        if len(kept) == len(blocks):
            return "".join(kept)
        blocks = kept


def end_of_template(code, at):
    """Behind the back tick that ends a template; expressions in it may hold templates and texts."""
    depth = 0
    while depth > 0 or code[at] != "`":
        if code[at] == "\\":
            at += 2
        elif code.startswith("${", at):
            depth += 1
            at += 2
        elif depth > 0 and code[at] == "`":
            at = end_of_template(code, at + 1)
        elif depth > 0 and code[at] in "'\"":
            at = TOKEN.match(code, at).end()
        else:
            depth += {"{": 1, "}": -1}.get(code[at], 0) if depth > 0 else 0
            at += 1
    return at + 1


def squeezed(code):
    """Without white space, but between two words, or two signs that would be read as one."""
    out, at = [], 0
    last = ""
    while at < len(code):
        found = TOKEN.match(code, at)
        token, end = found[0], found.end()
        if token == "`":
            end = end_of_template(code, end)
        elif token == "/" and (last in ("", "return") or last[-1] in "(,=:[!&|?{};>"):
            end = REGEX.match(code, at).end()
        token = code[at:end]
        if token.isspace():
            edges = last[-1:] + code[end : end + 1]
            token = " " if re.fullmatch(r"[\w$#]{2}|\+\+|--", edges) else ""
        if token:
            out.append(token)
        last = token if token.strip() else last
        at = end
    return "".join(out)


class Bundle:
    """Modules as functions of one script, each after those that it imports; the last is the first one's, and `name`."""

    def __init__(self, web, first, name):
        self.web = web
        self.texts = {}
        self.made = []
        self.script = ""
        self.gather(first)
        variable = self.add(first)
        self.script += f"globalThis.{name}={variable};\n"

    def is_carried(self, path):
        return path.parent.name == "vendor"

    def gather(self, first):
        """The modules' texts, until none of them has anything that none needs."""
        wanted = {first: None}
        while True:
            texts, found, ahead = {}, {first: None}, [first]
            while ahead:
                path = ahead.pop()
                if path in texts:
                    continue
                text = self.texts.get(path) or uncommented(path.read_text(encoding="utf-8"))
                # Everything of the first is wanted, and of those that are fetched when they are needed.
                if wanted.get(path) and not self.is_carried(path):
                    text = without_unused(text, wanted[path])
                texts[path] = text
                for _, pairs, source in imports_of(text):
                    other = (path.parent / source).resolve()
                    if found.get(other, ()) is not None:
                        found.setdefault(other, set()).update(name for name, _ in pairs)
                    ahead.append(other)
                for source in FETCH.findall(text):
                    other = (path.parent / source).resolve()
                    found[other] = None
                    ahead.append(other)
            if texts == self.texts:
                return
            self.texts, wanted = texts, found

    def add(self, path):
        variable = "$" + str(list(self.texts).index(path))
        if path not in self.made:
            code = self.module(path)
            self.made.append(path)
            self.script += f"const {variable} = (() => {{\n{code}}})();\n"
        return variable

    def module(self, path):
        text = self.texts[path]
        heads = ""
        for whole, pairs, source in imports_of(text):
            variable = self.add((path.parent / source).resolve())
            parts = ", ".join(f"{a}: {b}" if a != b else a for a, b in pairs)
            heads += f"const {whole} = {variable}.default;\n" if whole else f"const {{ {parts} }} = {variable};\n"
        exports = []

        def exported(found):
            exports.append(found[2] or "default: $default")
            return found[1] if found[2] else "const $default = "

        def listed(found):
            exports.extend(f"{b}: {a}" for a, b in names_of(found[1]))
            return ""

        text = IMPORT.sub("", text)
        text = FETCH.sub(lambda found: f"Promise.resolve({self.add((path.parent / found[1]).resolve())})", text)
        text = EXPORT_LIST.sub(listed, EXPORT.sub(exported, text))
        ends = f"return {{ {', '.join(exports)} }};\n"
        return heads + text + ends if self.is_carried(path) else squeezed(heads + text + ends)
