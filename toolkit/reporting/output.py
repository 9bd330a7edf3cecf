"""Writing a report: everything or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from toolkit.errors import OutputError
from toolkit.reporting.data import ReportData, read_thread

#: What a report can be written as.
OUTPUTS: Final = frozenset({"pdf", "png", "svg", "json"})

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
    from toolkit.reporting.document import Press, build
    from toolkit.reporting.figures import drawings
    from toolkit.reporting.findings import find

    unknown = outputs - OUTPUTS
    if unknown or not outputs:
        raise OutputError(
            f"a report cannot be written as {', '.join(sorted(unknown)) or 'nothing'}",
            next_step=f"Choose from: {', '.join(sorted(OUTPUTS))}.",
        )
    stem = file_stem(name)
    thread = read_thread(data)
    found = find(data, thread)
    drawn = drawings(data, thread)
    made: dict[str, bytes] = {}
    formats = [kind for kind in ("svg", "png") if kind in outputs or (kind, "pdf")[0] == "svg"]
    rendered = {drawing.name: drawing.render(*formats) for drawing in drawn}
    body = build(data, thread, found, drawn, mask_slurs=mask_slurs)
    with Press(body, {key: value["svg"] for key, value in rendered.items()}) as press:
        if "pdf" in outputs:
            made[f"{stem}.pdf"] = press.pdf()
        if "png" in outputs:
            made[f"{stem}-p1.png"] = press.first_page()
    for drawing in drawn:
        for kind in ("png", "svg"):
            if kind in outputs:
                made[f"{stem}-{drawing.name}.{kind}"] = rendered[drawing.name][kind]
        if outputs & {"png", "svg"}:
            made[f"{stem}-{drawing.name}.txt"] = f"{drawing.alt}\n".encode()
    if "json" in outputs:
        said: dict[str, Any] = {
            "findings": [{"rule": item.rule, "text": item.text} for item in found],
            "figures": {drawing.name: drawing.frame.to_dicts() for drawing in drawn},
            "manifest": dict(data.manifest),
        }
        text = json.dumps(said, ensure_ascii=False, indent=2)
        made[f"{stem}.json"] = text.encode("utf-8", "replace")
    return _write(made, directory)


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
