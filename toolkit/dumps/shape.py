"""What the beginning of a dump shows, before anyone knows its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["lines", "json", "csv", "xml", "parquet", "html", "text", "empty"]
#: Records that are looked at.
SAMPLES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the first bytes of a member show.

    ``lines``: JSON lines; ``json``: one or more JSON documents; ``csv``: a table in
    text, any delimiter. ``records`` are the first JSON values (the last may be cut
    short); ``columns`` the keys or header.
    """

    kind: Kind
    records: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    root: str = ""
    text: str = ""

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The sampled records that are objects."""
        return [record for record in self.records if isinstance(record, dict)]

    def rows(self) -> list[dict[str, Any]]:
        """Objects, those in a top-level list (or a list of lists) included."""
        found = self.objects
        for record in self.records:
            if isinstance(record, list):
                for item in record:
                    found += objects_in(item) if isinstance(item, list) else objects_in([item])
        return found[:SAMPLES]


def has_keys(rows: Sequence[dict[str, Any]], *keys: str, share: float = 0.6) -> bool:
    """Whether most of ``rows`` (at least one) have all of ``keys``."""
    fitting = sum(all(key in row for key in keys) for row in rows)
    return fitting > 0 and fitting >= share * len(rows)


def objects_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list; none where ``value`` is anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
