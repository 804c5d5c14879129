"""The torture room: `python -m tests.torture` does to a lake what disks, networks, vendors and the
power supply do, at random moments from a seed, and prints what was checked and what was found.

What it shares with the other tests lies in their folders.
"""

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(_TESTS / room) for room in ("", "lake", "contract", "http", "fuzz")]
