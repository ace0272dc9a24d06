# SPDX-License-Identifier: Apache-2.0
"""C++ text as the checks need it: comments and literals blanked, every line and column where it was."""

import re

_TOKEN = re.compile(
    r"""//(?:[^\n\\]|\\.|\\\n)*          # line comment
      | /\*.*?\*/                        # block comment
      | R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"   # raw string
      | "(?:[^"\\\n]|\\.)*"              # string
      | (?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)*'           # character; a digit separator is no quote
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def blank(text):
    """The text with the contents of comments and literals replaced by spaces."""
    return _TOKEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def line_of(text, offset):
    """The number, from 1, of the line that holds the offset."""
    return text.count("\n", 0, offset) + 1


def includes(text):
    """(line, '<' or '"', path) of each include directive outside comments."""
    code = blank_comments(text)
    return [(line_of(code, found.start(2)), found.group(1), found.group(2)) for found in _INCLUDE.finditer(code)]


def blank_comments(text):
    """The text with comments replaced by spaces and literals kept."""

    def keep(found):
        return re.sub(r"[^\n]", " ", found.group()) if found.group().startswith(("//", "/*")) else found.group()

    return _TOKEN.sub(keep, text)
