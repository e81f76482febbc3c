"""Markdown tables of what was measured."""

from dataclasses import dataclass, field
from statistics import median
from typing import Iterable, Sequence

from measure import Run


@dataclass
class Result:
    """All rounds of one competitor over one file."""

    tool: str
    settings: str
    input_bytes: int
    seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    output_bytes: int = 0
    remarks: list[str] = field(default_factory=list)

    def add(self, run: Run, seconds: float) -> None:
        self.seconds.append(seconds)
        self.peak_bytes = max(self.peak_bytes, run.peak_bytes)

    @property
    def rate(self) -> float | None:
        """Megabytes of JSON a second, in the median of the rounds."""
        return self.input_bytes / median(self.seconds) / 1e6 if self.seconds else None


def peers_table(results: Iterable[tuple[str, Sequence[Result]]]) -> str:
    """The competitors of each shape; the first one is korelake."""
    rows = []
    for shape, competitors in results:
        ours = competitors[0]
        for result in competitors:
            rows.append(
                [
                    shape,
                    result.tool,
                    result.settings,
                    number(result.rate, 0),
                    ratio(ours.rate, result.rate) if result is not ours else "",
                    megabytes(result.peak_bytes, 0),
                    megabytes(result.output_bytes, 2),
                    ratio(ours.output_bytes, result.output_bytes) if result is not ours else "",
                    "; ".join(result.remarks),
                ]
            )
    header = ["records", "tool", "columns", "MB/s", "korelake is faster by", "peak MB", "file MB", "korelake's size"]
    return markdown([*header, "remark"], rows, numbers=range(3, 8))


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int]) -> str:
    right = set(numbers)
    rule = ["---:" if column in right else "---" for column in range(len(header))]
    cells = [header, rule, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


def number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def megabytes(value: int, digits: int) -> str:
    return number(value / 1e6, digits) if value else ""


def ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.2f} ×" if ours and theirs else ""
