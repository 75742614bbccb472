"""The program that the wheel carries."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eightfold import verify

SCRIPT = str(Path(sys.executable).with_name("eightfold"))
ROW = '{"gold": "1/2", "pred": "so \\\\boxed{0.5}"}\n'


def program(start, *args, text=""):
    return subprocess.run([*start, *args], input=text, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("start", [[SCRIPT], [sys.executable, "-m", "eightfold"]], ids=["script", "module"])
def test_the_program_grades_as_the_package_does(start):
    done = program(start, "verify", text=ROW)
    assert done.returncode == 0, done.stderr
    assert '"verdict":"equal"' in done.stdout.replace(" ", "") and verify("1/2", "so \\boxed{0.5}")


def test_statuses_are_the_programs():
    assert program([SCRIPT], "verify", text="no row\n").returncode == 2
    assert program([SCRIPT], "verify", "nowhere.jsonl").returncode == 1
    wrong = program([SCRIPT], "verfy")
    assert wrong.returncode == 2 and "verify" in wrong.stderr
    assert "eightfold verify" in program([SCRIPT], "verify", "--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_control_c_ends_it():
    running = subprocess.Popen([SCRIPT, "verify"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    time.sleep(1)  # It waits for rows, in Rust.
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == -signal.SIGINT
    running.stdin.close()
