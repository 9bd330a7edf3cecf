"""Writing a report: everything or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from toolkit.errors import InternalError, OutputError
from toolkit.reporting.data import STANCE, ReportData, Row, read_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.reporting.findings import Finding
    from toolkit.reporting.frames import Drawing

#: What a report can be written as.
OUTPUTS: Final = frozenset({"pdf", "png", "svg", "json"})
#: Version of the JSON; ``docs/report.md`` describes it.
JSON_VERSION: Final = 1

#: How often the document is set again with more characters replaced.
MAX_TRIES: Final = 12

_UNSAFE: Final = re.compile(r"[^\w.-]+")


def write_article_report(
    data: ReportData,
    directory: Path,
    *,
    name: str,
    outputs: frozenset[str] = frozenset({"pdf", "png"}),
    mask_slurs: bool = True,
) -> list[Path]:
    """Write the report on one page; the files that were written, the PDF first.

    ``pdf``: ``NAME.pdf``. ``png``: the first page as ``NAME-p1.png`` and each
    figure as ``NAME-FIGURE.png`` with its text alternative in
    ``NAME-FIGURE.txt``. ``svg``: each figure as ``NAME-FIGURE.svg``, with the
    same text file. ``json``: what the report says, as ``NAME.json``. A figure
    that would show fewer marks than it needs is left out.

    Everything is made in a hidden folder inside ``directory`` and moved when
    it is whole. Raises OutputError where that cannot be done.
    """
    from toolkit.reporting.document import build
    from toolkit.reporting.findings import find
    from toolkit.reporting.frames import drawings
    from toolkit.reporting.stance_section import stance_shares

    check_outputs(outputs)
    thread = read_thread(data)
    found = find(data, thread)
    drawn = drawings(data, thread)

    def body(banned: frozenset[str]) -> dict[str, Any]:
        return build(data, thread, found, drawn, mask_slurs=mask_slurs, banned=banned)

    def said() -> dict[str, Any]:
        return {
            "report": "article",
            "schema_version": JSON_VERSION,
            "title": data.page.article.title,
            "url": data.page.article.url,
            "thesis": [asdict(sentence) for sentence in data.thesis],
            "article": dict(data.article_metrics or {}),
            "stance": stance_shares(thread) if thread.has(STANCE) else None,
            "comments": [_comment(row) for row in thread.rows],
        } | findings_and_figures(found, drawn, data.manifest)

    return write_document(
        directory,
        name=name,
        outputs=outputs,
        main="article",
        drawn=drawn,
        body=body,
        said=said,
        mask_slurs=mask_slurs,
    )


def _comment(row: Row) -> dict[str, Any]:
    return {
        "number": row.number,
        "comment_id": row.comment_id,
        "parent": row.parent,
        "author": row.author,
        "handle": row.handle,
        "created_at": row.created_at,
        "text": row.text,
        "values": dict(row.values),
        "evidence": [asdict(item) for item in row.evidence],
    }


def findings_and_figures(
    found: Sequence[Finding], drawn: Sequence[Drawing], manifest: Mapping[str, str]
) -> dict[str, Any]:
    """The parts of the JSON that all reports have."""
    return {
        "findings": [{"rule": item.rule, "text": item.text} for item in found],
        "figures": {
            drawing.name: {
                "caption": drawing.caption,
                "alt": drawing.alt,
                "rows": drawing.frame.to_dicts(),
            }
            for drawing in drawn
        },
        "manifest": dict(manifest),
    }


def check_outputs(outputs: frozenset[str]) -> None:
    """Raise OutputError for an output there is not, before any work is done."""
    unknown = outputs - OUTPUTS
    if unknown or not outputs:
        raise OutputError(
            f"a report cannot be written as {', '.join(sorted(unknown)) or 'nothing'}",
            next_step=f"Choose from: {', '.join(sorted(OUTPUTS))}.",
        )


def write_document(
    directory: Path,
    *,
    name: str,
    outputs: frozenset[str],
    main: str,
    drawn: Sequence[Drawing],
    body: Callable[[frozenset[str]], dict[str, Any]],
    said: Callable[[], dict[str, Any]],
    mask_slurs: bool,
) -> list[Path]:
    """Write one document in all its forms, everything or nothing; the PDF first.

    ``body`` gives what the template ``main`` reads, without the characters it is
    handed; ``said`` gives the JSON. Raises OutputError where it cannot be written.
    """
    check_outputs(outputs)
    stem = file_stem(name)
    svgs = {drawing.name: drawing.svg() for drawing in drawn} if outputs != {"json"} else {}
    made = _pages(body, svgs, stem, outputs, main)
    for drawing in drawn:
        if "svg" in outputs:
            made[f"{stem}-{drawing.name}.svg"] = svgs[drawing.name]
        if outputs & {"png", "svg"}:
            made[f"{stem}-{drawing.name}.txt"] = f"{drawing.alt}\n".encode("utf-8", "replace")
    if "json" in outputs:
        data = _masked(said()) if mask_slurs else said()
        text = json.dumps(data, ensure_ascii=False, indent=1, default=_plain, allow_nan=False)
        made[f"{stem}.json"] = f"{text}\n".encode("utf-8", "replace")
    return _write(made, directory)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _masked(value: Any) -> Any:
    """Every text in a JSON value masked as on the pages; keys stay."""
    from toolkit.reporting.masking import mask

    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _pages(
    body: Callable[[frozenset[str]], dict[str, Any]],
    svgs: Mapping[str, bytes],
    stem: str,
    outputs: frozenset[str],
    main: str,
) -> dict[str, bytes]:
    """The PDF, and pictures of its first page and its figures."""
    from toolkit.reporting.press import MissingGlyphError, Press

    if not outputs & {"pdf", "png"}:
        return {}
    banned: frozenset[str] = frozenset()
    for _ in range(MAX_TRIES):
        made: dict[str, bytes] = {}
        try:
            with Press(body(banned), svgs, main=main) as press:
                if "pdf" in outputs:
                    made[f"{stem}.pdf"] = press.pdf()
                if "png" in outputs:
                    made[f"{stem}-p1.png"] = press.first_page()
                    for figure in svgs:
                        made[f"{stem}-{figure}.png"] = press.figure(figure)
            return made
        except MissingGlyphError as error:
            # A font may hold each letter and still lack the form that shaping
            # asks for; such letters are replaced and reported like any other.
            banned |= error.characters
    raise InternalError(
        f"no font can draw {', '.join(f'U+{ord(letter):04X}' for letter in sorted(banned))}",
        next_step="Please report this, with the page if you can share it.",
    )


def file_stem(name: str) -> str:
    """``name`` as the beginning of a file name: no separators, no hidden or endless files."""
    return _UNSAFE.sub("-", name).strip("-.")[:80] or "report"


def _write(made: dict[str, bytes], directory: Path) -> list[Path]:
    created = not directory.exists()
    folder: Path | None = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".report-", dir=directory))
        for file, content in made.items():
            (folder / file).write_bytes(content)
        written = []
        for file in made:
            target = directory / file
            os.replace(folder / file, target)  # noqa: PTH105
            written.append(target)
    except OSError as error:
        if created and folder is not None:
            shutil.rmtree(directory, ignore_errors=True)
        raise OutputError(
            f"the report cannot be written to {directory}: {error.strerror or error}",
            next_step="Choose another folder with -o, or make this one writable.",
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return written
