"""korelake without its peers: what a second core brings, and what each form of input costs."""

import argparse
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Callable, Iterator

from inputs import Shape, body, compressed, count_lines, split, write_records
from measure import Failure, Run, run
from tables import markdown, megabytes, number

Log = Callable[[str], None]

# How many the many files are.
FILES = 20


class Korelake:
    """Conversions by one binary."""

    def __init__(self, binary: Path, shape: Shape, folder: Path, timeout: float) -> None:
        self.binary = binary
        self.shape = shape
        self.folder = folder
        self.timeout = timeout

    def convert(self, files: list[Path | str], cores: set[int], stdin: Path | None = None, name: str = "one") -> Run:
        output = self.folder / "output" / name
        shutil.rmtree(output, ignore_errors=True)
        command = [self.binary, "convert", *files, "--dataset", self.shape.dataset, "--out", output]
        measured = run(command, cores, stdin=stdin, timeout=self.timeout)
        if measured.code != 0:
            raise Failure(f"korelake convert ended with {measured.code}: {measured.stderr.strip()}")
        return measured

    def rows(self, measured: Run) -> int:
        """As the conversion itself says on standard error: `1,863 rows in …`."""
        return int(measured.stderr.split(" rows in ")[0].split()[-1].replace(",", ""))


def tables(arguments: argparse.Namespace, binary: Path, generator: Path, shape: Shape, log: Log) -> str:
    """Both tables."""
    korelake = Korelake(binary, shape, arguments.folder, arguments.timeout)
    records = write_records(generator, shape, arguments.megabytes, arguments.folder)
    parts = [cores_table(korelake, records, arguments.rounds, log)]
    sizes = {arguments.megabytes: arguments.rounds}
    if arguments.large:
        # The records, once more in another form, and what becomes of them.
        needed, free = 2.5 * arguments.large, shutil.disk_usage(arguments.folder).free / 1e9
        if free < needed:
            raise Failure(f"{needed:.0f} GB of disk are needed, {free:.0f} GB are free")
        sizes[arguments.large * 1000] = 1
    parts.append(inputs_table(korelake, generator, sizes, log))
    return "\n\n".join(parts)


def cores_table(korelake: Korelake, records: Path, rounds: int, log: Log) -> str:
    """One process on two cores beside two processes on one core each, which convert half of the records each.

    The two are as fast as the sum of what each does in a second: more than that no pipeline of two threads can reach.
    """
    first, second = sorted(os.sched_getaffinity(0))[:2]
    halves = split(records, 2)
    sizes = [half.stat().st_size / 1e6 for half in halves]
    alone, together, pairs, peaks = [], [], [], [0, 0, 0]
    for _ in range(rounds):
        one = korelake.convert([records], {first})
        both = korelake.convert([records], {first, second})
        with ThreadPoolExecutor(2) as threads:
            pair = list(
                threads.map(
                    lambda half: korelake.convert([half[0]], {half[1]}, name=f"core-{half[1]}"),
                    zip(halves, (first, second)),
                )
            )
        alone.append(sum(sizes) / one.seconds)
        together.append(sum(sizes) / both.seconds)
        pairs.append(sum(size / each.seconds for size, each in zip(sizes, pair)))
        found = (one.peak_bytes, both.peak_bytes, sum(each.peak_bytes for each in pair))
        peaks = [max(pair) for pair in zip(peaks, found)]
        log(f"MB/s: one core {alone[-1]:.0f}, two cores {together[-1]:.0f}, two processes {pairs[-1]:.0f}")
    for half in halves:
        half.unlink()
    labels = ("one process, one core", "one process, two cores", "two processes, one core each, half each")
    rows = [
        [label, number(median(rates), 0), f"{median(rates) / median(pairs):.2f} ×", megabytes(peak, 0)]
        for label, rates, peak in zip(labels, (alone, together, pairs), peaks)
    ]
    return markdown(["", "MB/s", "of two processes", "peak MB"], rows, numbers=(1, 2, 3))


def inputs_table(korelake: Korelake, generator: Path, sizes: dict[int, int], log: Log) -> str:
    """Each form of input in each size, on all cores. The sizes come with their numbers of rounds."""
    cells: dict[str, list[str]] = {}
    cores = os.sched_getaffinity(0)
    for size, rounds in sizes.items():
        records = write_records(generator, korelake.shape, size, korelake.folder)
        rows, total = count_lines(records), records.stat().st_size
        for label, files, stdin in forms(records, korelake.shape):
            runs = [korelake.convert(files, cores, stdin=stdin) for _ in range(rounds)]
            if (found := korelake.rows(runs[0])) != rows:
                raise Failure(f"{label}: {found:,} of {rows:,} rows")
            rate = total / median(each.seconds for each in runs) / 1e6
            peak = max(each.peak_bytes for each in runs)
            cells.setdefault(label, [label]).extend([number(rate, 0), megabytes(peak, 0)])
            log(f"{size:,} MB, {label}: {rate:.0f} MB/s, {peak / 1e6:.0f} MB")
        records.unlink()
    header = ["input"] + [f"{size:,} MB: {what}" for size in sizes for what in ("MB/s", "peak MB")]
    return markdown(header, cells.values(), numbers=range(1, len(header)))


def forms(records: Path, shape: Shape) -> Iterator[tuple[str, list[Path | str], Path | None]]:
    """Label, files and standard input of each form. Made when it is its turn, and removed after it."""
    yield "NDJSON", [records], None
    files = split(records, FILES)
    yield f"{FILES} files of NDJSON", [*files], None
    for file in files:
        file.unlink()
    whole = body(records, shape)
    yield "one response body", [whole], None
    whole.unlink()
    packed = compressed(records)
    yield "NDJSON, gzip", [packed], None
    packed.unlink()
    yield "NDJSON, standard input", ["-"], records
