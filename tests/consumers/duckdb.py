#!/usr/bin/env python3
"""Reads the demo's lake with DuckDB, as its users will, and fails at the first disagreement.

    korelake demo --out lake > demo.txt
    python3 tests/consumers/duckdb.py lake --queries demo.txt

The lake is that of a whole demo: 7 days of 400 conversations, seed 1.
"""

import argparse
import json
import sys
from pathlib import Path

# This file has the name of the module that it needs.
HERE = Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if Path(folder or ".").resolve() != HERE]

import duckdb  # noqa: E402
import pytz  # noqa: E402, F401  DuckDB needs it for times with a zone

DAYS = 7
CONVERSATIONS = 400

# Records of the whole demo. A conversation has one to three segments with an agent.
EXPECTED = {
    "raw_data": DAYS * CONVERSATIONS,
    "score_reporting": DAYS * CONVERSATIONS,
    "agent_assist": 4527,
}


class Disagreement(Exception):
    """What DuckDB reads is not what was expected."""


def check(what, found, expected):
    if found != expected:
        raise Disagreement(f"{what}: found {found!r}, expected {expected!r}")
    print(f"ok  {what}: {found}")


def check_that(what, found, holds):
    if not holds:
        raise Disagreement(f"{what}: found {found!r}")
    print(f"ok  {what}: {found}")


class Lake:
    """One DuckDB connection with a view for each table."""

    def __init__(self, folder):
        self.folder = folder
        self.connection = duckdb.connect()
        for table in EXPECTED:
            files = f"{folder}/{table}/**/*.parquet".replace("'", "''")
            self.connection.execute(
                f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)"
            )

    def rows(self, query):
        return self.connection.execute(query).fetchall()

    def value(self, query):
        [[value]] = self.rows(query)
        return value

    def types(self, table):
        return {name: kind for name, kind, *_ in self.rows(f"DESCRIBE {table}")}

    def entries(self, table):
        """The newest entry of each unit in the ledger."""
        units = sorted((self.folder / "_korelake" / table / "ledger").iterdir())
        return [json.loads(max(unit.glob("*.json")).read_text()) for unit in units]


def rows_agree_with_the_ledger(lake):
    for table, expected in EXPECTED.items():
        entries = lake.entries(table)
        by_day = {entry["unit"]["start"][:10]: entry["proof"]["rows"] for entry in entries}
        check(f"{table}: days", len(by_day), DAYS)
        found = lake.rows(f"SELECT strftime(date, '%Y-%m-%d'), count(*) FROM {table} GROUP BY ALL")
        check(f"{table}: rows by day", dict(sorted(found)), dict(sorted(by_day.items())))
        check(f"{table}: rows", sum(by_day.values()), expected)
        key = "segment_id" if table == "agent_assist" else "conversation_id"
        check(f"{table}: keys", lake.value(f"SELECT count(DISTINCT {key}) FROM {table}"), expected)


def columns_have_their_types(lake):
    zoned = "TIMESTAMP WITH TIME ZONE"
    expected = {
        "raw_data": {
            "conversation_start_time": zoned,
            "audit_date": zoned,
            "duration_ms": "BIGINT",
            "kore_evaluation_score": "DOUBLE",
            "custom_fields": "MAP(VARCHAR, VARCHAR)",
            "speaking_rate": "JSON[]",
            "_rescued": "JSON",
            "date": "DATE",
        },
        "score_reporting": {"evaluated_at": zoned, "audit_score": "DOUBLE", "_rescued": "JSON", "date": "DATE"},
        "agent_assist": {
            "segment_start_time": zoned,
            "is_welcome_msg_read": "BOOLEAN",
            "summary": "JSON",
            "_rescued": "JSON",
            "date": "DATE",
        },
    }
    for table, columns in expected.items():
        types = lake.types(table)
        found = {column: types.get(column) for column in columns}
        check(f"{table}: types", found, columns)
        check(f"{table}: rescued", lake.value(f"SELECT count(_rescued) FROM {table}"), 0)


def raw_data_can_be_asked(lake):
    unnested = lake.rows(
        "SELECT count(*), count(m.metric_name), count(DISTINCT m.qualification) "
        "FROM raw_data, unnest(metrics) AS t(m)"
    )[0]
    metrics = lake.value("SELECT sum(len(metrics))::BIGINT FROM raw_data")
    check("raw_data: metrics, unnested and counted", unnested[0], metrics)
    check_that("raw_data: metrics have names and qualifications", unnested, unnested[1] > 0 and unnested[2] >= 3)
    justified = lake.value(
        "SELECT count(*) FROM raw_data, unnest(metrics) AS t(m), unnest(m.justification) AS u(j) "
        "WHERE len(j.message_id) > 0 AND len(j.message_id) = len(j.timestamp)"
    )
    check_that("raw_data: justifications with messages and their times", justified, justified > 0)
    regions = lake.rows("SELECT count(custom_fields['Region']), count(DISTINCT custom_fields['Region']) FROM raw_data")
    check_that("raw_data: conversations with a region, and regions", regions[0], regions[0][0] > 0 and regions[0][1] > 1)
    own_day = lake.value(
        "SELECT count(*) FROM raw_data WHERE (conversation_start_time AT TIME ZONE 'UTC')::DATE = date"
    )
    check("raw_data: conversations in the partition of their day", own_day, EXPECTED["raw_data"])
    durations = lake.value(
        "SELECT count(*) FROM raw_data "
        "WHERE abs(epoch_ms(conversation_end_time) - epoch_ms(conversation_start_time) - duration_ms) > 1000"
    )
    check("raw_data: durations that contradict start and end", durations, 0)


def tables_can_be_joined(lake):
    joined = lake.rows(
        "SELECT count(*), count(*) FILTER (r.kore_evaluation_score IS DISTINCT FROM s.kore_evaluation_score) "
        "FROM raw_data r JOIN score_reporting s USING (conversation_id, date)"
    )[0]
    check("raw_data and score_reporting: pairs, and pairs with two scores", joined, (EXPECTED["raw_data"], 0))


def agent_assist_can_be_asked(lake):
    answers = lake.value(
        "SELECT count(*) FROM agent_assist, unnest(pro_active_suggestions) AS t(s), "
        "unnest(s.suggestions.answers) AS u(a) WHERE a.content IS NOT NULL"
    )
    check_that("agent_assist: suggested answers", answers, answers > 0)
    used = lake.rows(
        "SELECT kind, count(*) FROM (SELECT unnest(map_keys(u.target)) AS kind FROM agent_assist, "
        "unnest(pro_active_suggestions) AS t(s), unnest(s.used) AS v(u)) GROUP BY ALL ORDER BY ALL"
    )
    check_that("agent_assist: suggestions that were used, by kind", used, len(used) > 1)
    stages = lake.value(
        "SELECT sum(list_sum(map_values(p.total_stages)))::BIGINT "
        "FROM agent_assist, unnest(playbook_runtime_data) AS t(p)"
    )
    check_that("agent_assist: steps of playbooks", stages, stages is not None and stages > 0)
    agentic = lake.value(
        "SELECT count(*) FROM agent_assist, unnest(agentic_activities) AS t(a), unnest(a.response) AS u(r) "
        "WHERE a.res_status = 200 AND r.content IS NOT NULL AND json_valid(a.session_info)"
    )
    check_that("agent_assist: answers of agentic apps", agentic, agentic > 0)


def printed_queries_run(text):
    """Runs what stands between comment and semicolon in what the demo printed, from the folder it ran in."""
    _, found, printed = text.partition("Try it in DuckDB:")
    queries = [query.strip() for query in printed.split(";") if query.strip()]
    check("queries of the demo", (bool(found), len(queries)), (True, 3))
    for query in queries:
        title = query.splitlines()[0].removeprefix("-- ")
        try:
            result = duckdb.connect().execute(query)
        except duckdb.Error as error:
            raise Disagreement(f"the query \"{title}\" fails: {error}") from error
        rows = result.fetchall()
        check_that(f"\"{title}\": rows", len(rows), bool(rows))
        for column, values in zip(result.description, zip(*rows)):
            check_that(f"\"{title}\": values of {column[0]}", len(set(values)), any(value is not None for value in values))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("lake", type=Path, help="folder of the demo's lake")
    arguments.add_argument("--queries", type=Path, help="file with what the demo printed")
    arguments = arguments.parse_args()
    try:
        lake = Lake(arguments.lake)
        rows_agree_with_the_ledger(lake)
        columns_have_their_types(lake)
        raw_data_can_be_asked(lake)
        tables_can_be_joined(lake)
        agent_assist_can_be_asked(lake)
        if arguments.queries:
            printed_queries_run(arguments.queries.read_text())
    except (Disagreement, duckdb.Error, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
