#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the measures of the house. Usage: style.py [root]. Prints file:line and the reason; exits 1 on a find.

Checked in every file that git knows or would take: the licence line, the length of files, lines and functions, and
words that have no place here.
"""

import ast
import pathlib
import re
import subprocess
import sys

import cpp_text

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
LINE_LENGTH_MAX = 120

CODE = {".hpp", ".cpp", ".h", ".py", ".sh", ".js", ".mjs", ".css", ".cmake", ".html"}
CODE_NAMES = {"dev", "CMakeLists.txt"}
# Formats without comments, and texts that are not ours to mark.
NO_LICENCE_LINE = {".json", ".jsonl", ".png", ".ico", ".svg", ".webp", ".bin", ".hex", ".b64", ".lock"}
NO_LICENCE_NAMES = {"LICENSE", "go.sum"}
# Other people's published code, carried unchanged.
CARRIED = re.compile(r"(^|/)(vendor|third_party)/")

WORDS = [
    # The ledger shows who said what and that nothing is missing; what the thing itself is, it cannot know.
    (re.compile(r"\b(genuine|genuinely|authentic|authenticity)\b|真品|正品|أصلي", re.IGNORECASE), "a claim about goods"),
    (re.compile(r"(?<![\w.~}\])-])/(work|root|home|tmp/team)/"), "a path of one machine"),
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "work left open; do it, or say in docs/ what is missing"),
    (re.compile(r"\bDISABLED_\w+"), "a test that never runs"),
]
# Where such a word is the subject itself.
WORDS_ALLOWED = {"tools/style.py", "tools/fences_test.py", "wallet/data/bip39_english.txt"}

CONTROL = re.compile(r"\b(if|for|while|switch|do|else|catch|try|namespace|class|struct|union|enum|return)\b")


def known_files(root):
    """Paths of the files that git tracks or would take, in a tree without git all of them."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        return [root / name for name in sorted(set(names)) if name and (root / name).is_file()]
    return sorted(path for path in root.rglob("*") if path.is_file())


def check_licence(here, text):
    suffix = pathlib.PurePath(here).suffix
    name = here.split("/")[-1]
    if suffix in NO_LICENCE_LINE or name in NO_LICENCE_NAMES or not text.strip():
        return
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.split("\n", 3)[:3]):
        yield f"{here}:1: the licence line is missing: SPDX-License-Identifier: Apache-2.0"


def check_size(here, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{here}:{FILE_LINES_MAX + 1}: {len(lines)} lines, at most {FILE_LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_LENGTH_MAX:
            yield f"{here}:{number}: {len(line)} characters, at most {LINE_LENGTH_MAX}"


def cpp_functions(text):
    """(first line, lines) of each outermost function body, as far as braces and the words before them show it."""
    code = cpp_text.blank(text)
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda cut: re.sub(r"[^\n]", " ", cut.group()), code, flags=re.M)
    begun, inside, head = None, 0, 0
    for mark in re.finditer(r"[{};]", code):
        before = re.sub(r"\btemplate\s*<[^{;]*?>", "", code[head : mark.start()])
        head = mark.end()
        if begun is not None:
            inside += {"{": 1, "}": -1, ";": 0}[mark.group()]
            if inside == 0:
                yield begun, cpp_text.line_of(code, mark.start()) - begun + 1
                begun = None
        elif mark.group() == "{" and "(" in before and not CONTROL.search(before):
            begun, inside = cpp_text.line_of(code, mark.start()), 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def check_functions(here, text):
    functions = {".cpp": cpp_functions, ".hpp": cpp_functions, ".py": python_functions}
    for line, length in functions.get(pathlib.PurePath(here).suffix, lambda _: ())(text):
        if length > FUNCTION_LINES_MAX:
            yield f"{here}:{line}: a function of {length} lines, at most {FUNCTION_LINES_MAX}"


def check_words(here, text):
    if here in WORDS_ALLOWED:
        return
    for word, reason in WORDS:
        for found in word.finditer(text):
            yield f"{here}:{cpp_text.line_of(text, found.start())}: {found.group()}: {reason}"


def check(root):
    for path in known_files(root):
        here = path.relative_to(root).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if CARRIED.search(here) or path.name == "LICENSE":
            continue
        yield from check_licence(here, text)
        yield from check_words(here, text)
        if path.suffix in CODE or path.name in CODE_NAMES:
            yield from check_size(here, text)
            yield from check_functions(here, text)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    finds = list(check(root))
    print("\n".join(finds) if finds else f"{len(known_files(root))} files keep their measures")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
