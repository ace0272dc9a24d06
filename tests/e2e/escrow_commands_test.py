#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What escrow analyse and escrow simulate say and how they end, of sound files and of broken ones. Usage:
escrow_commands_test.py <tally>. Exit: 0 passed, 1 failed."""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "scenario" / "escrow"
SIGNED_FOR = ROOT / "contracts" / "templates" / "01-documentary-signed-for.json"


def expect(tally, words, status, *parts):
    ran = subprocess.run([tally, "escrow", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         encoding="utf-8")
    assert ran.returncode == status, (words, ran.returncode, ran.stdout)
    for part in parts:
        assert part in ran.stdout, (words, part, ran.stdout)


def main(tally):
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = pathlib.Path(folder) / name
            path.write_text(text, encoding="utf-8")
            return path

        start = ["--start", "2026-10-01T00:00:00Z"]
        expect(tally, ["analyse", SIGNED_FOR, *start], 0, "2026-11-27T00:00:00Z  (57d after",
               "out 0 .. 1,000,000   net -1,000,000 .. 0\n", "net 0 .. 1,000,000\n", "all of price to seller",
               "the dearest step, 7 for the dearest life")
        expect(tally, ["analyse", SIGNED_FOR, *start, "--language", "zh"], 0, "最迟结束", "净额 0 .. 1,000,000")
        sound = SIGNED_FOR.read_text(encoding="utf-8")
        poor = sound.replace('"cap": 1000000', '"cap": 999999')
        expect(tally, ["analyse", write("poor.json", poor)], 4, "E_ANALYSIS", ": states.funding.when[0]")
        stray = sound.replace('"late"', '"lates"', 1)
        expect(tally, ["analyse", write("stray.json", stray)], 4, "E_ESCROW_FORM", "stray.json:5", ": states.funding")
        expect(tally, ["analyse", write("torn.json", '{\n "escrow": 1,\n}')], 4, "near line 2, column 12")

        expect(tally, ["analyse", pathlib.Path(folder) / "absent.json"], 4, "absent.json", "name a file that is there")

        def simulate(name, scenarios, status, *parts):
            file = write(name, json.dumps(scenarios))
            expect(tally, ["simulate", SIGNED_FOR, "--scenarios", file], status, *parts)

        own = [one for one in json.loads((SCENARIOS / "templates.json").read_text(encoding="utf-8"))
               if one["template"] == SIGNED_FOR.stem]
        simulate("own.json", own, 0, f"{len(own)} of {len(own)} as agreed", "ok ")
        own[0]["payouts"]["seller:USD"] -= 1
        simulate("less.json", own, 1, "DIFFERS", "seller:USD 1000000; expected seller:USD 999999",
                 f"{len(own) - 1} of {len(own)} as agreed")
        simulate("foreign.json", [{**own[1], "template": "other"}], 1, "no terms of this name")
        simulate("none.json", [], 1, "no scenario in it")


main(sys.argv[1])
