"""One peer turns one NDJSON file into Parquet. Run by the Python of the peers' virtual environment, see `peers.py`.

    competitor.py NAME INPUT OUTPUT [COLUMNS]

Prints a JSON object: `seconds` of the work itself, without the start of Python and the imports, or the `error`, with
`missing` if the peer could not even begin. Each peer is told to use one thread, and Zstandard at level 1 where it can
be told; Polars is also told to infer from the whole file. Everything else is as it comes.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Callable

Work = Callable[[], object]


def duckdb(source: Path, output: Path, columns: Path | None) -> Work:
    import duckdb

    def text(value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    options = f"{text(str(source))}, format = 'newline_delimited'"
    if columns:
        types = json.loads(columns.read_text())
        options += ", columns = {" + ", ".join(f"{text(key)}: {text(kind)}" for key, kind in types.items()) + "}"
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    target = text(str(output / "part.parquet"))
    return lambda: connection.execute(
        f"COPY (SELECT * FROM read_json({options})) TO {target} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


def polars(source: Path, output: Path, _: Path | None) -> Work:
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars

    target = output / "part.parquet"
    # By default it infers from the first 100 records. That is faster, but then it stops at the first fraction in a
    # column of integers, and drops keys that first occur later without a word.
    return lambda: polars.scan_ndjson(source, infer_schema_length=None).sink_parquet(
        target, compression="zstd", compression_level=1
    )


def pyarrow(source: Path, output: Path, _: Path | None) -> Work:
    import pyarrow
    from pyarrow import json as pyarrow_json
    from pyarrow import parquet

    pyarrow.set_cpu_count(1)
    options = pyarrow_json.ReadOptions(use_threads=False)

    def work() -> None:
        table = pyarrow_json.read_json(source, read_options=options)
        parquet.write_table(table, output / "part.parquet", compression="zstd", compression_level=1)

    return work


def dlt(source: Path, output: Path, _: Path | None) -> Work:
    home = output / "_dlt_home"
    settings = {
        "DLT_DATA_DIR": str(home),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "EXTRACT__WORKERS": "1",
        "NORMALIZE__WORKERS": "1",
        "LOAD__WORKERS": "1",
        "NORMALIZE__DATA_WRITER__COMPRESSION": "zstd",  # its level is pyarrow's own: 1
    }
    os.environ.update(settings)
    import dlt
    from dlt.sources.filesystem import filesystem, read_jsonl

    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(home / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=output.as_uri()),
        dataset_name="lake",
    )
    files = filesystem(bucket_url=source.parent.as_uri(), file_glob=source.name)
    records = (files | read_jsonl()).with_name("records")
    return lambda: pipeline.run(records, loader_file_format="parquet").raise_on_failed_jobs()


def count(source: Path, *_: object) -> Work:
    """Not a peer: what a folder holds, by footers."""
    from pyarrow import parquet

    def work() -> dict[str, int]:
        files = [file for file in source.rglob("*.parquet") if not any("_dlt_" in part for part in file.parts)]
        # dlt makes a table of each list: that of the records is `records`, as is the only one of the others.
        main = [file for file in files if file.parent.name == "records"] or files
        return {
            "rows": sum(parquet.read_metadata(file).num_rows for file in main),
            "tables": len({file.parent for file in files}),
            "bytes": sum(file.stat().st_size for file in files),
        }

    return work


WORKS: dict[str, Callable[[Path, Path, Path | None], Work]] = {
    "duckdb": duckdb,
    "polars": polars,
    "pyarrow": pyarrow,
    "dlt": dlt,
    "count": count,
}


def not_installed(error: BaseException | None) -> bool:
    """Whether the error is a failed import, or was raised from one: dlt imports some only when it needs them."""
    return error is not None and (isinstance(error, ImportError) or not_installed(error.__cause__))


def main() -> int:
    name, source, output, *columns = sys.argv[1:]
    started = None
    try:
        work = WORKS[name](Path(source).resolve(), Path(output).resolve(), Path(columns[0]) if columns else None)
        started = time.perf_counter()
        result = work()
        answer: dict[str, Any] = {"seconds": time.perf_counter() - started}
        if isinstance(result, dict):
            answer |= result
    except BaseException as error:  # panics of Polars are no Exception
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        answer = {"error": lines[0] if lines else type(error).__name__}
        # No data were read before the start.
        answer["missing"] = started is None or not_installed(error)
    print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
