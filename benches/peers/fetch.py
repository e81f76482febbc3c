#!/usr/bin/env python3
"""Measures `korelake export` beside dlt's REST API source over the same simulated server, and prints Markdown tables.

    python3 benches/peers/fetch.py                    # some minutes
    python3 benches/peers/fetch.py --quick --strict   # half a minute: complete, and no request too many?

Both read the same days of a dataset, a hundred records a page unless said otherwise, each time from a server that has
just been started, and write Parquet into an empty folder: korelake day by day in its own layout, dlt in one window by its
`filesystem` destination. Everybody is a process of its own; the server is one beside them, on the same cores. How many
requests came is what the server counted. As in `peers.py`, dlt is timed without the start of Python and the imports,
korelake from start to end, and memory is that of the whole process.

dlt is there with nested data as text of JSON (`max_table_nesting=0`) and with child tables, its default. It ends its
pages by has-more or, where that is said, by the total; a user has to choose. Its rows are those of the records' own
table. What each does under a limit of requests, and with a server that misbehaves, is in tables of their own.

Some figures have a bar that korelake has to reach. With `--strict` a missed one is a failure; `--quick` asserts rows
and requests alone, as times of runs that short say nothing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Sequence

sys.dont_write_bytecode = True  # nothing is left beside the sources

from inputs import ROOT  # noqa: E402
from measure import Failure, run  # noqa: E402
from outcomes import Bars, Outcome, complete_table, limited_table, speed_table  # noqa: E402
from peers import HERE, install, last_json, log, machine  # noqa: E402
from simulated import Server, World  # noqa: E402

FIRST_DAY = date(2026, 3, 23)


@dataclass(frozen=True)
class Range:
    """Days of a dataset."""

    dataset: str
    key: str
    days: int
    conversations: int
    """On all days together."""

    @property
    def per_day(self) -> int:
        return self.conversations // self.days

    @property
    def ends(self) -> tuple[str, str]:
        """The first day, and the one after the last."""
        return str(FIRST_DAY), str(FIRST_DAY + timedelta(days=self.days))


def raw_data(conversations: int) -> Range:
    """A day, whose server tells a total."""
    return Range("raw_data", "conversation_id", 1, conversations)


def agent_assist(conversations: int) -> Range:
    """Days whose server tells none. A conversation has 1.6 segments in the mean.

    They are so many that the simulator remembers all of them, whatever the window.
    """
    return Range("agent_assist", "segment_id", 8, conversations)


# Faults of paging that cost or double records where nobody looks twice.
FAULTS = ("pages-by-page", "low-totals", "overlap", "arrivals")
FAULTY_RECORDS = 900

CASES = ("no-limit", "limit", "faults")

# A reader that has not ended then never will: it goes round and round over a few pages.
ENDLESS = 30.0


class Readers:
    """korelake and dlt, ready to read."""

    def __init__(self, arguments: argparse.Namespace, korelake: Path, python: Path) -> None:
        self.korelake = korelake
        self.python = python
        self.folder: Path = arguments.folder
        self.timeout: float = arguments.timeout
        self.concurrency: int = arguments.concurrency
        if self.concurrency and not self.knows_concurrency():
            log("this korelake has no setting for its concurrency, which stays as it is")
            self.concurrency = 0

    def knows_concurrency(self) -> bool:
        """Asked without a server, so it says what is wrong with the settings, and no more."""
        start, end = raw_data(1).ends
        command = [self.korelake, "export", "raw_data", "--from", start, "--to", end, "--out", self.folder / "output"]
        environment = {"KORELAKE_SOURCE__CONCURRENCY": str(self.concurrency)}
        answer = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env=environment)
        return "`source.concurrency`" not in answer.stderr

    def export(self, world: World, asked: Range, page_size: int = 100, limit: int = 0) -> Outcome:
        """By korelake. `limit` is in requests a minute; 0 is none."""
        start, end = asked.ends
        command: list[str | Path] = [self.korelake, "export", asked.dataset, "--from", start, "--to", end]
        command += ["--config", "server.toml", "--out", "output", "--page-size", str(page_size)]
        command += ["--requests-per-minute", str(limit)]
        environment = {"KORELAKE_SOURCE__CONCURRENCY": str(self.concurrency)} if self.concurrency else {}
        settings = f"concurrency {self.concurrency}" if self.concurrency else "defaults"
        return self.read(Outcome("korelake", settings), world, asked, command, environment, self.timeout)

    def dlt(
        self,
        world: World,
        asked: Range,
        page_size: int = 100,
        nested: str = "text",
        until: str = "more",
        timeout: float | None = None,
    ) -> Outcome:
        definition = ROOT / "schemas" / f"{asked.dataset}.json"
        command: list[str | Path] = [self.python, HERE / "dlt_rest.py", "server.toml", definition]
        command += [*asked.ends, "output", "--page-size", str(page_size), "--nested", nested, "--until", until]
        settings = f"nested data as {nested}, ends by {'the total' if until == 'total' else 'has-more'}"
        return self.read(Outcome(dlt_version(), settings), world, asked, command, {}, timeout or self.timeout)

    def read(
        self,
        outcome: Outcome,
        world: World,
        asked: Range,
        command: list[str | Path],
        environment: dict[str, str],
        timeout: float,
    ) -> Outcome:
        """One run against a new server, into an empty folder."""
        output = self.folder / "output"
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        with Server(self.korelake, world, self.folder / "server.toml") as server:
            absolute = [self.folder / part if part in ("server.toml", "output") else part for part in command]
            loopback = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
            cores = os.sched_getaffinity(0)
            measured = run(absolute, cores, environment=environment | loopback, timeout=timeout)
        answer = last_json(measured.stdout) if outcome.is_peer else {"seconds": measured.seconds}
        if answer.get("missing"):
            raise Failure(f"{outcome.tool} cannot begin: {answer['error']}")
        outcome.commands = [self.shown(server.command), self.shown(command, environment)]
        outcome.code = measured.code
        outcome.rounds = [answer.get("seconds", measured.seconds)]
        outcome.peak_bytes = measured.peak_bytes
        outcome.requests = server.requests
        count = [self.python, HERE / "kept.py", output, asked.dataset, asked.key]
        kept = json.loads(subprocess.run(count, capture_output=True, check=True, text=True).stdout)
        outcome.rows, outcome.distinct = kept["rows"], kept["distinct"]
        if measured.code < 0:
            outcome.remark = f"had not ended after {timeout:.0f} s"
        elif measured.code > 0:
            outcome.remark = answer.get("error") or first_error(measured.stderr)
        log(
            f"{outcome.tool}, {outcome.settings}: {outcome.seconds:.2f} s, {outcome.rows:,} rows, "
            f"{outcome.requests:,} requests, CPU {measured.cpu_seconds:.2f} s and {server.cpu_seconds:.2f} s of the "
            f"server, {measured.peak_bytes / 1e6:.0f} MB {outcome.remark}"
        )
        return outcome

    def shown(self, command: Sequence[str | Path], environment: dict[str, str] | None = None) -> str:
        """As one would type it."""
        names = {self.korelake: "korelake", self.python: "python"}
        parts = [f"{name}={value}" for name, value in (environment or {}).items()]
        return " ".join([*parts, *(names.get(part, str(part).replace(f"{ROOT}/", "")) for part in command)])


def unlimited(readers: Readers, arguments: argparse.Namespace, asked: Range, bars: Bars) -> list[Outcome]:
    """A server that answers whatever comes, 50 ms late."""
    world = World(asked.per_day, latency_ms=50)
    nestings = ("text",) if arguments.quick else ("text", "tables")
    outcomes: list[Outcome] = []
    for _ in range(arguments.rounds):
        found = [readers.export(world, asked), *(readers.dlt(world, asked, nested=how) for how in nestings)]
        outcomes = [first.together(later) for first, later in zip(outcomes, found)] if outcomes else found
    ours, *peers = outcomes
    # How many segments the conversations have is not ours to say; the readers have to agree.
    everything = asked.conversations if asked.dataset == "raw_data" else peers[0].distinct
    for outcome in outcomes:
        bars.whole(f"{asked.dataset}: {outcome.tool}", outcome, everything)
    for peer in () if arguments.quick else peers:
        what = f"{asked.dataset}: times faster than {peer.tool}, {peer.settings}"
        bars.at_least(what, peer.seconds / ours.seconds, 10)
    return outcomes


def limited(readers: Readers, arguments: argparse.Namespace, bars: Bars) -> tuple[int, list[Outcome]]:
    """A server that admits so many requests in any 60 seconds. dlt has no setting for that."""
    limit, page_size = 600, 25
    asked = raw_data(900 if arguments.quick else 20_000)
    world = World(asked.per_day, latency_ms=10, faults=(f"throttle={limit}",))
    ours = readers.export(world, asked, page_size, limit)
    theirs = readers.dlt(world, asked, page_size)
    for outcome in (ours, theirs):
        bars.whole(f"limit: {outcome.tool}", outcome, asked.conversations)
    bars.at_most("limit: requests of korelake", ours.requests, theirs.requests)
    if not arguments.quick:
        bars.at_least("limit: share that korelake uses", ours.share(limit), 0.97)
    return limit, [ours, theirs]


def misbehaving(readers: Readers, arguments: argparse.Namespace, bars: Bars) -> list[tuple[str, list[Outcome]]]:
    """A few pages of a server with one fault each."""
    asked, found = raw_data(FAULTY_RECORDS), []
    for fault in FAULTS:
        world = World(asked.per_day, faults=(fault,))
        ours = readers.export(world, asked)
        ends = ("total",) if arguments.quick else ("total", "more")
        theirs = [readers.dlt(world, asked, until=end, timeout=ENDLESS) for end in ends]
        bars.whole(f"{fault}: korelake", ours, asked.conversations)
        found.append((fault, [ours, *theirs]))
    return found


def measure(readers: Readers, arguments: argparse.Namespace, bars: Bars) -> tuple[list[str], list[Outcome]]:
    """The tables of the cases that are asked for, and what is in them."""
    tables, outcomes = [], []
    if "no-limit" in arguments.cases:
        sizes = (600, 600) if arguments.quick else (20_000, 12_400)
        ranges = [raw_data(sizes[0]), agent_assist(sizes[1])]
        found = [(asked.dataset, unlimited(readers, arguments, asked, bars)) for asked in ranges]
        tables.append(speed_table(found))
        outcomes += [outcome for _, of_dataset in found for outcome in of_dataset]
    if "limit" in arguments.cases:
        limit, of_limit = limited(readers, arguments, bars)
        tables.append(limited_table(of_limit, limit))
        outcomes += of_limit
    if "faults" in arguments.cases:
        found = misbehaving(readers, arguments, bars)
        tables.append(complete_table(found, FAULTY_RECORDS))
        outcomes += [outcome for _, of_fault in found for outcome in of_fault]
    return tables, outcomes


def dlt_version() -> str:
    pins = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split())
    return f"dlt {pins['dlt']}"


def first_error(stderr: str) -> str:
    lines = [line.removeprefix("error: ") for line in stderr.splitlines() if line.startswith("error: ")]
    return lines[0][:200] if lines else ""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", action="append", choices=CASES, help="what to measure [default: all]")
    parser.add_argument("--concurrency", type=int, default=16, help="korelake's requests in flight; 0: its default")
    parser.add_argument("--rounds", type=int, default=1, help="of the runs without a limit; the median counts")
    parser.add_argument("--quick", action="store_true", help="few records, and nothing asserted about times")
    parser.add_argument("--strict", action="store_true", help="fail where a bar is missed")
    parser.add_argument("--timeout", type=float, default=900, metavar="SECONDS", help="of one run")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "peers", help="for environment and files")
    parser.add_argument("--korelake", type=Path, metavar="FILE", help="binary to measure instead of building it")
    arguments = parser.parse_args()
    arguments.folder = arguments.folder.resolve()
    arguments.cases = arguments.case or CASES
    return arguments


def build() -> Path:
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "korelake"


def main() -> int:
    arguments = parse()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    bars = Bars()
    try:
        korelake = arguments.korelake.resolve() if arguments.korelake else build()
        readers = Readers(arguments, korelake, install(arguments.folder))
        tables, outcomes = measure(readers, arguments, bars)
    except (Failure, OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(arguments.folder / "output", ignore_errors=True)
        (arguments.folder / "server.toml").unlink(missing_ok=True)
    print("\n\n".join([f"\n{machine()}", *tables, "Commands, each server's before its readers':"]), end="\n\n")
    print("\n".join(dict.fromkeys(f"    {line}" for outcome in outcomes for line in outcome.commands)))
    for missed in bars.missed:
        log(f"missed: {missed}")
    return 1 if bars.missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
