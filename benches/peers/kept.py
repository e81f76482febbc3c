"""What a folder holds of one table: rows, and distinct keys. Run by the Python of the peers' virtual environment, see
`fetch.py`.

    kept.py FOLDER TABLE KEY
"""

import json
import sys
from pathlib import Path

import pyarrow
import pyarrow.compute
from pyarrow import parquet


def main() -> int:
    folder, table, key = sys.argv[1:]
    files = [file for file in Path(folder).rglob("*.parquet") if table in file.relative_to(folder).parts[:-1]]
    columns = [parquet.ParquetFile(file).read(columns=[key]).column(0) for file in files]
    keys = pyarrow.chunked_array(
        [chunk.cast(pyarrow.string()) for column in columns for chunk in column.chunks], pyarrow.string()
    )
    print(json.dumps({"rows": len(keys), "distinct": len(pyarrow.compute.unique(keys))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
