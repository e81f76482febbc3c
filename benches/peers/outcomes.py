"""What readers of one server came to: their tables, and the bars that korelake has to reach. Who reads what is in
`fetch.py`."""

from dataclasses import dataclass, field, replace
from statistics import median
from typing import Iterable, Sequence

from tables import markdown, megabytes, number

MINUTE = 60.0


@dataclass
class Outcome:
    """One reader, and what the server saw of it."""

    tool: str
    settings: str
    commands: list[str] = field(default_factory=list)
    """The server's, and the reader's."""
    rounds: list[float] = field(default_factory=list)
    """Seconds."""
    peak_bytes: int = 0
    requests: int = 0
    rows: int = 0
    distinct: int = 0
    """Keys."""
    code: int = 0
    remark: str = ""

    @property
    def is_peer(self) -> bool:
        return self.tool != "korelake"

    @property
    def seconds(self) -> float:
        return median(self.rounds)

    def share(self, limit: int) -> float:
        """Of the requests that a limit a minute allows in the time that was taken."""
        return self.requests / (self.seconds / MINUTE * limit)

    def together(self, later: "Outcome") -> "Outcome":
        """Of two rounds: the later one's counts, and the times of both."""
        peak = max(self.peak_bytes, later.peak_bytes)
        return replace(later, rounds=self.rounds + later.rounds, peak_bytes=peak)


class Bars:
    """Those that were missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def whole(self, what: str, outcome: Outcome, records: int) -> None:
        """All records, each once, and the exit code of success."""
        if (outcome.code, outcome.rows, outcome.distinct) != (0, records, records):
            rows = f"{outcome.rows:,} rows, {outcome.distinct:,} distinct of {records:,}"
            self.missed.append(f"{what}: exit code {outcome.code}, {rows}")

    def at_least(self, what: str, value: float, bar: float) -> None:
        if value < bar:
            self.missed.append(f"{what}: {value:.2f}, at least {bar} is wanted")

    def at_most(self, what: str, value: int, bar: int) -> None:
        if value > bar:
            self.missed.append(f"{what}: {value:,}, at most {bar:,} are wanted")


def speed_table(found: Iterable[tuple[str, Sequence[Outcome]]]) -> str:
    """The readers of each dataset; the first one is korelake."""
    rows = []
    for dataset, outcomes in found:
        ours = outcomes[0]
        for outcome in outcomes:
            rows.append(
                [
                    dataset,
                    outcome.tool,
                    outcome.settings,
                    number(outcome.rows, 0),
                    number(outcome.seconds, 2),
                    f"{outcome.seconds / ours.seconds:.1f} ×" if outcome.is_peer else "",
                    megabytes(outcome.peak_bytes, 0),
                    number(outcome.requests, 0),
                    outcome.remark,
                ]
            )
    header = ["no limit, 50 ms", "tool", "settings", "rows", "seconds", "korelake is faster by", "peak MB", "requests"]
    return markdown([*header, "remark"], rows, numbers=range(3, 8))


def limited_table(outcomes: Iterable[Outcome], limit: int) -> str:
    rows = [
        [
            outcome.tool,
            number(outcome.rows, 0),
            number(outcome.requests, 0),
            number(outcome.seconds, 1),
            # Who is refused has sent more than was allowed, so a share says nothing there.
            "" if outcome.is_peer else f"{outcome.share(limit):.3f}",
            outcome.remark,
        ]
        for outcome in outcomes
    ]
    header = [f"{limit} requests a minute", "rows", "requests", "seconds", "share of the limit", "remark"]
    return markdown(header, rows, numbers=range(1, 5))


def complete_table(found: Iterable[tuple[str, Sequence[Outcome]]], records: int) -> str:
    """The readers of each fault."""
    rows = [
        [
            fault,
            outcome.tool,
            outcome.settings,
            number(outcome.rows, 0),
            number(outcome.distinct, 0),
            number(outcome.rows - outcome.distinct, 0),
            number(records - outcome.distinct, 0),
            number(outcome.requests, 0),
            str(outcome.code),
            outcome.remark,
        ]
        for fault, outcomes in found
        for outcome in outcomes
    ]
    header = [f"{records} records, fault", "tool", "settings", "rows", "distinct", "doubled", "missing", "requests"]
    return markdown([*header, "exit code", "remark"], rows, numbers=range(3, 9))
