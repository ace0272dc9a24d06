#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""receipts.py TALLY: what the log of all events proves, as scitt-cose judges it; audit and doctor of a node's folder.

Beside four real validators: receipts of events, by their key and no other, of their leaf and no other; consistency of
the log with each smaller one; tiles that give its root. Then `tally audit` and `tally doctor` of stopped nodes, whole
and damaged. Ends with 77 (not run) where scitt-cose cannot be installed, under CI=true with 1.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from four_nodes import Network
from judge import run_inside

PINNED = "scitt-cose==0.5.0"
PORT_SHIFT = 1300
KEY_ID = 4


class Node:
    def __init__(self, url):
        self.url = url

    def call(self, method, **params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        answer = json.load(urllib.request.urlopen(request))
        assert "result" in answer, answer
        return answer["result"]


def pem(key):
    """An Ed25519 key as the judge wants it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key[2:]))
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def judge_receipts(network, node, folder, size):
    from scitt_cose import verify_receipt

    keys = [one["key"] for one in node.call("chain_validators")["validators"]]
    for index in sorted({0, 1, size // 2, size - 1}):
        file = folder / f"{index}.receipt"
        ran = subprocess.run([network.tally, "receipt", str(index), file], env=network.environment,
                             stdout=subprocess.PIPE, encoding="utf-8")
        assert ran.returncode == 0, ran.stdout
        receipt, leaf = file.read_bytes(), pathlib.Path(f"{file}.leaf").read_bytes()
        good = [verify_receipt(receipt, leaf_entry_hex=leaf.hex(), log_public_key_pem=pem(key)) for key in keys]
        held = [one for one in good if one.ok]
        assert len(held) == 1, [one.errors for one in good]
        only = held[0]
        signer = "0x" + only.protected_header_ext[KEY_ID].hex()
        assert signer == keys[good.index(only)], signer
        at = node.call("log_proof", event=str(index))
        assert (only.leaf_index, only.tree_size) == (index, int(at["size"])), at
        assert only.root == at["root"][2:] and only.issuer == node.call("chain_status")["chain"]
        other = bytes([leaf[0] ^ 1]) + leaf[1:]
        assert not verify_receipt(receipt, leaf_entry_hex=other.hex(), log_public_key_pem=pem(signer)).ok


def judge_log(node, size, root):
    from scitt_cose import merkle_root, verify_consistency, verify_inclusion

    for first in sorted({1, 2, size // 3, size - 1, size}):
        at = node.call("log_consistency", first=str(first))
        path = [hash[2:] for hash in at["path"]]
        assert verify_consistency(at["first_root"][2:], root[2:], first, size, path), at
    for index in (0, size // 2, size - 1):
        at = node.call("log_proof", event=str(index))
        assert verify_inclusion(at["leaf"][2:], index, size, [hash[2:] for hash in at["path"]], root[2:]), at
    # The leaves that a reader of all tiles gets fold into the root.
    hashes = []
    while len(hashes) < size:
        hashes += node.call("log_tile", level=0, index=str(len(hashes) // 256))["hashes"]
    assert len(hashes) == size
    leaves = [node.call("log_proof", event=str(index))["leaf"][2:] for index in range(size)]
    assert merkle_root(leaves) == root[2:]


def look(network, *words):
    ran = subprocess.run([network.tally, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    return ran.returncode, ran.stdout


def damage(folder, at):
    file = max((one for one in folder.iterdir() if one.is_file()), key=lambda one: one.stat().st_size)
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])


def judge_audit(network, size, root):
    for home in network.homes():
        code, said = look(network, "audit", "--home", home)
        assert code == 0 and said.startswith("all is so") and f"{size} events" in said and root in said, said
        code, said = look(network, "doctor", "--deep", home)
        assert code == 0 and "bad" not in said, said


def judge_doctor(network):
    """Journal and log of one node are damaged: both are named, and it may not come back as one that never voted."""
    home = network.homes()[0]
    damage(home / "data" / "log", 200)
    damage(home / "data" / "journal", 9)
    code, said = look(network, "audit", "--home", home)
    assert code == 1 and "NOT SO" in said, said
    code, said = look(network, "doctor", "--deep", home)
    assert code == 1 and "bad  block log" in said and "bad  journal" in said, said
    code, said = look(network, "doctor", "--deep", "--repair", home)
    assert code == 0 and (home / "data" / "damaged" / "log").exists(), said
    network.start()
    network.wait(network.tally)
    assert "the vote journal is gone or damaged" in (home / "log").read_text()


def main():
    tally = sys.argv[1]
    run_inside(tally, PINNED)
    with tempfile.TemporaryDirectory() as home:
        network = Network(tally, home, PORT_SHIFT)
        try:
            network.wait(tally)
            for code in ("ONE", "TWO", "TEN"):
                subprocess.run([tally, "asset", "create", code, "--key", "EUBANK"], env=network.environment, check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            node = Node(network.environment["TALLY_NODE"])
            status = node.call("chain_status")
            size, root = int(status["event_log_size"]), status["event_log_root"]
            assert size > 100, "the genesis of 25 members"
            judge_log(node, size, root)
            judge_receipts(network, node, pathlib.Path(home), size)
        finally:
            network.stop()
        judge_audit(network, size, root)
        try:
            judge_doctor(network)
        finally:
            network.stop()
    print(f"{size} events: receipts, consistency, tiles and audit agree")


main()
