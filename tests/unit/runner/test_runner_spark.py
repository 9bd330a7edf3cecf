"""The cluster says what the one machine says, row by row: a real Spark with two workers."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from runner_helpers import make_job, write_dump

import toolkit
from toolkit.dumps import convert, read_dump
from toolkit.errors import (
    InputError,
    InternalError,
    MappingError,
    MissingExtraError,
    OutputError,
    SettingsError,
    SourceNotFoundError,
)
from toolkit.runner import results, run
from toolkit.schema import COMMENT_SCHEMA
from toolkit.summaries import summarize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ONLY = ("readability", "rhetoric")
#: What the fields of rows on the way to Spark and back may differ in: their order.
ORDER = "position"

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None
    or (shutil.which("java") is None and not os.environ.get("JAVA_HOME")),
    reason="Spark needs the extra [spark] and Java 17 or newer",
)
pytestmark = [
    # Spark's own: it speaks of pandas, sockets and types of its own accord.
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One session for all tests; on loopback, in a folder of its own."""
    from toolkit.runner import spark as room

    place = str(tmp_path_factory.mktemp("spark"))
    before = dict(os.environ)
    os.environ["SPARK_LOCAL_DIRS"] = place
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = room.session(
            "local[2]",
            {
                "spark.sql.warehouse.dir": place,
                "spark.sql.shuffle.partitions": "2",
                # So that one file is several batches and several partitions.
                "spark.sql.execution.arrow.maxRecordsPerBatch": "70",
                # Another zone than ours: times must not move.
                "spark.sql.session.timeZone": "America/New_York",
                # A session of a minute is not worth compiling for.
                "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
                # As in a session that is not ours.
                "spark.sql.parquet.outputTimestampType": "INT96",
            },
        )
    yield session
    session.stop()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 comments as ``toolkit convert`` writes them, some with times, all of one article."""
    folder = tmp_path_factory.mktemp("table")
    write_dump(folder / "dump.jsonl", 300)
    convert(read_dump(folder / "dump.jsonl"), folder / "plain.parquet")
    when = pl.datetime_range(
        pl.datetime(2024, 3, 31, 0), pl.datetime(2025, 3, 31, 0), "29h", time_zone="UTC"
    )
    frame = pl.read_parquet(folder / "plain.parquet")
    times = pl.select(when).to_series().cast(COMMENT_SCHEMA["created_at"])
    frame = frame.with_columns(
        times.gather(pl.select(pl.int_range(frame.height) % len(times)).to_series()).alias(
            "created_at"
        ),
        depth=pl.lit(0, pl.Int32),
    )
    frame.write_parquet(folder / "comments.parquet")
    return folder / "comments.parquet"


def collected(df: Any) -> pl.DataFrame:
    """A Spark DataFrame in polars, in the order of the source."""
    frame = pl.from_arrow(df.toArrow())
    assert isinstance(frame, pl.DataFrame)
    return frame.sort(ORDER)


def as_spark(frame: pl.DataFrame) -> pl.DataFrame:
    """What the documentation says that Spark makes of our types."""
    return frame.with_columns(
        pl.col(pl.Enum, pl.Categorical).cast(pl.String),
        pl.col(pl.UInt8).cast(pl.Int16),
        pl.col(pl.UInt16).cast(pl.Int32),
        pl.col(pl.UInt32, pl.UInt64).cast(pl.Int64),
    )


@needs_spark
def test_analyze_says_what_the_local_one_says(spark: SparkSession, table: Path) -> None:
    from toolkit.runner.spark import analyze

    df = spark.read.parquet(str(table)).repartition(2)
    found = collected(analyze(df, only=ONLY))
    expected = toolkit.analyze(pl.scan_parquet(table), only=ONLY).collect()
    assert found.columns == expected.columns
    assert found.height == 294
    found = found.with_columns(pl.col("created_at").dt.convert_time_zone("UTC"))
    assert_frame_equal(found, as_spark(expected), check_exact=True)


@needs_spark
def test_a_batch_on_spark_is_a_batch_on_this_machine(
    spark: SparkSession, table: Path, inline: None
) -> None:
    from toolkit.runner.spark import batch

    out = table.parent / "spark"
    assert batch([str(table)], str(out), only=ONLY) == str(out)
    job = make_job(table.parent, "local", inputs=(table,), only=ONLY, shard_rows=100)
    run(job)
    there, here = results(out), results(table.parent / "local")
    # Labels are labels again; counts stay in Spark's wider types.
    labels = [name for name, dtype in here.collect_schema().items() if isinstance(dtype, pl.Enum)]
    assert labels
    assert all(there.collect_schema()[name] == here.collect_schema()[name] for name in labels)
    found = there.collect().sort(ORDER)
    expected = here.collect()
    assert found.columns == expected.columns
    assert_frame_equal(as_spark(found), as_spark(expected), check_exact=True)
    summary = summarize(there, "author").collect()
    assert_frame_equal(summary, summarize(here, "author").collect(), check_exact=False)
    with pytest.raises(OutputError, match="is there already"):
        batch([str(table)], str(out), only=ONLY)
    with pytest.raises(OutputError, match="holds a run already"):
        run(make_job(table.parent, "spark", inputs=(table,)))


@needs_spark
def test_another_table_is_mapped_and_cleaned_as_a_dump_is(
    spark: SparkSession, tmp_path: Path, inline: None
) -> None:
    from toolkit.runner.spark import batch

    texts = ["Cafe\u0301 is  fine.\r\n", "[deleted]", "  ", None, "a\x00b\n\n\n\nc", "Plain words."]
    pl.DataFrame(
        {
            "nr": [str(n) for n in range(len(texts))],
            "body": texts,
            "state": [None, None, None, None, "spam", "published"],
            "more": [[1]] * len(texts),
        }
    ).write_parquet(tmp_path / "foreign.parquet")
    mapping = {"comment_id": "nr", "text": "body", "source_status": "state"}
    inputs = [str(tmp_path / "foreign.parquet")]
    batch(inputs, str(tmp_path / "spark"), only=("language",), mapping=mapping)
    job = make_job(tmp_path, inputs=tuple(inputs), only=("language",), mapping=mapping)
    run(job)
    found = results(tmp_path / "spark").collect().sort("comment_id")
    expected = results(tmp_path / "out").collect().select(found.columns)
    assert found["source_status"].to_list() == [
        *("published", "deleted", "empty", "empty", "spam", "published"),
    ]
    assert_frame_equal(as_spark(found), as_spark(expected), check_exact=True)
    for wrong, words in (({"text": "none"}, "no column 'none'"), ({"nose": "body"}, "'nose'")):
        with pytest.raises(MappingError, match=words):
            batch(inputs, str(tmp_path / "x"), only=("language",), mapping=wrong)


@needs_spark
def test_a_table_by_name_with_columns_of_any_type(spark: SparkSession, tmp_path: Path) -> None:
    from toolkit.runner.spark import analyze, batch

    rows = "VALUES (1.50BD, map('a', 1), array('x'), 'Good bridges.'), (2BD, null, null, null)"
    spark.sql(f"SELECT * FROM {rows} AS t(price, pairs, list, text)").createOrReplaceTempView(
        "comments"
    )
    df = analyze(spark.table("comments"), only=("language",), thesis="No.")
    assert df.columns[:5] == ["price", "pairs", "list", "text", "thesis"]
    first, second = df.collect()
    assert (str(first["price"]), first["pairs"], first["list"]) == ("1.50", {"a": 1}, ["x"])
    assert (first["thesis"], second["text"], second["pairs"]) == ("No.", None, None)
    assert second["language__tag"] is None
    out = str(tmp_path / "out")
    batch(["comments"], out, only=("language",), format="table")
    assert pl.read_parquet(f"{out}/part-*.parquet").height == 2
    with pytest.raises(SourceNotFoundError, match="no such input"):
        batch(["nobody"], str(tmp_path / "no"), only=("language",), format="table")
    with pytest.raises(InputError, match="one table"):
        batch(["a", "b"], str(tmp_path / "no"), only=("language",), format="table")


@needs_spark
def test_what_is_wrong_is_named(spark: SparkSession, tmp_path: Path) -> None:
    from toolkit.runner.spark import analyze, batch

    with pytest.raises(InputError, match="no column 'text'"):
        analyze(spark.sql("SELECT 'x' AS body"), only=("language",))
    with pytest.raises(InputError, match="'text' holds int, not strings"):
        analyze(spark.sql("SELECT 1 AS text"), only=("language",))
    with pytest.raises(InputError, match="already holds language__tag"):
        analyze(spark.sql("SELECT 'x' AS text, 'en' AS language__tag"), only=("language",))
    with pytest.raises(SettingsError, match="no analyzer is called 'nobody'"):
        analyze(spark.sql("SELECT 'x' AS text"), only=("nobody",))
    with pytest.raises(SourceNotFoundError, match="no such input"):
        batch([str(tmp_path / "none.parquet")], str(tmp_path / "out"), only=("language",))
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(InternalError, match="Spark gave up"):
        batch([str(tmp_path / "bad.parquet")], str(tmp_path / "out"), only=("language",))
    # Nothing half written is left behind.
    assert not (tmp_path / "out").exists()


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from toolkit.runner import spark

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="pyspark and pyarrow and pandas") as caught:
        spark.batch(["x"], str(tmp_path / "out"))
    assert "comment-toolkit[spark]" in caught.value.next_step


def test_importing_it_loads_no_spark() -> None:
    import subprocess

    code = "import sys, toolkit.runner.spark; sys.exit('pyspark' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
