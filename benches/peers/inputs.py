"""The files that are read: records of the simulator, and the same in every form that `korelake convert` takes."""

import gzip
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 1 << 20


@dataclass(frozen=True)
class Shape:
    """One of the shapes that the simulator writes, and the dataset that reads it."""

    name: str
    dataset: str

    @property
    def definition(self) -> Path:
        return ROOT / "schemas" / f"{self.dataset}.json"


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("v3", "raw_data"),
        Shape("camel-case", "raw_data"),
        Shape("legacy", "raw_data"),
        Shape("score-reporting", "score_reporting"),
        Shape("agent-assist", "agent_assist"),
    )
}


def write_records(generator: Path, shape: Shape, megabytes: int, folder: Path) -> Path:
    """Writes about so many megabytes of NDJSON, the same ones each time."""
    path = folder / f"{shape.name}-{megabytes}.ndjson"
    with path.open("wb") as file:
        subprocess.run([generator, shape.name, str(megabytes)], stdout=file, check=True)
    return path


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def split(records: Path, parts: int) -> list[Path]:
    """Files of about equal size, cut between records."""
    size = records.stat().st_size
    paths = [records.with_suffix(f".{part:03}.ndjson") for part in range(parts)]
    with records.open("rb") as source:
        for part, path in enumerate(paths):
            with path.open("wb") as target:
                copy(source, target, size * (part + 1) // parts - source.tell())
                target.write(source.readline())
    return paths


def copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length > 0 and (chunk := source.read(min(length, CHUNK))):
        target.write(chunk)
        length -= len(chunk)


def body(records: Path, shape: Shape) -> Path:
    """One response body with all records, as if a page could be as large as that."""
    endpoint = json.loads(shape.definition.read_text(encoding="utf-8"))["endpoints"][0]
    path = records.with_suffix(".body.json")
    left = records.stat().st_size - 1  # without the last line break
    with records.open("rb") as source, path.open("wb") as target:
        target.write(b'{"' + endpoint["response"]["records"].encode() + b'":[')
        while left > 0 and (chunk := source.read(min(left, CHUNK))):
            left -= len(chunk)
            target.write(chunk.replace(b"\n", b","))
        target.write(b'],"hasMore":false}')
    return path


def compressed(records: Path) -> Path:
    path = records.with_suffix(".ndjson.gz")
    with records.open("rb") as source, gzip.open(path, "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target, CHUNK)
    return path
