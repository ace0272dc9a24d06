#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people do by command, beside four real validators: the tutorial of docs/escrow-language.md as it stands there,
then assets, holds, netting sets, claims and the travel rule; what is signed is said first, and the outcome is one
line of JSON. Usage: wallet_commands_test.py <tally>. Exit: 0 passed, 1 failed."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from four_nodes import Network

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORT_SHIFT = 1200


def blocks(page, language):
    """The page's fenced blocks of one language, their indentation taken away, one after the other."""
    out, inside, indent = [], False, 0
    for line in page.splitlines():
        at = line.find("```")
        if at >= 0:
            inside = not inside and line[at + 3:] == language
            indent = at
        elif inside:
            out.append(line[indent:])
    return "\n".join(out) + "\n"


def tutorial(network, folder):
    page = (ROOT / "docs" / "escrow-language.md").read_text(encoding="utf-8")
    page = page[:page.index("## Grammar")]
    (folder / "arrival.json").write_text(blocks(page, "json"), encoding="utf-8")
    (folder / "tutorial.sh").write_text("set -eux\n" + blocks(page, "sh"), encoding="utf-8")
    ran = subprocess.run(["sh", "tutorial.sh"], cwd=folder, env=network.environment, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout
    for part in ["1 of 1 as agreed", 'opens the contract ARRIVAL-1 "Pay on arrival, 1 % a day after ten"',
                 "buyer is SPREE", "seller pays 0.00 TUTOR.EUBANK, gets 0.00 TUTOR.EUBANK to 1000.00 TUTOR.EUBANK",
                 'in contract ARRIVAL-1 takes "', "ended   ARRIVAL-1", "ended   ARRIVAL-2"]:
        assert part in ran.stdout, (part, ran.stdout)


class Wallet:
    def __init__(self, tally, network):
        self.tally, self.network = tally, network

    def run(self, *words):
        return subprocess.run([self.tally, "--json", *map(str, words)], env=self.network.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")

    def done(self, *words, says):
        """Must be done, and say so first; what it opened."""
        ran = self.run(*words)
        assert ran.returncode == 0, (words, ran.stdout, ran.stderr)
        assert says in ran.stderr, (words, ran.stderr)
        outcome = json.loads(ran.stdout)
        assert outcome["state"] == "done" and outcome["code"] == "done", outcome
        return outcome.get("opened")

    def refused(self, *words, code):
        ran = self.run(*words)
        assert ran.returncode == 3 and code in ran.stdout + ran.stderr, (words, ran.stdout, ran.stderr)
        assert "next" in ran.stderr, (words, ran.stderr)

    def holds(self, party, asset):
        """What the statement ends with."""
        ran = self.run("statement", party, "--asset", asset, "--from", "2026-01-01", "--to", "2030-01-01")
        assert ran.returncode == 0, ran.stderr
        return re.search(r"closing (\S+)", ran.stdout + ran.stderr).group(1)


def commands(wallet, folder):
    asset = "CMD.EUBANK"
    reserve, invoice = folder / "reserve", folder / "invoice"
    reserve.write_text("reserve")
    invoice.write_text("INV-77")
    wallet.done("asset", "create", "CMD", "--scale", 2, "--approver", "CNBANK", "--approve-above", 500,
                "--can-freeze", "--key", "EUBANK", says="above 500.00 a day issued with CNBANK")
    minted = ["--to", "SPREE", "--reserve", reserve, "--key", "EUBANK"]
    wallet.refused("asset", "mint", "500.01", asset, *minted, code="E_MISSING_SIGNER")
    wallet.done("asset", "mint", 900, asset, *minted, "--key", "CNBANK", says="issues 900.00 CMD.EUBANK to SPREE")
    wallet.done("asset", "burn", 1, asset, "--from", "SPREE", "--key", "EUBANK", "--key", "SPREE",
                says="redeems 1.00 CMD.EUBANK of SPREE")
    frozen = ["asset", "freeze", asset, "SPREE", "--reason", "court order 7", "--key", "EUBANK"]
    wallet.done(*frozen, says="stops all debits of SPREE")
    wallet.refused("transfer", 1, asset, "--to", "SERICA", "--key", "SPREE", code="E_FROZEN")
    wallet.done(*frozen, "--end", says="lets debits go on of SPREE")

    hold = wallet.done("hold", "open", 60, asset, "--to", "SERICA", "--by", "SERICA", "--expires", "P3D", "--key",
                       "SPREE", says="sets aside 60.00 CMD.EUBANK for SERICA")
    assert hold in wallet.run("hold", "list", "SPREE", asset).stdout
    wallet.done("hold", "post", hold, 20, "--key", "SERICA", says=f"pays 2000 minor units out of hold {hold}")
    wallet.done("hold", "void", hold, "--key", "SERICA", says=f"gives hold {hold} free")
    assert wallet.holds("SERICA", asset) == "20.00"

    owed = wallet.done("netting", "open", "NET-1", "--owes", "SPREE:SERICA:30:CMD.EUBANK", "--owes",
                       "SERICA:SPREE:25:CMD.EUBANK", "--settles", "P1D", "--key", "SPREE",
                       says="SPREE (9521005000006) owes SERICA (9521001000000) 30.00 CMD.EUBANK")
    wallet.done("netting", "join", owed, "--key", "SERICA", says=f"joins the netting set {owed}")
    assert wallet.holds("SERICA", asset) == "25.00"

    wallet.done("receivable", "register", invoice, "--debtor", "SPREE", "--amount", 70, "--asset", asset, "--due",
                "P30D", "--number", "INV-77", "--key", "SERICA", "--key", "SPREE",
                says="registers the claim INV-77 on SPREE")
    wallet.done("receivable", "pledge", invoice, "--to", "CNBANK", "--key", "SERICA", says="is pledged to CNBANK")
    wallet.refused("receivable", "assign", invoice, "--to", "EUBANK", "--key", "SERICA", code="E_ALREADY_PLEDGED")
    wallet.done("receivable", "release", invoice, "--key", "CNBANK", says="is released")
    assert '"owner_name"' in wallet.run("receivable", "show", invoice).stdout


def travel_rule(wallet, folder):
    """Above its threshold an asset is paid with the statement of the payee's institution: the issuer, until it names
    another one."""
    asset, statement = "TRV.EUBANK", folder / "statement"
    reserve = folder / "reserve"

    def signed(amount, key, reference):
        ran = wallet.run("travel", "sign", amount, asset, "--from", "SPREE", "--to", "SERICA", "--reference", reference,
                         "--key", key)
        assert ran.returncode == 0 and f"SERICA may be paid {amount} {asset} by SPREE" in ran.stderr, ran.stderr
        statement.write_text(ran.stdout)

    def pays(amount):
        return ["transfer", amount, asset, "--to", "SERICA", "--key", "SPREE"]

    wallet.done("asset", "create", "TRV", "--scale", 2, "--travel-above", 100, "--key", "EUBANK",
                says="travel rule above 100.00")
    wallet.done("asset", "mint", 900, asset, "--to", "SPREE", "--reserve", reserve, "--key", "EUBANK", says="issues")
    wallet.done(*pays(100), says=f"pays 100.00 {asset}")
    wallet.refused(*pays("0.01"), code="E_TRAVEL_RULE")
    signed(150, "EUBANK", "TR-1")
    wallet.refused(*pays(151), "--travel", statement, code="E_TRAVEL_RULE")
    wallet.done(*pays(150), "--travel", statement, says="travel rule TR-1")
    wallet.refused(*pays(150), "--travel", statement, code="E_TRAVEL_RULE")
    wallet.done("asset", "authorise", asset, "SERICA", "--institution", "CNBANK", "--key", "EUBANK", says="SERICA")
    signed(200, "EUBANK", "TR-2")
    wallet.refused(*pays(200), "--travel", statement, code="E_TRAVEL_RULE")
    signed(200, "CNBANK", "TR-2")
    wallet.done(*pays(200), "--travel", statement, says="travel rule TR-2")
    assert wallet.holds("SERICA", asset) == "450.00"


def unreachable(tally):
    ran = subprocess.run([tally, "--node", "http://127.0.0.1:1", "status"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, encoding="utf-8")
    assert ran.returncode == 5 and "E_UNREACHABLE" in ran.stdout and "queue" not in ran.stdout, ran.stdout


def main(tally):
    unreachable(tally)
    with tempfile.TemporaryDirectory() as home:
        network = Network(tally, home, PORT_SHIFT)
        try:
            network.wait(tally)
            folder = pathlib.Path(home)
            tutorial(network, folder)
            wallet = Wallet(tally, network)
            commands(wallet, folder)
            travel_rule(wallet, folder)
        finally:
            network.stop()


main(sys.argv[1])
