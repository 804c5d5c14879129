"""A command's whole process, from start to end: `python -I -S whole.py COMMAND...`.

Run by a small process, because a child's ru_maxrss starts at its parent's peak: imports nothing
that it can do without. What the command prints is thrown away; its cost is printed as JSON.
"""

import os
import sys
import time


def _main(command: list[str]) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    began_s = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_DUP2, nowhere, 1)]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    wall_s = time.perf_counter() - began_s
    cpu_s, peak_mib = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(  # noqa: T201 - this is how its cost is told
        f'{{"wall_s": {wall_s}, "cpu_s": {cpu_s}, "peak_mib": {peak_mib}, "rows": {{}}}}'
    )
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
