#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same blocks give the same result hashes: with one worker and with four, at -O0 and at -O3, and over a state on
disk by a process that is killed again and again. run.py PROGRAMS FOLDER BLOCKS SEED; PROGRAMS is their folder."""

import os
import random
import shutil
import subprocess
import sys
import time


def hashes(text):
    """{height: hash}; a line that a kill cut off is none."""
    out = {}
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) == 2 and len(words[1]) == 66:
            if out.setdefault(int(words[0]), words[1]) != words[1]:
                sys.exit(f"height {words[0]} has two results in one run")
    return out


def killed(command, chance):
    """What it says in all its lives, until one of them ends by itself; and how often it was killed."""
    said, kills = "", 0
    while True:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            said += process.communicate(timeout=chance.uniform(0.3, 1.2))[0]
        except subprocess.TimeoutExpired:
            process.kill()
            said += process.communicate()[0] + "\n"
            kills += 1
            continue
        if process.returncode != 0:
            sys.exit(f"{command[0]} ended with {process.returncode}")
        return said, kills


def main():
    programs, folder, blocks, seed = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    chain = os.path.join(folder, "blocks")

    def program(name):
        return os.path.join(programs, "determinism_" + name)

    def output(*command):
        started = time.monotonic()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return text, time.monotonic() - started

    print(output(program("make"), chain, blocks, seed)[0].strip())
    expected = None
    runs = [("one worker", "replay", "1"), ("four workers", "replay", "4")]
    runs += [("-O0", "replay_O0", "1"), ("-O3", "replay_O3", "1")]
    for name, which, workers in runs:
        text, took = output(program(which), chain, workers)
        found = hashes(text)
        expected = expected or found
        print(f"{name:13} {len(found)} results, {took:.1f} s")
        if len(found) != int(blocks) + 1:
            sys.exit(f"{name}: {len(found)} results of {blocks} blocks")
        for height in sorted(expected):
            if found[height] != expected[height]:
                sys.exit(f"{name}: height {height} has another result")
    said, kills = killed([program("resume"), chain, os.path.join(folder, "state")], random.Random(int(seed)))
    found = hashes(said)
    print(f"interrupted   {len(found)} results, killed {kills} times")
    if kills == 0 or max(found) != int(blocks):
        sys.exit("it was not interrupted, or not at its end")
    for height, one in found.items():
        if expected[height] != one:
            sys.exit(f"interrupted: height {height} has another result")
    shutil.rmtree(folder)


main()
