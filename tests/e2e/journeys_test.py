#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays all journeys on four processes each, and files that say something else than what happens.

usage: journeys_test.py TALLY JOURNEYS_FOLDER WORK_FOLDER
"""
import json
import pathlib
import subprocess
import sys

tally, folder, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
failures = []


def play(name, *options, code=0, says=""):
    command = [tally, "testnet", "journey", name, *options, "--home", str(work / "network"), "--port-shift", "400"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode == code and says in done.stdout + done.stderr:
        return
    failures.append(f"{name} {options}: status {done.returncode}, expected {code} and {says!r}\n"
                    f"{done.stdout[-2000:]}{done.stderr[-2000:]}")


def altered(name, change):
    file = json.loads((folder / "journeys.json").read_text())
    change(file)
    path = work / name
    path.write_text(json.dumps(file))
    for terms in folder.glob("ESC-*.json"):
        (work / terms.name).write_text(terms.read_text())
    return path


work.mkdir(parents=True, exist_ok=True)
play("J1-silk", "--attacks", says="as its file says")
play("J2-cotton", "--attacks", says="as its file says")
play("J3-salmon", "--attacks", says="as its file says")
play("J3-salmon", "--variant", "B", says="as its file says")
play("J4-watch", "--attacks", says="as its file says")


def too_much_silk(file):
    file["journeys"]["J1-silk"]["events"][2]["out"][0]["qty"] = 268.0


def another_refund(file):
    file["journeys"]["J3-salmon"]["sensor"]["expected"]["B"]["m2_refund_minor"] = 760001


def an_attack_that_fails(file):
    move = {"like": 1, "set": {"cert": "CERT-NONE"}, "gives": "done"}
    entry = {"id": "X1", "journey": "J2-cotton", "attack": "no such certificate", "before": 1, "play": [move]}
    file["adversarial"] = [entry]


def an_attack_nobody_knows(file):
    file["adversarial"].append({"id": "X2", "journey": "J3-salmon", "attack": "something else", "expected": "E_SEQ"})


def another_name(file):
    file["journeys"] = {"J9-silk": file["journeys"]["J1-silk"]}
    file["adversarial"] = [one | {"journey": "J9-silk"} for one in file["adversarial"] if one["journey"] == "J1-silk"]
    for one in file["adversarial"]:
        one["attack"] = one["attack"].replace("40 min", "45 min")


def another_code(file):
    file["adversarial"] = [one | {"expected": "E_YIELD"} for one in file["adversarial"] if one["id"] == "A01"]


play("J9", "--attacks", "--file", str(altered("name.json", another_name)), says="as its file says")
play("J2", "--attacks", "--file", str(altered("code.json", another_code)), code=1, says="expected E_YIELD")
play("J2", "--attacks", "--file", str(altered("attack.json", an_attack_that_fails)), code=1, says="E_CERT_UNKNOWN")
play("J3", "--attacks", "--file", str(altered("unknown.json", an_attack_nobody_knows)), code=1, says="X2")
play("J1", "--file", str(altered("yield.json", too_much_silk)), code=1, says="E_MASS_BALANCE")
play("J3", "--variant", "B", "--file", str(altered("refund.json", another_refund)), code=1, says="expected 760001")
play("J9", code=1, says="no such journey")

print("\n".join(failures) or "all journeys hold, and what differs is found")
sys.exit(1 if failures else 0)
