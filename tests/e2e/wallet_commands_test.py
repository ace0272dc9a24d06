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
from liar import Liar

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
                 "\n      buyer is SPREE",
                 "\n      seller pays 0.00 TUTOR.EUBANK, gets 0.00 TUTOR.EUBANK to 1000.00 TUTOR.EUBANK",
                 'in contract ARRIVAL-1 (0x', 'buyer SPREE, carrier HALDEN, seller SERICA) takes "',
                 "ended   ARRIVAL-1", "ended   ARRIVAL-2"]:
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

    def refused(self, *words, code, says=""):
        ran = self.run(*words)
        assert ran.returncode == 3 and code in ran.stdout + ran.stderr, (words, ran.stdout, ran.stderr)
        assert "next" in ran.stderr and says in ran.stderr, (words, ran.stderr)

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
    wallet.done("hold", "post", hold, 20, "--key", "SERICA",
                says=f"pays 20.00 CMD.EUBANK to SERICA (9521001000000) out of hold {hold} of SPREE")
    wallet.done("hold", "void", hold, "--key", "SERICA", says=f"gives hold {hold} free")
    assert wallet.holds("SERICA", asset) == "20.00"

    owed = wallet.done("netting", "open", "NET-1", "--owes", "SPREE:SERICA:30:CMD.EUBANK", "--owes",
                       "SERICA:SPREE:25:CMD.EUBANK", "--settles", "P1D", "--key", "SPREE",
                       says="SPREE (9521005000006) owes SERICA (9521001000000) 30.00 CMD.EUBANK")
    wallet.done("netting", "join", owed, "--key", "SERICA",
                says="in all SERICA (9521001000000) owes 25.00 CMD.EUBANK and gets 30.00 CMD.EUBANK")
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


def issuer(wallet, folder):
    """What an issuer may only where the asset was made for it; the next step that is named fits what was tried."""
    asset, reserve = "ISS.EUBANK", folder / "reserve"
    by = ["--key", "EUBANK"]
    wallet.done("asset", "create", "ISS", "--scale", 2, "--can-clawback", *by, says="can be taken back")
    wallet.done("asset", "mint", 900, asset, "--to", "SPREE", "--reserve", reserve, *by, says="issues")
    wallet.refused("asset", "mint", 1, asset, "--to", "EUBANK", "--reserve", reserve, *by, code="E_NOT_AUTHORISED",
                   says="name a holder")
    wallet.refused("asset", "freeze", asset, "SPREE", "--reason", "x", *by, code="E_NOT_AUTHORISED",
                   says="--can-freeze")
    wallet.done("asset", "clawback", 100, asset, "--from", "SPREE", "--reason", "court order 8", *by,
                says=f"takes 100.00 {asset} back from SPREE (9521005000006): court order 8")
    assert wallet.holds("SPREE", asset) == "800.00"
    wallet.done("asset", "limits", asset, "--tier", 0, "--transfer", 50, *by, says=f"pay at once at most 50.00 {asset}")
    wallet.refused("transfer", 51, asset, "--to", "SERICA", "--key", "SPREE", code="E_LIMIT")
    wallet.done("asset", "limits", asset, *by, says="pay at once without limit")


def keys(wallet):
    """A key signs from when a root or admin key entered it until it is revoked."""
    made = wallet.run("key", "new", "SPREE-clerk", "--gln", "9521005000006").stdout.strip()
    paid = ["transfer", 1, "ISS.EUBANK", "--to", "SERICA", "--key", "SPREE-clerk"]
    wallet.refused(*paid, code="E_KEY_UNKNOWN")
    wallet.run("key", "new", "SPREE-admin", "--gln", "9521005000006")
    wallet.refused("key", "add", "SPREE-clerk", "--act", "money", "--key", "SPREE-root", code="E_SCOPE",
                   says="sign with an admin key of this party")
    wallet.refused("key", "add", "SPREE-admin", "--kind", "admin", "--key", "SPREE-root", code="E_SCOPE",
                   says="give --until no later than its end")
    wallet.done("key", "add", "SPREE-admin", "--kind", "admin", "--until", "P1D", "--key", "SPREE-root",
                says="as admin key")
    wallet.done("key", "add", "SPREE-clerk", "--act", "money", "--until", "PT12H", "--key", "SPREE-admin",
                says=f"lets the key {made} sign for SPREE (9521005000006) as staff key, acts: money, until ")
    wallet.done(*paid, says="pays 1.00 ISS.EUBANK")
    wallet.done("key", "revoke", made, "--key", "SPREE-admin", says=f"the key {made} signs nothing any more")
    wallet.refused(*paid, code="E_KEY_REVOKED")


def own_limits(wallet, network, folder):
    """The wallet's limits count whatever takes money: payments, redemptions, debts, deposits, orders of files; what the
    node alone says counts as unknown."""
    asset = "ISS.EUBANK"
    pinned_to = ["--genesis", network.genesis()]
    unproved = {"code": "E_LIMIT", "says": "is not proved"}
    over = {"code": "E_LIMIT", "says": "this wallet pays at most 10.00 at once"}
    assert wallet.run("limit", asset, "--transfer", 10).returncode == 0
    wallet.refused("transfer", 11, asset, "--to", "SERICA", "--key", "SPREE", **over)
    wallet.refused("asset", "burn", 11, asset, "--from", "SPREE", "--key", "EUBANK", "--key", "SPREE", **over)
    owes = ["netting", "open", "NET-2", "--owes", f"SPREE:SERICA:11:{asset}", "--settles", "P1D", "--key"]
    wallet.refused(*owes, "SPREE", **over)
    opened = wallet.done("netting", "open", "NET-3", "--owes", f"SPREE:SERICA:11:{asset}", "--owes",
                         f"SERICA:SPREE:1:{asset}", "--settles", "P1D", "--key", "SERICA", says="SPREE")
    wallet.refused("netting", "join", opened, "--key", "SPREE", **unproved)
    wallet.refused(*pinned_to, "netting", "join", opened, "--key", "SPREE", **over)
    assert wallet.run("limit", asset).returncode == 0
    deposited = "TUTOR.EUBANK"
    wallet.done("escrow", "open", folder / "arrival.json", "--role", "buyer=SPREE", "--role", "seller=SERICA", "--role",
                "carrier=HALDEN", "--label", "LIMITED", "--key", "SPREE", says="buyer is SPREE")
    assert wallet.run("limit", deposited, "--transfer", 999).returncode == 0
    wallet.refused("escrow", "act", "LIMITED", "deposit", "--key", "SPREE", **unproved)
    wallet.refused(*pinned_to, "escrow", "act", "LIMITED", "deposit", "--key", "SPREE", code="E_LIMIT",
                   says="this wallet pays at most 999.00 at once")
    draft = folder / "deposit.draft"
    drafted = wallet.run("escrow", "act", "LIMITED", "deposit", "--draft", draft, "--approvers", "SPREE")
    assert drafted.returncode == 0, drafted.stderr
    alone = ["--node", "http://127.0.0.1:1", "draft", "approve", draft, "--key", "SPREE"]
    wallet.refused(*alone, **unproved)
    approved = wallet.run(*alone, "--over-limit")
    assert approved.returncode == 0 and "GLN 9521005000006 (the draft calls it SPREE)" in approved.stderr, approved
    assert wallet.run("limit", deposited).returncode == 0


def orders_file(message, orders, day="2026-05-18"):
    """A pain.001 of SPREE; orders: end-to-end id, amount, and what names the payee."""
    lines = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>{ident}</EndToEndId></PmtId><Amt><InstdAmt Ccy='ORD'>{amount}</InstdAmt>"
        f"</Amt>{payee}</CdtTrfTxInf>" for ident, amount, payee in orders)
    return (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.10'><CstmrCdtTrfInitn><GrpHdr>"
        f"<MsgId>{message}</MsgId><CreDtTm>2026-08-13T09:00:00Z</CreDtTm><NbOfTxs>{len(orders)}</NbOfTxs><InitgPty/>"
        f"</GrpHdr><PmtInf><PmtInfId>P</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt><Dbtr/>"
        "<DbtrAcct><Id><Othr><Id>9521005000006</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><Othr><Id>EUBANK</Id>"
        f"</Othr></FinInstnId></DbtrAgt>{lines}</PmtInf></CstmrCdtTrfInitn></Document>")


def orders(wallet, folder):
    """Each order of a file is paid once however often it is imported, within the limits, not before its day, and to
    nobody but the account that it names."""
    asset, file, answer = "ORD.EUBANK", folder / "orders.xml", folder / "orders.pain.002"
    wallet.done("asset", "create", "ORD", "--scale", 2, "--key", "EUBANK", says="creates")
    wallet.done("asset", "mint", 100, asset, "--to", "SPREE", "--reserve", folder / "reserve", "--key", "EUBANK",
                says="issues")
    wallet.done("transfer", 1, asset, "--to", "SERICA", "--key", "SPREE", says="pays 1.00")
    serica = "<CdtrAcct><Id><Othr><Id>9521001000000</Id></Othr></Id></CdtrAcct>"
    iban = "<Cdtr><Nm>SERICA</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>"
    paid = ["payments", "import", file, "--key", "SPREE", "--status", answer]

    def imports(*words):
        before = float(wallet.holds("SERICA", asset))
        ran = wallet.run(*words)
        return ran, float(wallet.holds("SERICA", asset)) - before

    twins = [("NOTPROVIDED", "2.00", serica), ("NOTPROVIDED", "2.00", serica)]
    file.write_text(orders_file("TWINS", twins))
    assert wallet.run("limit", asset, "--transfer", 2, "--day", 5).returncode == 0
    ran, got = imports(*paid)
    assert (ran.returncode, got) == (0, 4.0), (got, ran.stdout, ran.stderr)
    assert f"pays 2.00 {asset} to SERICA" in ran.stderr, ran.stderr
    ran, got = imports(*paid)
    assert (ran.returncode, got) == (0, 0.0), (got, ran.stdout, ran.stderr)
    file.write_text(orders_file("OVER", twins[:1]))
    ran, got = imports(*paid)
    assert (ran.returncode, got) == (3, 0.0) and "E_LIMIT" in ran.stdout, (got, ran.stdout, ran.stderr)
    assert "AM14" in answer.read_text(), answer.read_text()
    ran, got = imports(*paid, "--over-limit")
    assert (ran.returncode, got) == (0, 2.0), (got, ran.stdout, ran.stderr)
    assert wallet.run("limit", asset).returncode == 0
    file.write_text(orders_file("LATER", twins[:1], "2035-01-01"))
    ran, got = imports(*paid)
    assert (ran.returncode, got) == (3, 0.0), (got, ran.stdout, ran.stderr)
    assert "DT01" in answer.read_text() and "2035-01-01" in answer.read_text(), answer.read_text()
    file.write_text(orders_file("ELSEWHERE", [("E1", "1.00", iban)]))
    ran, got = imports(*paid)
    assert (ran.returncode, got) == (3, 0.0) and "CdtrAcct" in ran.stderr, (got, ran.stdout, ran.stderr)


def contract(wallet, folder, label, price, *roles):
    """Opens the tutorial's contract over another price in ORD; its id."""
    terms = (folder / "arrival.json").read_text().replace("TUTOR.EUBANK", "ORD.EUBANK")
    (folder / "ordered.json").write_text(re.sub(r'("(?:price|cap)": )100000\b', rf"\g<1>{price}", terms))
    parties = [word for role in roles for word in ("--role", role)]
    signer = roles[0].split("=")[1]
    return wallet.done("escrow", "open", folder / "ordered.json", *parties, "--label", label, "--key", signer,
                       says="opens the contract " + label)


OURS = ["buyer=SPREE", "seller=SERICA", "carrier=HALDEN"]


def deposits(wallet, folder):
    """An order is paid into a contract that waits for exactly its amount, and keeps its ids. A stranger's contract with
    the same label is in nobody's way."""
    asset, file, answer = "ORD.EUBANK", folder / "orders.xml", folder / "orders.pain.002"
    ours = contract(wallet, folder, "PAIN-1", 500, *OURS)
    theirs = contract(wallet, folder, "PAIN-1", 700, "buyer=CNBANK", "seller=HALDEN", "carrier=MAASHUB")
    ran = wallet.run("escrow", "explain", "PAIN-1")
    assert ran.returncode == 3 and ours in ran.stderr and theirs in ran.stderr, ran
    assert "name a contract by its id" in ran.stderr, ran.stderr
    payee = ("<CdtrAcct><Id><Othr><Id>PAIN-1</Id><SchmeNm><Prtry>CONTRACT</Prtry></SchmeNm></Othr></Id></CdtrAcct>")
    for message, amount, code, taken in [("MORE", "10.00", 3, 0.0), ("LESS", "1.00", 3, 0.0), ("JUST", "5.00", 0, 5.0)]:
        file.write_text(orders_file(message, [("DEPOSIT-1", amount, payee)]))
        before = float(wallet.holds("SPREE", asset))
        ran = wallet.run("payments", "import", file, "--key", "SPREE", "--status", answer)
        got = before - float(wallet.holds("SPREE", asset))
        assert (ran.returncode, got) == (code, taken), (amount, got, ran.stdout, ran.stderr)
        if code != 0:
            assert "PAIN-1 waits for another deposit: 5.00 ORD.EUBANK" in ran.stdout, ran.stdout
            assert "AM12" in answer.read_text(), answer.read_text()
    told = wallet.run("statement", "SPREE", "--asset", asset, "--from", "2026-01-01", "--to", "2030-01-01", "--format",
                      "camt053")
    assert "<EndToEndId>DEPOSIT-1</EndToEndId>" in told.stdout, told.stdout
    status = wallet.run("tx", "status", re.search(r"0x[0-9a-f]{64}", ran.stdout).group())
    assert "<OrgnlEndToEndId>DEPOSIT-1</OrgnlEndToEndId>" in status.stdout, status.stdout
    wallet.refused("escrow", "act", "PAIN-1", "catch-up", "--key", "SERICA", code="E_NO_CASE")
    wallet.done("escrow", "act", "PAIN-1", "cancel", "--key", "SERICA", says="in contract PAIN-1 (0x")


def lying(wallet, network, folder):
    """A node that shows one contract and means another, or moves the point of an amount, is caught where the chain is
    pinned; elsewhere its word is called so."""
    small = contract(wallet, folder, "LIE-SMALL", 100, *OURS)
    big = contract(wallet, folder, "LIE-BIG", 2000, *OURS)
    liar = Liar(network.environment["TALLY_NODE"])
    through = ["--node", liar.url]
    pinned_to = [*through, "--genesis", network.genesis()]
    deposit = ["escrow", "act", "LIE-SMALL", "deposit", "--key", "SPREE"]
    pays = ["transfer", "1.00", "ORD.EUBANK", "--to", "SERICA", "--key", "SPREE"]

    def caught(*words):
        before = wallet.holds("SPREE", "ORD.EUBANK")
        ran = wallet.run(*pinned_to, *words)
        assert ran.returncode == 4 and "E_SIGNATURE" in ran.stderr, ran
        assert "do not trust this node" in ran.stderr and wallet.holds("SPREE", "ORD.EUBANK") == before, ran
    try:
        wallet.done(*pinned_to, *pays, says="pays 1.00 ORD.EUBANK to SERICA")
        liar.question = lambda text: text.replace(big, small)
        liar.answer = lambda text: text.replace(small, big)
        caught(*deposit)
        drafted = wallet.run(*through, *deposit, "--draft", folder / "lie.draft")
        assert drafted.returncode == 0 and "by the node's word" in drafted.stderr, drafted
        liar.question = lambda text: text
        liar.answer = lambda text: re.sub(r'"scale":("?)2\b', r'"scale":\g<1>6', text)
        caught(*pays)
        drafted = wallet.run(*through, *pays, "--draft", folder / "lie.draft")
        assert drafted.returncode == 0 and "has 6 decimals is the node's word" in drafted.stderr, drafted
        liar.question = lambda text: text.replace('"SERICA"', '"CNBANK"')
        liar.answer = lambda text: text.replace('"CNBANK"', '"SERICA"')
        caught(*pays)
    finally:
        liar.stop()


def pinned(wallet, network, folder):
    """With --genesis nothing is signed for another chain; a file that is not there is an error, not silence."""
    genesis = network.genesis()
    other = json.loads(genesis.read_text())
    other["chain_name"] += " two"
    elsewhere, draft = folder / "elsewhere.json", folder / "pinned.draft"
    elsewhere.write_text(json.dumps(other))
    (folder / "orders.xml").write_text(
        orders_file("CHAIN", [("E1", "1.00", "<CdtrAcct><Id><Othr><Id>9521001000000</Id></Othr></Id></CdtrAcct>")]))
    pays = ["transfer", 1, "ISS.EUBANK", "--to", "SERICA", "--key", "SPREE"]
    drafted = wallet.run(*pays, "--draft", draft)
    assert drafted.returncode == 0, drafted.stderr
    signing = [
        pays, ["draft", "approve", draft, "--key", "SPREE"],
        ["payments", "import", folder / "orders.xml", "--key", "SPREE"],
        ["capture", folder / "arrived.json", "--key", "HALDEN"],
        ["import", folder / "arrived.json", "--key", "HALDEN"],
        ["network", "vote", "0x" + "11" * 32, "yes", "--key", "EUBANK"],
        ["travel", "sign", 1, "ISS.EUBANK", "--from", "SPREE", "--to", "SERICA", "--reference", "R", "--key", "EUBANK"]]
    for words in signing:
        for file in (elsewhere, folder / "missing.json"):
            wallet.refused("--genesis", file, *words, code="E_CHAIN", says="nothing was signed")
    approved = wallet.run("--genesis", genesis, "draft", "approve", draft, "--key", "SPREE")
    assert approved.returncode == 0, approved.stderr
    wallet.refused("--genesis", elsewhere, "draft", "send", draft, code="E_CHAIN", says="nothing was signed")
    sent = wallet.run("--genesis", genesis, "draft", "send", draft)
    assert sent.returncode == 0, sent.stderr


def words(wallet):
    """Usage that would mislead is refused with field and remedy."""
    ran = wallet.run("statement", "SPREE", "--asset", "ISS.EUBANK", "--from", "2030-01-01", "--to", "2026-01-01")
    assert ran.returncode == 2 and "--from" in ran.stderr and "next" in ran.stderr, ran
    ran = wallet.run("statement", "SPREE", "--asset", "ISS.EUBANK", "--from", "x", "--to", "2026-01-01")
    assert ran.returncode == 2 and "next   write a day, like --from 2026-08-01" in ran.stderr, ran
    ran = wallet.run("wallet")
    assert ran.returncode == 2 and "no verb is called wallet" in ran.stderr and " transfer " in ran.stderr, ran
    ran = wallet.run("key")
    assert ran.returncode == 2 and "next   tally key, one of: new list phrase" in ran.stderr, ran
    ran = wallet.run("network", "nope")
    assert ran.returncode == 2 and "no verb is called nope" in ran.stderr and " vote " in ran.stderr, ran
    wallet.refused("contacts", "add", "SERICA", "9521005000006", code="E_ALREADY_REGISTERED", says="name of your own")
    assert wallet.run("contacts", "add", "SERICA", "9521001000000").returncode == 0


def unreachable(tally):
    ran = subprocess.run([tally, "--node", "http://127.0.0.1:1", "status"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, encoding="utf-8")
    assert ran.returncode == 5 and "E_UNREACHABLE" in ran.stdout and "queue" not in ran.stdout, ran.stdout
    ran = subprocess.run([tally, "--node", "http://127.0.0.1:1", "escrow", "explain", "X"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, encoding="utf-8")
    assert ran.returncode == 5 and "label" not in ran.stdout, ran.stdout


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
            issuer(wallet, folder)
            keys(wallet)
            own_limits(wallet, network, folder)
            orders(wallet, folder)
            deposits(wallet, folder)
            lying(wallet, network, folder)
            pinned(wallet, network, folder)
            words(wallet)
        finally:
            network.stop()


main(sys.argv[1])
