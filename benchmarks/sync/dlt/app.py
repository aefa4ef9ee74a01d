"""A run of dlt. It speaks with the benchmark as ``benchmarks.sync.child`` does, which it cannot import."""

import json
import sys
from collections.abc import Iterator

import dlt
import pyarrow as pa
from pyarrow import csv

BLOCK_BYTES = 16 * 1024 * 1024


def main() -> None:
    job = json.loads(sys.argv[1])
    columns = job["columns"]

    @dlt.resource(
        name="person",
        primary_key=columns[0],
        write_disposition={"disposition": "merge", "strategy": "upsert"},
    )
    def people() -> Iterator[pa.Table]:
        read = csv.ReadOptions(column_names=columns, skip_rows=1, block_size=BLOCK_BYTES)
        as_text = csv.ConvertOptions(
            column_types={name: pa.string() for name in columns}, strings_can_be_null=True, null_values=[""]
        )
        with csv.open_csv(job["csv"], read_options=read, convert_options=as_text) as batches:
            for batch in batches:
                yield pa.Table.from_batches([batch])

    pipeline = dlt.pipeline(
        "benchmark",
        destination=dlt.destinations.postgres(job["dsn"]),
        dataset_name="benchmark",
        pipelines_dir=job["directory"],
    )
    print("ready", flush=True)
    sys.stdin.readline()
    done = pipeline.run(people(), loader_file_format=job["format"])
    done.raise_on_failed_jobs()
    print(json.dumps(None), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
