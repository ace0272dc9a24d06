#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for the world in the archives of the PURE rooms. Usage: symbols.py <archive>... Exits 1 on a find.

Two questions to the object files, which no spelling in the source can deceive: what do they call that tells time, makes
chance, opens files, talks or waits; and what do they hold that can change between two calls?
"""

import re
import subprocess
import sys

WORLD = re.compile(
    r"(clock_gettime|gettimeofday|time|clock|ftime|localtime(_r)?|strftime|rand(_r)?|srand|random|srandom|[dlm]rand48"
    r"|getrandom|getentropy|arc4random\w*|randombytes\w*|RAND_\w+|(f|fre)?open(64)?|openat(64)?|creat(64)?"
    r"|fdopen|tmpfile(64)?|mkstemp(64)?|stat(64)?|unlink|rename|mkdir|read|write|pread(64)?|pwrite(64)?|mmap(64)?"
    r"|socket|connect|bind|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|poll|select|epoll_\w+"
    r"|pthread_(create|mutex_\w+|cond_\w+)|nanosleep|clock_nanosleep|usleep|sleep|fork|exec\w+|system|popen"
    r"|(secure_)?getenv|setlocale|f?printf|__f?printf_chk|puts|putchar|std::chrono::.*::now\(\)|std::random_device.*"
    r"|std::thread::.*|std::this_thread::.*|std::(__\w+::)*condition_variable.*|std::filesystem.*"
    r"|std::basic_[io]?f(stream|ilebuf)<.*|std::c(out|err|log|in)|std::locale::.*|__cxa_(throw|allocate_exception)"
    r"|__cxa_thread_atexit)"
)
# By object file: what an assertion that fails needs to say so.
WORLD_ALLOWED = {"check.cpp.o": {"fprintf", "__fprintf_chk"}}
# Data that can change, each entry with its reason.
STATE_ALLOWED = {
    # The context of libsecp256k1 is made on first use and only read afterwards.
    "party.cpp.o": re.compile(r".*\bcontext\(\)::made"),
}


def lines_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def undefined(archive):
    """(object file, name) of what the archive's members call and do not define."""
    member = ""
    for line in lines_of("nm", "-uC", archive):
        if line.endswith(".o:"):
            member = line[:-1]
        elif line.strip():
            yield member, re.sub(r"@.*", "", line.split(maxsplit=1)[1])


def mutable(archive):
    """(object file, name) of what the archive's members keep in writable sections; constants with addresses are not."""
    member = ""
    for line in lines_of("objdump", "-tC", archive):
        if ":     file format" in line:
            member = line.split(":")[0]
        found = re.match(r"[0-9a-f]+ .{7} (\.t?(?:bss|data)\S*)\t([0-9a-f]+) +(?:0x\w+ )?(.*)", line)
        if found and int(found[2], 16) and not found[1].startswith(".data.rel.ro"):
            yield member, re.sub(r"^\.hidden ", "", found[3])


def main(archives):
    if not archives:
        print("usage: symbols.py <archive>...", file=sys.stderr)
        return 2
    finds = []
    for archive in archives:
        for member, name in undefined(archive):
            if WORLD.fullmatch(name) and name not in WORLD_ALLOWED.get(member, ()):
                finds.append(f"{archive}({member}): calls {name}")
        for member, name in mutable(archive):
            if not re.fullmatch(STATE_ALLOWED.get(member, r"(?!)"), name):
                finds.append(f"{archive}({member}): holds {name}, which can change")
    print("\n".join(finds) if finds else f"{len(archives)} archives: no clock, chance, file, network or hidden state")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
