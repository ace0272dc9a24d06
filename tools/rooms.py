#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the walls between the rooms. Usage: rooms.py [root]. Prints file:line and the reason; exits 1 on a find.

The rooms and what each may use are read from the room(...) lines of CMakeLists.txt. Checked are the includes of every
room, and in PURE rooms the words that bring in a clock, chance, threads, files, floating point or hidden state. Tests
(*_test.cpp, *_test.hpp) obey the walls, but may read files.
"""

import pathlib
import re
import sys
from typing import NamedTuple

import cpp_text


class Room(NamedTuple):
    name: str
    folder: pathlib.Path
    uses: frozenset
    pure: bool


class Library:
    """A third-party library: which includes are its own, and how many .cpp files of which room may have them."""

    def __init__(self, name, include, rooms):
        self.name, self.include, self.rooms = name, include, rooms


# The compile-time budget and the freedom to replace a library both rest on this table: headers never show a library,
# but for containers behind a name of our own. A room's entry is a count of .cpp files, or the names of the files.
LIBRARIES = [
    Library("Beast", r"boost/beast", {"rpc": ("server.cpp", "client.cpp", "poster.cpp"), "node": 2}),
    Library("Boost's containers", r"boost/unordered/", {"node": ("lookup.hpp",)}),
    Library("Asio and the rest of Boost", r"boost/", {"rpc": ("server.cpp", "client.cpp", "poster.cpp"), "node": 6}),
    Library("nlohmann JSON", r"nlohmann/", {"rpc": ("json.cpp", "dispatch.cpp")}),
    Library("RocksDB", r"rocksdb/", {"storage": 1}),
    Library("CLI11", r"CLI/", {"wallet": 1}),
    Library("libsodium", r"sodium(/|\.h)", {"crypto": 1, "wallet": ("keystore.cpp", "phrase.cpp")}),
    Library("pugixml", r"pugixml\.hpp", {"rpc": ("xml.cpp",), "wallet": ("iso20022.cpp",)}),
    Library("libsecp256k1", r"secp256k1", {"crypto": 1}),
    Library("OpenSSL", r"openssl/", {"crypto": 1, "wallet": 1, "node": 2}),
    Library("simdjson", r"simdjson", {"gs1": 1}),
    Library("libqrencode", r"qrencode\.h", {"wallet": 1}),
    Library("zlib", r"zlib\.h", {"wallet": ("capsule.cpp",)}),
    Library("toml++", r"toml\+\+/", {"node": 1}),
    Library("Zstandard", r"zstd\.h", {"storage": 1, "node": 1}),
]
TEST_LIBRARY = Library("GoogleTest", r"(gtest|gmock)/", {})
LIBRARIES.append(TEST_LIBRARY)
# The doors between rooms that no room(...) line can say: the binary alone also opens the command line.
EXTRA_INCLUDES = {"node/main.cpp": {"wallet/cli.hpp", "testnet/demo.hpp", "testnet/play.hpp", "testnet/rehearsal.hpp"}}
# Consensus orders bytes and the law reads them; they meet in one place.
MEETING = ({"consensus", "contracts"}, ("node/replica.cpp", "node/replica.hpp"))

IMPURE_HEADERS = re.compile(
    r"(chrono|random|thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
    r"|unordered_map|unordered_set|filesystem|fstream|iostream|ctime|time\.h|locale|cfenv|cmath|regex"
    r"|unistd\.h|fcntl\.h|poll\.h|pthread\.h|netdb\.h|(sys|net|netinet|arpa|linux)/.*)"
)
IMPURE_WORDS = [
    (re.compile(r"\b(float|double)\b"), "floating point"),
    (re.compile(r"\bstd::hash\b"), "std::hash (its value differs between libraries)"),
    (re.compile(r"\b(?:std::)?s?rand\s*\("), "chance"),
    (re.compile(r"\bstd::(?:random_device|mt19937\w*|shuffle)\b"), "chance"),
    (re.compile(r"\b(?:std::time|clock_gettime|gettimeofday|std::chrono)\b"), "a clock"),
    (re.compile(r"\bthread_local\b"), "mutable state outside values"),
    (re.compile(r"\b(?:std::)?getenv\s*\("), "the environment"),
]
STATIC = re.compile(r"\bstatic\b\s+(?P<declaration>[^;={(]*)(?P<end>[;={(])")


def read_rooms(root):
    """The rooms of root/CMakeLists.txt that have a folder, by name."""
    text = re.sub(r"#[^\n]*", "", (root / "CMakeLists.txt").read_text())
    rooms = {}
    for call in re.finditer(r"^\s*room\(([^)]*)\)", text, re.MULTILINE):
        name, *words = call.group(1).split()
        group, groups = None, {"USES": [], "LINKS": [], "FLAGS": []}
        for word in words:
            if word == "PURE" or word in groups:
                group = word
            else:
                groups[group].append(word)
        folder = root / name if (root / name).is_dir() else root / "lib" / name
        rooms[name] = Room(name, folder, frozenset(groups["USES"]), "PURE" in words)
    return rooms


def is_test(here):
    return here.endswith(("_test.cpp", "_test.hpp"))


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".hpp", ".cpp", ".h"))


def check_order(rooms):
    """A room uses only rooms whose lines stand above its own, so the order of the list is the order of the house."""
    seen = set()
    for room in rooms.values():
        for used in sorted(room.uses - seen):
            yield f"CMakeLists.txt:1: room {room.name} uses {used}, which no line above it makes"
        if room.pure and any(used in rooms and not rooms[used].pure for used in room.uses):
            yield f"CMakeLists.txt:1: room {room.name} is PURE and uses a room that is not"
        seen.add(room.name)


def check_doors(root, room, rooms, path):
    """Includes of other rooms."""
    here = path.relative_to(root).as_posix()
    met = set()
    for line, kind, included in cpp_text.includes(path.read_text()):
        if kind == "<":
            continue
        other = included.split("/")[0]
        if other not in rooms or "/" not in included:
            yield f'{here}:{line}: include "{included}": name the room first, as in "{room.name}/..."'
        elif other != room.name and other not in room.uses and included not in EXTRA_INCLUDES.get(here, ()):
            allowed = " ".join(sorted(room.uses)) or "no other room"
            yield f'{here}:{line}: include "{included}": room {room.name} may use {allowed}'
        if other in MEETING[0]:
            met.add(other)
        if met == MEETING[0] and here not in MEETING[1] and not is_test(here):
            yield f"{here}:{line}: {' and '.join(sorted(met))} meet only in {MEETING[1][0]}"
            met = set()


def check_library(here, room, included):
    """The library of an angle include, and what is wrong with having it in this file (without the count of files)."""
    library = next((one for one in LIBRARIES if re.match(one.include, included)), None)
    if library is None:
        known = re.fullmatch(r"[a-z0-9_]+(\.h)?|(sys|net|netinet|arpa|linux)/[a-z0-9_.]+", included)
        return None, None if known else "no library of this house (tools/rooms.py, LIBRARIES)"
    if library is TEST_LIBRARY:
        return library, None if is_test(here) else "only in tests"
    allowed = library.rooms.get(room.name, 0)
    named = isinstance(allowed, tuple) and here.split("/")[-1] in allowed
    if not here.endswith(".cpp") and not named:
        return library, f"no header shows {library.name}"
    if isinstance(allowed, tuple) and not named:
        return library, f"{library.name} belongs to {' and '.join(allowed)}"
    return library, None


def check_libraries(root, room, files):
    """Includes of third-party libraries, over the whole room because the files that have one are counted."""
    users = {}
    for path in files:
        here = path.relative_to(root).as_posix()
        for line, kind, included in cpp_text.includes(path.read_text()):
            library, problem = check_library(here, room, included) if kind == "<" else (None, None)
            if problem:
                yield f"{here}:{line}: include <{included}>: {problem}"
            elif library and isinstance(library.rooms.get(room.name, 0), int) and library is not TEST_LIBRARY:
                users.setdefault(library, {}).setdefault(here, line)
    for library, places in users.items():
        allowed = library.rooms.get(room.name, 0)
        for here, line in list(places.items())[allowed:]:
            yield f"{here}:{line}: {library.name}: room {room.name} may have it in {allowed} .cpp files"


def is_mutable(declaration, end):
    """Whether `static <declaration><end>` declares a variable that can change."""
    words = declaration.strip()
    if end == "(" or re.match(r"(constexpr|consteval|constinit const)\b", words):
        return False
    return re.search(r"\bconst\b", words[words.rfind("*") + 1 :] if "*" in words else words) is None


def check_pure(root, path):
    """In a PURE room: headers and words that bring the world in."""
    here = path.relative_to(root).as_posix()
    text = path.read_text()
    for line, kind, included in cpp_text.includes(text):
        if kind == "<" and IMPURE_HEADERS.fullmatch(included):
            yield f"{here}:{line}: include <{included}>: this room is PURE"
    code = cpp_text.blank(text)
    for word, reason in IMPURE_WORDS:
        for found in word.finditer(code):
            yield f"{here}:{cpp_text.line_of(code, found.start())}: {found.group().strip()}: {reason} in a PURE room"
    for found in STATIC.finditer(code):
        if is_mutable(found["declaration"], found["end"]):
            yield f"{here}:{cpp_text.line_of(code, found.start())}: a static that can change, in a PURE room"


def check(root):
    rooms = read_rooms(root)
    yield from check_order(rooms)
    for room in rooms.values():
        files = sources(room.folder)
        yield from check_libraries(root, room, files)
        for path in files:
            yield from check_doors(root, room, rooms, path)
            if room.pure and not is_test(path.name):
                yield from check_pure(root, path)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    finds = list(check(root))
    print("\n".join(finds) if finds else f"{len(read_rooms(root))} rooms, every wall stands")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
