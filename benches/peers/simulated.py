"""The simulated server, a process of its own: `korelake simulate` as a context. What is measured against it is in
`fetch.py`."""

import os
import re
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Sequence

from measure import Failure

# The server starts within a fraction of this, and ends within it once it is told to.
PATIENCE = 30.0


@dataclass(frozen=True)
class World:
    """What the server holds, and how it behaves."""

    conversations_per_day: int
    latency_ms: int = 0
    faults: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        faults = [part for fault in self.faults for part in ("--fault", fault)]
        per_day = ["--conversations-per-day", str(self.conversations_per_day)]
        return ["simulate", "--port", "0", *per_day, "--latency-ms", str(self.latency_ms), *faults]


class Server:
    """Serves while the context lasts, and then knows how many requests came."""

    def __init__(self, korelake: Path, world: World, configuration: Path) -> None:
        self.command: Sequence[str | Path] = [korelake, *world.arguments()]
        self.configuration = configuration
        """Where the server's own korelake.toml is written to, its address and credentials included."""
        self.requests = 0
        """As the server counted them, refused ones too."""
        self.cpu_seconds = 0.0

    def __enter__(self) -> "Server":
        self.stderr = TemporaryFile("w+")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.stderr
        )
        try:
            self.configuration.write_bytes(self.read_configuration())
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def read_configuration(self) -> bytes:
        """All that the server prints once it serves; the lake is the last line of it."""
        if not self.process.stdout:
            raise Failure("the simulated server has no standard output")
        output, text, ends = self.process.stdout.fileno(), b"", time.monotonic() + PATIENCE
        while not re.search(rb'^url = ".*"$', text, re.MULTILINE):
            ready, _, _ = select.select([output], [], [], max(0.0, ends - time.monotonic()))
            piece = os.read(output, 1 << 16) if ready else b""
            if not piece:
                self.stderr.seek(0)
                raise Failure(f"the simulated server does not start: {self.stderr.read().strip()}")
            text += piece
        return text

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.stderr.seek(0)
        said = self.stderr.read()
        self.stderr.close()
        if self.process.stdout:
            self.process.stdout.close()
        if found := re.search(r"stopped after ([\d,]+) request", said):
            self.requests = int(found[1].replace(",", ""))
        elif error is None:
            raise Failure(f"the simulated server does not say how many requests came: {said.strip()}")
