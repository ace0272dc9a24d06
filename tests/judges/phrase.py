#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""phrase.py TALLY: phrases and the keys that grow from them, as wallycore makes them.

Phrases of the binary must be ones that wallycore reads; keys that the binary restores must be those that wallycore
derives by BIP-39 and BIP-32. Ends with 77 (not run) where wallycore cannot be installed, under CI=true with 1.
"""

import os
import pathlib
import secrets
import subprocess
import sys
import tempfile

from judge import run_inside

PINNED = "wallycore==1.5.6"
PASSPHRASE = "correct horse"


def main():
    tally = sys.argv[1]
    run_inside(tally, PINNED)
    import wallycore

    environment = {**os.environ, "TALLY_PASSPHRASE": PASSPHRASE}
    for words in (12, 24):
        command = [tally, "key", "phrase", "--words", str(words)]
        out = subprocess.run(command, capture_output=True, text=True, check=True)
        phrase = out.stdout.strip()
        assert len(phrase.split()) == words, phrase
        wallycore.bip39_mnemonic_validate(None, phrase)
    with tempfile.TemporaryDirectory() as folder:
        for number, size in enumerate((16, 20, 24, 28, 32)):
            phrase = wallycore.bip39_mnemonic_from_bytes(None, secrets.token_bytes(size))
            file = pathlib.Path(folder) / "phrase"
            file.write_text(phrase + "\n")
            seed = wallycore.bip39_mnemonic_to_seed512(phrase, "")
            root = wallycore.bip32_key_from_seed(seed, wallycore.BIP32_VER_MAIN_PRIVATE, 0)
            index = number * 1000
            child = wallycore.bip32_key_from_parent_path_str(root, f"m/44'/9521'/0'/0'/{index}'", 0, 0)
            expected = "0x" + wallycore.bip32_key_get_pub_key(child)[1:].hex()
            made = subprocess.run(
                [tally, "--keys", folder, "key", "restore", f"k{number}", "--phrase-file", str(file), "--index",
                 str(index)], capture_output=True, text=True, env=environment)
            assert made.returncode == 0, made.stderr
            assert made.stdout.strip() == expected, (phrase, index, made.stdout, expected)
        wrong = phrase.split()
        wrong[0], wrong[1] = wrong[1], wrong[0]
        file.write_text(" ".join(wrong))
        try:
            wallycore.bip39_mnemonic_validate(None, " ".join(wrong))
            valid = True
        except ValueError:
            valid = False
        made = subprocess.run([tally, "--keys", folder, "key", "restore", "x", "--phrase-file", str(file)],
                              capture_output=True, text=True, env=environment)
        assert (made.returncode == 0) == valid, "a wrong order of words"
    print("phrases and keys agree with wallycore")


main()
