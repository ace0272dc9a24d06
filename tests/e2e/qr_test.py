#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads QR codes as a phone's camera would: what `tally qr` prints, and each label of a sheet, becomes a picture, and
zbarimg must find the Digital Link in it. Usage: qr_test.py <tally>. Exit: 0 passed, 1 failed, 77 not run."""
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile

BASE = "http://192.168.1.5:8080"
PATH = "/01/09521001000109/21/S000042"
PIXELS = 6  # a side of one module
LIT = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}


def printed(tally: str, colour: bool, *more: str) -> str:
    command = [tally, "qr", PATH, "--base", BASE, *more]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    if not colour:
        return subprocess.run(command, env={**environment, "NO_COLOR": "1"}, stdout=subprocess.PIPE, check=True,
                              encoding="utf-8").stdout
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env={**environment, "TERM": "xterm-256color"}, stdout=theirs)
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 4096):
            text += chunk
    except OSError:  # the end of a terminal
        pass
    assert process.wait() == 0
    return text.decode()


def picture(text: str, foreground_is_black: bool) -> bytes:
    """A bitmap (PBM) of the half blocks; 1 is black there."""
    rows = []
    for line in text.replace("\r", "").split("\n"):
        plain = re.sub("\x1b\\[[0-9;]*m", "", line)
        if not plain or set(plain) - LIT.keys():
            continue
        for half in (0, 1):
            rows.append([LIT[mark][half] == foreground_is_black for mark in plain])
    width = max(map(len, rows))
    body = []
    for row in rows:
        pixels = [black for black in row + [False] * (width - len(row)) for _ in range(PIXELS)]
        body += [" ".join("1" if black else "0" for black in pixels)] * PIXELS
    return f"P1\n{width * PIXELS} {len(body)}\n".encode() + "\n".join(body).encode() + b"\n"


def labels(tally: str) -> list:
    """The bitmaps of the codes on a sheet of an item, a lot and a unit, drawn from the SVG's own paths."""
    paths = [PATH, "/01/09521001000017/10/R2606", "/00/095210010000000017"]
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "sheet.svg")
        subprocess.run([tally, "qr", *paths, "--base", BASE, "--svg", file], check=True, stdout=subprocess.PIPE)
        nowhere = os.path.join(folder, "none", "sheet.svg")
        refused = subprocess.run([tally, "qr", *paths, "--base", BASE, "--svg", nowhere], capture_output=True)
        assert refused.returncode != 0 and not os.path.exists(os.path.dirname(nowhere)), "a folder was made by itself"
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
    out = []
    for side, path in re.findall(r'viewBox="0 0 (\d+) \1" shape-rendering="crispEdges"><path d="([^"]+)"', text):
        rows = [[False] * int(side) for _ in range(int(side))]
        for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
            for column in range(int(x), int(x) + int(run)):
                rows[int(y)][column] = True
        lines = [" ".join("1" if black else "0" for black in row for _ in range(PIXELS)) for row in rows]
        body = [line for line in lines for _ in range(PIXELS)]
        size = int(side) * PIXELS
        out.append(f"P1\n{size} {size}\n".encode() + "\n".join(body).encode() + b"\n")
    return list(zip(paths, out, strict=True))


def main() -> int:
    if not shutil.which("zbarimg"):
        print("did not run: no zbarimg")
        return 77
    failed = 0
    tally = sys.argv[1]
    looks = {"dark terminal": (printed(tally, False), False),
             "light terminal": (printed(tally, False, "--invert"), True)}
    coloured = printed(tally, True)
    looks["colour"] = (coloured, "\x1b[30;107m" in coloured)  # black on white
    for name, (text, foreground_is_black) in looks.items():
        read = subprocess.run(["zbarimg", "--quiet", "--raw", "-"], input=picture(text, foreground_is_black),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = read.stdout.decode().strip()
        right = found == BASE + PATH
        failed += not right
        print(f"{name}: {found if right else f'expected {BASE + PATH}, read {found!r} {read.stderr.decode()}'}")
    for path, image in labels(tally):
        read = subprocess.run(["zbarimg", "--quiet", "--raw", "-"], input=image, stdout=subprocess.PIPE)
        right = read.stdout.decode().strip() == BASE + path
        failed += not right
        print(f"label: {path if right else f'expected {BASE + path}, read {read.stdout!r}'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
