"""The columns that DuckDB is given: a dataset's definition in the spellings and types of one file.

korelake reads a value by what it means, DuckDB by its form. So the types are those of the definition wherever all
values of the file have a form that DuckDB reads as such; elsewhere they are the nearest that lose nothing: text for
`"NA"` in a column of numbers, JSON for a list that is sometimes a lone value. DuckDB would refuse the file otherwise.
A key without a column is dropped; korelake puts it into `_rescued`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Iterator


class Seen:
    """What a file holds in one place of a definition."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition
        self.kinds: Counter[str] = Counter()
        self.by_key: dict[str, Seen] = {}
        for field in definition.get("fields", []):
            for spelling in field.get("aliases") or [field["name"]]:
                # An earlier field has the better claim to a spelling that two have.
                self.by_key.setdefault(spelling, Seen(field))
        inner = definition.get("element") or definition.get("values")
        self.inner = Seen(inner) if inner else None

    def look(self, value: Any) -> None:
        """Notes the form of a value and of all values in it."""
        self.kinds[type(value).__name__] += 1
        if isinstance(value, list) and self.inner:
            for element in value:
                self.inner.look(element)
        elif isinstance(value, dict) and self.inner:
            for element in value.values():
                self.inner.look(element)
        elif isinstance(value, dict):
            for key, element in value.items():
                if key in self.by_key:
                    self.by_key[key].look(element)

    def forms(self) -> set[str]:
        return set(self.kinds) - {"NoneType"}

    def fields(self, whole: bool) -> Iterator[tuple[str, "Seen"]]:
        """Key and place of each field: its spellings that occur and, for the whole table, the first one if none does.

        DuckDB does not tell `Queues` from `queues` beside each other: the more frequent one stays.
        """
        taken: set[str] = set()
        present = {id(place.definition) for place in self.by_key.values() if place.kinds}
        for key, place in sorted(self.by_key.items(), key=lambda entry: -entry[1].kinds.total()):
            if place.kinds and key.lower() not in taken:
                taken.add(key.lower())
                yield key, place
        for key, place in self.by_key.items() if whole else ():
            if id(place.definition) not in present and key.lower() not in taken:
                present.add(id(place.definition))
                taken.add(key.lower())
                yield key, place

    def left_out(self, path: str = "") -> Iterator[tuple[str, int]]:
        """Path and number of values of the keys that `fields` leaves out."""
        kept = {key for key, _ in self.fields(whole=False)}
        for key, place in self.by_key.items():
            here = f"{path}.{key}" if path else key
            if key in kept:
                yield from place.left_out(here)
            elif values := sum(count for kind, count in place.kinds.items() if kind != "NoneType"):
                yield here, values
        if self.inner:
            yield from self.inner.left_out(f"{path}[]")


def duckdb_type(place: Seen, whole: bool) -> str:
    """The type for one place."""
    forms, kind = place.forms(), place.definition["type"]
    if kind == "utf8":
        return "VARCHAR"
    if kind == "int64" and forms <= {"int"}:
        return "BIGINT"
    if kind in ("int64", "float64"):
        return "DOUBLE" if forms <= {"int", "float"} else "VARCHAR"
    if kind == "bool":
        return "BOOLEAN" if forms <= {"bool"} else "VARCHAR"
    if kind == "timestamp" and forms <= {"int"} and forms:
        return "BIGINT"  # milliseconds since 1970; DuckDB reads times from text only
    if kind == "timestamp":
        return "TIMESTAMPTZ" if forms <= {"str"} else "VARCHAR"
    if kind == "list" and place.inner and forms <= {"list"}:
        return f"{duckdb_type(place.inner, whole)}[]"
    if kind == "map" and place.inner and forms <= {"dict"}:
        return f"MAP(VARCHAR, {duckdb_type(place.inner, whole)})"
    if kind == "struct" and forms <= {"dict"}:
        fields = [f"{quoted(key)} {duckdb_type(field, whole)}" for key, field in place.fields(whole)]
        return f"STRUCT({', '.join(fields)})" if fields else "JSON"
    return "JSON"


def quoted(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def look_at(definition: Path, records: Path) -> Seen:
    """Looks at every value of every record: a form that comes once in a hundred thousand makes DuckDB stop."""
    columns = json.loads(definition.read_text(encoding="utf-8"))["columns"]
    seen = Seen({"type": "struct", "fields": columns})
    with records.open("rb") as lines:
        for line in lines:
            seen.look(json.loads(line))
    return seen


def duckdb_columns(seen: Seen, whole: bool) -> dict[str, str]:
    """Key and type of each column: all of the definition (near the table that korelake writes), or those that occur."""
    return {key: duckdb_type(place, whole) for key, place in seen.fields(whole)}
