"""Writing a report: everything or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from toolkit.errors import InternalError, OutputError
from toolkit.reporting.data import ReportData, Thread, read_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.reporting.findings import Finding
    from toolkit.reporting.frames import Drawing

#: What a report can be written as.
OUTPUTS: Final = frozenset({"pdf", "png", "svg", "json"})

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
    from toolkit.reporting.findings import find
    from toolkit.reporting.frames import drawings
    from toolkit.reporting.masking import mask

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
    svgs = {drawing.name: drawing.svg() for drawing in drawn} if outputs != {"json"} else {}
    made |= _pages(data, thread, found, drawn, svgs, stem, outputs, mask_slurs=mask_slurs)
    for drawing in drawn:
        if "svg" in outputs:
            made[f"{stem}-{drawing.name}.svg"] = svgs[drawing.name]
        if outputs & {"png", "svg"}:
            made[f"{stem}-{drawing.name}.txt"] = f"{drawing.alt}\n".encode()
    if "json" in outputs:
        said: dict[str, Any] = {
            "findings": [
                {"rule": item.rule, "text": mask(item.text) if mask_slurs else item.text}
                for item in found
            ],
            "figures": {drawing.name: drawing.frame.to_dicts() for drawing in drawn},
            "manifest": dict(data.manifest),
        }
        text = json.dumps(said, ensure_ascii=False, indent=2)
        made[f"{stem}.json"] = text.encode("utf-8", "replace")
    return _write(made, directory)


def _pages(
    data: ReportData,
    thread: Thread,
    found: Sequence[Finding],
    drawn: Sequence[Drawing],
    svgs: Mapping[str, bytes],
    stem: str,
    outputs: frozenset[str],
    *,
    mask_slurs: bool,
) -> dict[str, bytes]:
    """The PDF, and pictures of its first page and its figures."""
    from toolkit.reporting.document import MissingGlyphError, Press, build

    if not outputs & {"pdf", "png"}:
        return {}
    banned: frozenset[str] = frozenset()
    for _ in range(MAX_TRIES):
        body = build(data, thread, found, drawn, mask_slurs=mask_slurs, banned=banned)
        made: dict[str, bytes] = {}
        try:
            with Press(body, svgs) as press:
                if "pdf" in outputs:
                    made[f"{stem}.pdf"] = press.pdf()
                if "png" in outputs:
                    made[f"{stem}-p1.png"] = press.first_page()
                    for name in svgs:
                        made[f"{stem}-{name}.png"] = press.figure(name)
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
