"""The same pipeline on Apache Spark (extra ``spark``); nothing else here imports pyspark.

Spark cuts the work up and moves it; each of its Python workers builds the
pipeline once and measures the batches that come, each row by itself. So the
numbers are those of a run on one machine, however the rows are partitioned.

Longer than most modules: what knows Spark stays in one file, so that nothing
else has to.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from toolkit.dumps.finish import plain_text
from toolkit.errors import (
    InputError,
    InternalError,
    MappingError,
    MissingExtraError,
    OutputError,
    SourceNotFoundError,
)
from toolkit.pipeline import Pipeline
from toolkit.runner.manifest import MANIFEST_FILE, SPARK_FILE, environment, now
from toolkit.runner.worker import THREAD_VARIABLES
from toolkit.schema import COMMENT_SCHEMA, CONTEXT_SCHEMA, PUBLISHED
from toolkit.settings import Settings
from toolkit.tables import whole_file

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

#: For a session on this machine: nobody else can reach it.
_LOCAL: Final[dict[str, bool | float | int | str | None]] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # What goes wrong comes back as an exception; the log would say it five times.
    "spark.log.level": "FATAL",
}
_STRINGS: Final = ("text", *CONTEXT_SCHEMA)
_TEXT: Final = (pl.String, pl.Categorical, pl.Enum)


def analyze(
    df: DataFrame,
    *,
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    settings: Settings | None = None,
) -> DataFrame:
    """``toolkit.analyze`` for a Spark DataFrame: its columns, then ``{analyzer}__{metric}``.

    Needs the column ``text``; ``thesis`` and ``article_text`` are used where they
    are there, and ``thesis`` given here stands above the column. Nothing is
    computed until Spark is asked for rows; nothing is shuffled.

    Labels become strings, unsigned counts the next wider signed type.

    Raises MissingExtraError without pyspark, InputError where a column is missing,
    is no string, or has the name of a result, and UnknownAnalyzerError.
    """
    return _analyzed(df, only=only, thesis=thesis, settings=settings, clean=False)


def batch(
    inputs: Sequence[str],
    output: str,
    *,
    master: str | None = None,
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    settings: Settings | None = None,
    format: str = "auto",  # noqa: A002 - the word that users know
    mapping: Mapping[str, str] | None = None,
) -> str:
    """Read ``inputs`` with Spark, analyse, write parquet to ``output``; its address.

    ``inputs`` and ``output`` are whatever this Spark can reach: paths, ``s3a://``,
    ``abfss://``. ``format`` is a Spark source (``auto``: parquet) or ``table``, where
    ``inputs`` name one table. ``mapping`` (our column -> theirs) chooses and
    renames. Text is cleaned as when a dump is read. ``master`` None leaves it to
    ``spark-submit`` or Spark's own settings. A session that is running is used and left running.

    Raises SourceNotFoundError, InputError and MappingError (columns), OutputError
    where ``output`` is there already, MissingExtraError.
    """
    _require()
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import AnalysisException, PySparkException
    from pyspark.sql import SparkSession

    settings = settings or Settings()
    chosen = None if only is None else tuple(only)
    pipeline = Pipeline.of(chosen, settings)
    place = _local_path(output)
    if place is not None and place.exists():
        raise OutputError(
            f"{output} is there already",
            next_step="Spark writes all or nothing: choose another folder with -o.",
        )
    running = SparkSession.getActiveSession()
    spark = running or session(master)
    try:
        df = _read(spark, inputs, format)
        if mapping:
            df = _mapped(df, mapping)
        result = _analyzed(df, only=chosen, thesis=thesis, settings=settings, clean=True)
        result.write.mode("errorifexists").option("compression", "zstd").parquet(output)
    except AnalysisException as error:
        raise _named(error, output) from error
    except (PySparkException, Py4JError) as error:
        raise InternalError(
            f"Spark gave up: {_reason(error)}", next_step="Look at the executors' logs."
        ) from error
    finally:
        if running is None:
            spark.stop()
        if place is not None and place.is_dir() and not any(place.iterdir()):
            place.rmdir()  # Spark makes the folder first.
    if place is not None and place.is_dir():
        _receipt(place, inputs, pipeline, thesis, settings)
    return output


def _require() -> None:
    missing = [
        name for name in ("pyspark", "pyarrow", "pandas") if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise MissingExtraError(
            f"{' and '.join(missing)} is not installed",
            next_step="Install it with: pip install 'comment-toolkit[spark]'.",
        )


def session(
    master: str | None, options: Mapping[str, bool | float | int | str | None] | None = None
) -> SparkSession:
    """A Spark session as :func:`batch` uses it: local ones on loopback, one thread a worker.

    Raises InputError where Spark cannot be started.
    """
    _require()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("comment-toolkit").config(
        # Spark's own default is a type that parquet has given up and that knows no zone.
        "spark.sql.parquet.outputTimestampType",
        "TIMESTAMP_MICROS",
    )
    # Spark runs one Python worker a core.
    variables = dict.fromkeys(THREAD_VARIABLES, "1")
    if master is not None:
        builder = builder.master(master)
    if master is not None and master.startswith("local"):
        builder = builder.config(map=_LOCAL)
        # Workers are children of a Java process that looks for "python3" otherwise.
        variables |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        for name, value in variables.items():
            os.environ.setdefault(name, value)
    else:
        for name, value in variables.items():
            builder = builder.config(f"spark.executorEnv.{name}", value)
    builder = builder.config(map=dict(options or {}))
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise InputError(
            f"Spark could not be started: {_first_line(error)}",
            next_step="It needs Java 17 or newer on PATH (or JAVA_HOME), and a --master it knows.",
        ) from error


def _read(spark: SparkSession, inputs: Sequence[str], source: str) -> DataFrame:
    if source == "table":
        if len(inputs) != 1:
            raise InputError("name one table", next_step="Make a view of several in Spark.")
        return spark.table(inputs[0])
    return spark.read.format("parquet" if source == "auto" else source).load(list(inputs))


def _mapped(df: DataFrame, mapping: Mapping[str, str]) -> DataFrame:
    from pyspark.sql import functions

    known = {*COMMENT_SCHEMA, *CONTEXT_SCHEMA}
    for target, column in mapping.items():
        if target not in known:
            raise MappingError(
                f"{target!r} is no field of a comment",
                next_step=f"Fields are: {', '.join(sorted(known))}.",
            )
        if column not in df.columns:
            raise MappingError(
                f"there is no column {column!r}; there are: {', '.join(df.columns[:30])}",
                next_step="Name one of them.",
            )
    return df.select(
        *(functions.col(_quoted(column)).alias(target) for target, column in mapping.items())
    )


def _analyzed(
    df: DataFrame,
    *,
    only: Iterable[str] | None,
    thesis: str | None,
    settings: Settings | None,
    clean: bool,
) -> DataFrame:
    _require()
    from pyspark.sql import functions
    from pyspark.sql.types import StringType, StructField, StructType

    settings = settings or Settings()
    chosen = None if only is None else tuple(only)
    pipeline = Pipeline.of(chosen, settings)
    if thesis is not None:
        df = df.withColumn("thesis", functions.lit(thesis))
    reads = tuple(name for name in pipeline.reads if name in df.columns)
    for name in reads:
        kind = df.schema[name].dataType
        if name in _STRINGS and not isinstance(kind, StringType):
            raise InputError(
                f"the column {name!r} holds {kind.simpleString()}, not strings",
                next_step=f"Cast it: df.withColumn({name!r}, df[{name!r}].cast('string')).",
            )
    # The pipeline itself says what comes out, and refuses what it cannot read.
    empty = pl.LazyFrame(schema={name: pl.String() for name in df.columns})
    columns = pipeline.apply(empty).collect_schema()
    added = {
        name: dtype
        for name, dtype in columns.items()
        if name not in df.columns and name != "article_text"
    }
    kept = [field for field in df.schema.fields if field.name != "article_text"]
    schema = StructType(
        [*kept, *(StructField(name, _spark_type(dtype)) for name, dtype in added.items())]
    )
    plain = settings.model_dump(mode="json")
    names = tuple(field.name for field in kept)

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _measured(batches, chosen, plain, reads, names, tuple(added), clean=clean)

    return df.mapInArrow(measure, schema)


def _measured(
    batches: Iterator[pa.RecordBatch],
    only: tuple[str, ...] | None,
    settings: dict[str, Any],
    reads: Sequence[str],
    kept: Sequence[str],
    added: Sequence[str],
    *,
    clean: bool,
) -> Iterator[pa.RecordBatch]:
    """In a Python worker of an executor: what came in, and what was measured beside it."""
    import pyarrow as pa

    pipeline = _pipeline(only, json.dumps(settings))
    known = {**COMMENT_SCHEMA, **CONTEXT_SCHEMA}
    for batch in batches:
        if clean:
            batch = _cleaned(batch)
        read = pa.table({name: batch.column(name) for name in reads})
        frame = pl.from_arrow(read)
        assert isinstance(frame, pl.DataFrame)
        # Spark hands times over in the zone of its session.
        frame = frame.cast({name: known[name] for name in reads if name in known})
        result, _ = pipeline.run(frame)
        new = [_plain(result[name]) for name in added]
        yield pa.RecordBatch.from_arrays(
            [*(batch.column(name) for name in kept), *new], names=[*kept, *added]
        )


@lru_cache(maxsize=4)
def _pipeline(only: tuple[str, ...] | None, settings: str) -> Pipeline:
    return Pipeline.of(only, Settings(**json.loads(settings)))


def _cleaned(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Text as the readers of dumps leave it, and the status that goes with it."""
    text, told = plain_text(pl.Series(batch.column("text"), dtype=pl.String))
    batch = _with(batch, "text", text)
    if "source_status" in batch.schema.names:
        status = pl.Series(batch.column("source_status"), dtype=pl.String)
        said = status.is_not_null() & (status != PUBLISHED)
        status = status.zip_with(said.fill_null(False), told).fill_null(PUBLISHED)
        batch = _with(batch, "source_status", status)
    return batch


def _with(batch: pa.RecordBatch, name: str, column: pl.Series) -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index(name), name, _plain(column))


def _plain(column: pl.Series) -> pa.Array:
    """An Arrow array of the type that :func:`_spark_type` declares."""
    import pyarrow as pa

    array = column.cast(_storage(column.dtype)).to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.cast(_small(array.type)) if isinstance(array, pa.Array) else array


def _small(dtype: pa.DataType) -> pa.DataType:
    """``dtype`` without the 64-bit offsets that polars gives to strings and lists."""
    import pyarrow as pa

    if pa.types.is_large_string(dtype):
        return pa.string()
    if pa.types.is_large_binary(dtype):
        return pa.binary()
    if pa.types.is_list(dtype) or pa.types.is_large_list(dtype):
        return pa.list_(_small(dtype.value_type))
    if pa.types.is_struct(dtype):
        return pa.struct([(field.name, _small(field.type)) for field in dtype])
    return dtype


def _storage(dtype: pl.DataType) -> pl.DataType:
    """What Spark has in place of ``dtype``. Labels are strings, nothing is unsigned."""
    if isinstance(dtype, pl.List):
        return pl.List(_storage(_inner(dtype)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _storage(_of(field.dtype)) for field in dtype.fields})
    if isinstance(dtype, _TEXT):
        return pl.String()
    wider: dict[Any, pl.DataType] = {
        pl.UInt8: pl.Int16(),
        pl.UInt16: pl.Int32(),
        pl.UInt32: pl.Int64(),
        # A count beyond 2^63 would be an error here, not another number.
        pl.UInt64: pl.Int64(),
    }
    return wider.get(type(dtype), dtype)


def _spark_type(dtype: pl.DataType) -> DataType:
    from pyspark.sql import types

    dtype = _storage(dtype)
    if isinstance(dtype, pl.List):
        return types.ArrayType(_spark_type(_inner(dtype)))
    if isinstance(dtype, pl.Struct):
        return types.StructType(
            [types.StructField(field.name, _spark_type(_of(field.dtype))) for field in dtype.fields]
        )
    known: dict[Any, Callable[[], DataType]] = {
        pl.String: types.StringType,
        pl.Boolean: types.BooleanType,
        pl.Int8: types.ByteType,
        pl.Int16: types.ShortType,
        pl.Int32: types.IntegerType,
        pl.Int64: types.LongType,
        pl.Float32: types.FloatType,
        pl.Float64: types.DoubleType,
        pl.Date: types.DateType,
    }
    if type(dtype) not in known:
        raise InternalError(
            f"there is no type in Spark for {dtype}",
            next_step="Leave out the analyzer that gives it.",
        )
    return known[type(dtype)]()


def _inner(dtype: pl.List) -> pl.DataType:
    return _of(dtype.inner)


def _of(dtype: Any) -> pl.DataType:
    """Polars names a type by its class or by a value of it."""
    found = dtype() if isinstance(dtype, type) else dtype
    assert isinstance(found, pl.DataType)
    return found


def _local_path(address: str) -> Path | None:
    """``address`` on this machine's disk; None where it lies elsewhere."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    if scheme is None:
        return Path(address)
    return Path(re.sub(r"^file:(//)?", "", address)) if scheme[1] == "file" else None


def _receipt(
    place: Path,
    inputs: Sequence[str],
    pipeline: Pipeline,
    thesis: str | None,
    settings: Settings,
) -> None:
    """What made these files, for people, and the labels that Spark took for strings."""
    if (place / MANIFEST_FILE).exists():  # Spark writes no such file; somebody else's stays
        return
    told = {
        "engine": "spark",
        "inputs": list(inputs),
        "analyzers": pipeline.versions,
        "thesis": thesis,
        "settings": settings.model_dump(mode="json", exclude={"reports"}),
        "packages": environment(),
        "finished_at": now(),
        "labels": {
            name: metric.dtype.categories.to_list()
            for name, metric in pipeline.metrics.items()
            if isinstance(metric.dtype, pl.Enum)
        },
    }
    with whole_file(place / SPARK_FILE) as temporary:
        temporary.write_text(
            json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def _named(error: Exception, output: str) -> Exception:
    """One of ours for what Spark says of a path, a table or a column."""
    words = _first_line(error)
    if "PATH_ALREADY_EXISTS" in words:
        return OutputError(
            f"{output} is there already",
            next_step="Spark writes all or nothing: choose another place with -o.",
        )
    if "PATH_NOT_FOUND" in words or "TABLE_OR_VIEW_NOT_FOUND" in words:
        return SourceNotFoundError(
            f"Spark finds no such input: {words}", next_step="Check its address."
        )
    return InputError(
        f"Spark cannot read this: {words}",
        next_step="Name parquet, or its format with --input-format.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:500]


def _reason(error: Exception) -> str:
    """What a Python worker or a reader raised, without where; else what Spark says."""
    raised = re.findall(
        r"^(?:Caused by: )?(?:\w+\.)*(\w*(?:Error|Exception): .+)$", str(error), re.MULTILINE
    )
    return raised[-1][:500] if raised else _first_line(error)


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
