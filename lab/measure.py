"""Runs a command once and prints what it took as JSON: wall and processor seconds, peak memory in bytes, its output."""

import json
import os
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryFile() as said:
    began = time.perf_counter()
    child = subprocess.Popen(sys.argv[1:], stdout=said, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    said.seek(0)
    head = said.read(4000).decode(errors="replace")
print(json.dumps({
    "wall": wall,
    "cpu": used.ru_utime + used.ru_stime,
    "peak": used.ru_maxrss * 1024,
    "status": os.waitstatus_to_exitcode(status),
    "said": head,
}))
