#!/usr/bin/env python3
"""Measures `korelake convert` beside its public peers over the same generated files, and prints one Markdown table.

    python3 benches/peers/peers.py --all            # the five shapes of records, 200 MB each
    python3 benches/peers/peers.py --alone --large 10   # korelake alone: two cores, and forms of input, also 10 GB

The peers (DuckDB, Polars, pyarrow, dlt; versions in `requirements.txt`) are installed into a virtual environment in
`target/peers`; what else is needed is built. Every competitor is a process of its own, pinned to one core (korelake's
encoder threads go by that, too), in rounds: all of them, then all of them again. Speed is the median of the rounds,
memory the maximum. Of the peers only the work is timed, without the start of Python and the imports; korelake is timed
from start to end. Memory is that of the whole process, so a peer's includes Python and the imports that its time
leaves out. The files are in the page cache.

DuckDB is there three times. With columns given it is told what korelake knows: once all columns of the dataset, and
once only those that occur in the file, which is less work and a smaller file. The first is the nearest that DuckDB has
to korelake's table, not the same: there is no `_rescued` (keys without a column are dropped), and where the forms of a
value mix the column is text or JSON, see `columns.py`. Where columns are inferred, Polars reads the whole file for
them: by default it looks at 100 records, which is faster, and drops keys that first occur later or stops at values
of another type. DuckDB, pyarrow and dlt infer by their defaults.

The last column says what could not be read: of a peer its own error, of korelake how many rows have something in
`_rescued` and how many records are in the quarantine. A peer that fails is a result. korelake has to convert all
records, or there is nothing to compare with; with `--strict`, every peer has to be installed and begin.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from datetime import date
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # nothing is left beside the sources

import alone  # noqa: E402
from columns import duckdb_columns, look_at  # noqa: E402
from inputs import ROOT, SHAPES, Shape, count_lines, write_records  # noqa: E402
from measure import Failure, run  # noqa: E402
from tables import Result, peers_table  # noqa: E402

HERE = Path(__file__).resolve().parent

# A run that takes longer is not repeated: its time is far away from everything else.
PATIENCE = 60.0

# What the numbers do not say themselves. Printed under the table, so that it goes wherever the table is copied to.
NOTE = (
    "Time is korelake's from start to end, and a peer's without the start of Python and the imports; memory is that of "
    "the whole process, so a peer's includes both. Polars is told to infer from the whole file, which costs it time; "
    "the others infer by their defaults. DuckDB's given columns are not quite korelake's: without `_rescued`, and text "
    "or JSON where forms mix. `rescued` are rows of which korelake could not put everything into columns."
)


class Comparison:
    """The competitors over one file."""

    def __init__(self, arguments: argparse.Namespace, python: Path, korelake: Path, core: int) -> None:
        self.arguments = arguments
        self.python = python
        self.korelake = korelake
        self.core = {core}
        self.folder: Path = arguments.folder

    def of(self, shape: Shape, records: Path) -> list[Result]:
        """Runs all of them, round by round."""
        rows, size = count_lines(records), records.stat().st_size
        seen = look_at(shape.definition, records)
        left_out = list(seen.left_out())
        lost = []
        if left_out:
            names = ", ".join(f"`{path}`" for path, _ in left_out)
            values = sum(count for _, count in left_out)
            lost = [f"no columns for {names} beside the same in other case: {values:,} values lost"]
        specs = {}
        for extent, whole in (("dataset", True), ("file", False)):
            specs[extent] = self.folder / f"{shape.name}-{extent}.columns.json"
            specs[extent].write_text(json.dumps(duckdb_columns(seen, whole), indent=1))
        duckdb = self.version("duckdb")
        competitors: list[tuple[Result, list[str | Path]]] = [
            (Result("korelake", "of the dataset", size), []),
            (Result(duckdb, "given: of the dataset", size, remarks=list(lost)), ["duckdb", specs["dataset"]]),
            (Result(duckdb, "given: in the file", size, remarks=list(lost)), ["duckdb", specs["file"]]),
            (Result(duckdb, "inferred, defaults", size), ["duckdb"]),
        ]
        for name, extent in (("polars", "whole file"), ("pyarrow", "defaults"), ("dlt", "defaults")):
            competitors.append((Result(self.version(name), f"inferred, {extent}", size), [name]))
        given_up: set[int] = set()
        for turn in range(self.arguments.rounds):
            for index, (result, peer) in enumerate(competitors):
                if index in given_up:
                    continue
                if not self.once(result, peer, shape, records, rows, turn):
                    given_up.add(index)
        return [result for result, _ in competitors]

    def once(
        self, result: Result, peer: list[str | Path], shape: Shape, records: Path, rows: int, turn: int
    ) -> bool:
        """One run. `False` if there is no point in another.

        Raises `Failure` if korelake did not do its work or, with `--strict`, if a peer could not begin.
        """
        output = self.folder / "output"
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        command: list[str | Path]
        if peer:
            command = [self.python, HERE / "competitor.py", peer[0], records, output, *peer[1:]]
        else:
            command = [self.korelake, "convert", records, "--dataset", shape.dataset, "--out", output]
        measured = run(command, self.core, timeout=self.arguments.timeout)
        answer: dict[str, Any] = last_json(measured.stdout) if peer else {"seconds": measured.seconds}
        if not peer and measured.code != 0:
            said = measured.stderr.strip() or "nothing on standard error"
            raise Failure(f"{shape.name}: korelake convert ended with {measured.code}: {said}")
        if measured.code != 0 or "seconds" not in answer:
            if self.arguments.strict and answer.get("missing"):
                raise Failure(f"{shape.name}: {result.tool} cannot begin: {answer['error']}")
            result.remarks.append(self.reason(measured.code, answer, measured.stderr))
            log(f"{shape.name}: {result.tool}, {result.settings}: {result.remarks[-1]}")
            return False
        result.add(measured, answer["seconds"])
        log(
            f"{shape.name}: {result.tool}, {result.settings}: {answer['seconds']:.2f} s, "
            f"whole process {measured.cpu_seconds:.2f} s of CPU, {measured.peak_bytes / 1e6:.0f} MB"
        )
        if turn == 0:
            remarks = self.look_at_output(result, output, rows)
            if not peer:
                if remarks:
                    raise Failure(f"{shape.name}: the output of korelake convert: {'; '.join(remarks)}")
                remarks = [left_over(measured.stderr)]
            result.remarks.extend(remarks)
        if measured.seconds > PATIENCE and turn + 1 < self.arguments.rounds:
            result.remarks.append("one round only")
            return False
        return True

    def look_at_output(self, result: Result, output: Path, rows: int) -> list[str]:
        """Notes the size, and says what is not as it should be."""
        command: list[str | Path] = [self.python, HERE / "competitor.py", "count", output, output]
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        if "error" in found:
            return [f"cannot be read: {found['error']}"]
        result.output_bytes = found["bytes"]
        remarks = []
        if found["rows"] != rows:
            remarks.append(f"{found['rows']:,} of {rows:,} rows")
        if found["tables"] > 1:
            remarks.append(f"{found['tables']} tables")
        return remarks

    def reason(self, code: int, answer: dict[str, Any], stderr: str) -> str:
        if "error" in answer:
            text = answer["error"]
        elif code < 0:
            text = f"ended by signal {-code}, after {self.arguments.timeout:.0f} s at most"
        else:
            text = next((line for line in stderr.splitlines() if line.strip()), f"exit code {code}")
        return text.replace(f"{self.folder}/", "")[:200]

    def version(self, package: str) -> str:
        pins = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split())
        return f"{package} {pins[package]}"


def last_json(text: str) -> dict[str, Any]:
    """The answer of a competitor; dlt prints its own lines before."""
    lines = text.strip().splitlines()
    try:
        return json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}


def left_over(stderr: str) -> str:
    """What korelake could not put into columns, as it says itself: `0 rescued, 0 quarantined`."""
    found = re.search(r"[\d,]+ rescued, [\d,]+ quarantined", stderr)
    if not found:
        raise Failure(f"korelake convert does not say how many rows are rescued: {stderr.strip()}")
    return found[0]


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def install(folder: Path) -> Path:
    """The Python of a virtual environment with the peers."""
    requirements, home = (HERE / "requirements.txt").read_text(), folder / "venv"
    python, stamp = home / "bin" / "python", home / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements:
        log("installing the peers")
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(requirements)
    return python


def build(arguments: argparse.Namespace) -> tuple[Path, Path]:
    """korelake and the generator of records."""
    release = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    commands = [["cargo", "build", "--release", "--locked", "-p", "korelake-simulator", "--example", "records"]]
    if arguments.korelake is None:
        commands.append(["cargo", "build", "--release", "--locked"])
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True)
    return arguments.korelake or release / "korelake", release / "examples" / "records"


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown CPU")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{date.today()}, {model}, {os.cpu_count()} cores, {memory:.0f} GiB"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", action="append", choices=SHAPES, help="shape of the records [default: v3]")
    parser.add_argument("--all", action="store_true", help="all shapes")
    parser.add_argument("--megabytes", type=int, default=200, help="size of each file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timeout", type=float, default=900, metavar="SECONDS", help="of one run")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "peers", help="for environment and files")
    parser.add_argument("--korelake", type=Path, metavar="FILE", help="binary to measure instead of building it")
    parser.add_argument("--strict", action="store_true", help="fail if a peer cannot begin: is it installed?")
    parser.add_argument("--alone", action="store_true", help="korelake alone: two cores, and forms of input")
    parser.add_argument("--large", type=int, metavar="GB", help="with --alone: the forms of input in this size too")
    arguments = parser.parse_args()
    arguments.shapes = [SHAPES[name] for name in (SHAPES if arguments.all else arguments.shape or ["v3"])]
    arguments.folder = arguments.folder.resolve()
    return arguments


def main() -> int:
    arguments = parse()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        korelake, generator = build(arguments)
        if arguments.alone:
            shape = arguments.shapes[0]
            tables = alone.tables(arguments, korelake, generator, shape, log)
            print(f"\n{shape.name}, {machine()}\n\n{tables}")
            return 0
        comparison = Comparison(arguments, install(arguments.folder), korelake, max(os.sched_getaffinity(0)))
        results = []
        for shape in arguments.shapes:
            records = write_records(generator, shape, arguments.megabytes, arguments.folder)
            results.append((shape.name, comparison.of(shape, records)))
        print(f"\n{arguments.megabytes} MB of JSON each, one core, Zstandard level 1; {machine()}\n")
        print(f"{peers_table(results)}\n\n{NOTE}")
    except (Failure, OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(arguments.folder / "output", ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
