"""Runs one process on given cores, and takes its time and its peak of memory. Linux only."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Sequence


class Failure(Exception):
    """Something without which nothing can be measured."""


@dataclass(frozen=True)
class Run:
    """What one process came to."""

    seconds: float
    """From start to end, by the clock."""
    cpu_seconds: float
    """Of all threads. Hardly moves with what else the machine does, so a glance at it tells a noisy round."""
    peak_bytes: int
    """Most memory that was resident at a time. Not less than the driver's own, some 20 MB: the kernel begins there."""
    code: int
    """Exit code, or minus the signal."""
    stdout: str
    stderr: str


def run(
    command: Sequence[str | Path],
    cores: set[int],
    *,
    stdin: Path | None = None,
    environment: dict[str, str] | None = None,
    timeout: float = 3600,
) -> Run:
    """Runs a command to its end. `stdin` comes through a pipe, as from `curl`, not as an open file."""
    with TemporaryFile("w+") as stdout, TemporaryFile("w+") as stderr:
        feeder = subprocess.Popen(["cat", stdin], stdout=subprocess.PIPE) if stdin else None
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores)  # of this thread; the process inherits it
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=feeder.stdout if feeder else subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=os.environ | (environment or {}),
        )
        os.sched_setaffinity(0, before)
        alarm = threading.Timer(timeout, process.kill)
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if feeder and feeder.stdout:
            feeder.stdout.close()  # or else it would wait for a reader that has given up
            feeder.wait()
        stdout.seek(0)
        stderr.seek(0)
        return Run(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_bytes=usage.ru_maxrss * 1024,
            code=process.returncode,
            stdout=stdout.read(),
            stderr=stderr.read(),
        )
