"""dlt reads one window of a dataset from a server, by its REST API source, into Parquet. Run by the Python of the
peers' virtual environment, see `fetch.py`.

    dlt_rest.py CONFIGURATION DEFINITION FROM TO OUTPUT [--nested text|tables] [--until total|more] [--page-size N]

It is told what the vendor documents, and what korelake knows from the dataset's definition: address, headers, where
records, total and has-more are, and how a page is asked for. The token is signed here, as dlt has none of this kind.
The destination is dlt's own `filesystem`, with Zstandard; everything else is as it comes, the retries too.

Prints a JSON object: `seconds` of the work itself, without the start of Python and the imports, or the `error`, with
`missing` if dlt could not even begin. Then it ends with 1.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, Callable


def signed(claims: dict[str, Any], secret: str) -> str:
    """A JWT, HS256."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = ".".join(part(json.dumps(value).encode()) for value in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{part(hmac.digest(secret.encode(), head.encode(), hashlib.sha256))}"


def rest_configuration(arguments: argparse.Namespace) -> dict[str, Any]:
    """The REST API source's own configuration, for one endpoint."""
    source = tomllib.loads(arguments.configuration.read_text())["source"]
    definition = json.loads(arguments.definition.read_text(encoding="utf-8"))
    endpoint = definition["endpoints"][0]
    window, paging, response = endpoint["window"], endpoint["paging"], endpoint["response"]
    known = {"accountId": source["account_id"], "orgId": source["org_id"], "streamId": source["stream_id"]}
    claims = {"appId": source["auth"]["client_id"], "sub": "dlt", "exp": int(time.time()) + 3600}
    parameters = endpoint["parameters"] | {
        window["start"]: f"{arguments.start} 00:00:00",
        window["end"]: f"{arguments.end} 00:00:00",
    }
    in_body = endpoint["parameters_in"] == "body"
    if not in_body:  # `requests` would write a boolean as Python does
        parameters = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
    place = "body_path" if in_body else "param"
    by_total = arguments.until == "total"
    paginator = {
        "type": "offset",
        "limit": arguments.page_size,
        f"offset_{place}": paging["offset"],
        f"limit_{place}": paging["limit"],
        "total_path": response["total"] if by_total else None,
        "has_more_path": None if by_total else response["more"],
    }
    return {
        "client": {
            "base_url": source["host"],
            "headers": {name: known[name] for name in endpoint["headers"]},
            "auth": {
                "type": "api_key",
                "name": "auth",
                "api_key": signed(claims, source["auth"]["client_secret"]),
                "location": "header",
            },
        },
        "resources": [
            {
                "name": definition["name"],
                "max_table_nesting": 0 if arguments.nested == "text" else None,
                "endpoint": {
                    "path": endpoint["path"].format(**known).lstrip("/"),
                    "method": endpoint["method"],
                    ("json" if in_body else "params"): parameters,
                    "data_selector": response["records"],
                    "paginator": paginator,
                },
            }
        ],
    }


def prepare(arguments: argparse.Namespace) -> Callable[[], object]:
    """Everything up to the first request."""
    home = arguments.output / "_dlt_home"
    settings = {
        "DLT_DATA_DIR": str(home),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "NORMALIZE__DATA_WRITER__COMPRESSION": "zstd",  # its level is pyarrow's own: 1
    }
    os.environ.update(settings)
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(rest_configuration(arguments))
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(home / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=arguments.output.as_uri()),
        dataset_name="lake",
    )
    return lambda: pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configuration", type=Path, help="korelake.toml of the server")
    parser.add_argument("definition", type=Path, help="definition of the dataset; its first endpoint is asked")
    parser.add_argument("start", metavar="from", help="first day")
    parser.add_argument("end", metavar="to", help="day after the last")
    parser.add_argument("output", type=lambda text: Path(text).resolve())
    parser.add_argument("--nested", choices=("text", "tables"), default="text", help="what becomes of nested data")
    parser.add_argument("--until", choices=("total", "more"), default="total", help="what ends the pages")
    parser.add_argument("--page-size", type=int, default=100)
    return parser.parse_args()


def main() -> int:
    arguments, started = parse(), None
    try:
        work = prepare(arguments)
        started = time.perf_counter()
        work()
        answer: dict[str, Any] = {"seconds": time.perf_counter() - started}
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        answer = {"error": lines[0] if lines else type(error).__name__, "missing": started is None}
    print(json.dumps(answer), flush=True)
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
