"""What an import writes about numbers: models, attributes, scores, and their quantiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from toolkit.moderation.intake_rows import RISKS, Bulk
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Attribute, Model, Quantiles, Score
from toolkit.schema import SEPARATOR

#: Of each analyzer, the metrics that are kept; of rhetoric the counts that are not 0.
_KEPT: Final = {
    "toxicity": RISKS,
    "stance": ("alignment", "agree", "disagree"),
    "readability": ("flesch_kincaid_grade",),
}


def refresh_quantiles(store: Store) -> int:
    """Compute anew where a score stands among the site's own; the number of attributes."""

    def work(session: Session) -> int:
        pairs = session.execute(
            select(Score.attribute, Score.model)
            .join(Attribute, Attribute.id == Score.attribute)
            .where(~Attribute.name.startswith("rhetoric", autoescape=True))
            .distinct()
        ).all()
        for attribute, model in pairs:
            values = session.execute(
                select(Score.value).where(Score.attribute == attribute, Score.model == model)
            ).scalars()
            column = pl.Series(values, dtype=pl.Float64).sort()
            points = [column.quantile(step / 100, "linear") for step in range(101)]
            session.merge(
                Quantiles(attribute=attribute, model=model, points=points, count=len(column))
            )
        return len(pairs)

    return store.transact(work)


def _kept(frame: pl.DataFrame) -> list[str]:
    found = []
    for name, dtype in frame.schema.items():
        analyzer, separator, metric = name.partition(SEPARATOR)
        if not separator or not dtype.is_numeric():
            continue
        if metric in _KEPT.get(analyzer, ()) or (
            analyzer == "rhetoric" and not metric.endswith("_per_100_words")
        ):
            found.append(name)
    return found


def model_keys(
    session: Session, frame: pl.DataFrame, versions: Mapping[str, str], at: datetime
) -> dict[str, tuple[int, int]]:
    """Column -> (attribute, model), made where they are new."""
    columns = _kept(frame)
    attributes = {row.name: row.id for row in session.execute(select(Attribute)).scalars()}
    models = {
        (row.analyzer, row.version): row.id for row in session.execute(select(Model)).scalars()
    }
    found = {}
    for column in columns:
        analyzer = column.partition(SEPARATOR)[0]
        key = (analyzer, versions.get(analyzer, "unknown"))
        if key not in models:
            model = Model(analyzer=key[0], version=key[1], added_at=at)
            session.add(model)
            session.flush()
            models[key] = model.id
        if column not in attributes:
            attribute = Attribute(name=column)
            session.add(attribute)
            session.flush()
            attributes[column] = attribute.id
        found[column] = (attributes[column], models[key])
    return found


def add_scores(
    session: Session,
    bulk: Bulk,
    frame: pl.DataFrame,
    models: Mapping[str, tuple[int, int]],
    *,
    known: bool,
    replace: bool,
) -> int:
    """Numbers of ``frame`` that are not there yet; with ``replace``, those of a new text."""
    if frame.is_empty() or not models:
        return 0
    ids = list(frame["id"])
    there: set[tuple[int, int]] = set()
    if known:
        wanted = {model for _, model in models.values()}
        where = (Score.comment.in_(ids), Score.model.in_(wanted))
        if replace:
            session.execute(delete(Score).where(*where))
        else:
            there = {
                (row.comment, row.model)
                for row in session.execute(
                    select(Score.comment, Score.model).where(*where).distinct()
                )
            }
    count = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        # By comment, as the primary key has it: pages fill in order.
        columns = list(models)
        keys = [models[column] for column in columns]
        sparse = [column.startswith("rhetoric") for column in columns]
        for comment, *values in frame.select("id", *columns).iter_rows():
            for value, (attribute, model), skip_zero in zip(values, keys, sparse, strict=True):
                if value is None or value != value or (skip_zero and not value):
                    continue
                if there and (comment, model) in there:
                    continue
                count += 1
                yield comment, attribute, model, float(value)

    bulk.insert(Score.__tablename__, ("comment", "attribute", "model", "value"), rows())
    return count
