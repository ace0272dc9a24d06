# SPDX-License-Identifier: Apache-2.0
"""Four real validators for tests in Python."""
import os
import pathlib
import re
import subprocess
import time

READY_S = 60


class Network:
    """Four nodes in a folder, their ports moved by this much, away from everybody else's."""

    def __init__(self, tally, home, port_shift):
        self.tally = tally
        self.home = pathlib.Path(home) / "network"
        subprocess.run([tally, "testnet", "init", "--home", self.home], check=True, stdout=subprocess.DEVNULL)
        self.nodes = []
        for config in sorted(self.home.glob("*/node.toml")):
            moved = re.sub(r"127\.0\.0\.1:(\d+)", lambda at: f"127.0.0.1:{int(at.group(1)) + port_shift}",
                           config.read_text())
            config.write_text(moved)
        self.start()
        self.environment = {**os.environ, "TALLY_NODE": f"http://127.0.0.1:{8081 + port_shift}",
                            "TALLY_KEYS": str(self.home / "keys"), "TALLY_PASSPHRASE": "demonstration",
                            "PATH": f"{pathlib.Path(tally).resolve().parent}:{os.environ['PATH']}"}

    def homes(self):
        return sorted(config.parent for config in self.home.glob("*/node.toml"))

    def genesis(self):
        return next(self.home.glob("*/genesis.json"))

    def start(self):
        for home in self.homes():
            log = open(home / "log", "ab")
            self.nodes.append(subprocess.Popen([self.tally, "start", "--home", home], stdout=log, stderr=log))

    def wait(self, tally):
        end = time.monotonic() + READY_S
        while True:
            asked = subprocess.run([tally, "--json", "status"], env=self.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, encoding="utf-8")
            if asked.returncode == 0:
                return
            assert time.monotonic() < end, (asked.stdout, asked.stderr)
            time.sleep(0.2)

    def stop(self):
        for node in self.nodes:
            node.terminate()
        for node in self.nodes:
            node.wait()
        self.nodes = []
