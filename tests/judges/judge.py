# SPDX-License-Identifier: Apache-2.0
"""Outside judges from PyPI, each in a virtual environment beside the binary."""
import os
import pathlib
import subprocess
import sys
import venv


def not_run(why):
    print(f"not run: {why}")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def run_inside(tally, pinned):
    """Runs the program again inside an environment that has this package ("name==version"); comes back there. Ends with
    77 (not run) where it cannot be installed, under CI=true with 1."""
    if os.environ.get("TALLY_JUDGE") == pinned:
        return
    folder = pathlib.Path(tally).resolve().parent / "judges-venv" / pinned.split("==")[0]
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    have = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    if pinned not in have.split():
        install = subprocess.run([python, "-m", "pip", "-q", "install", pinned], capture_output=True, text=True)
        if install.returncode != 0:
            not_run(f"{pinned} cannot be installed: {install.stderr.strip()[-200:]}")
    os.execve(python, [python, *sys.argv], {**os.environ, "TALLY_JUDGE": pinned})
