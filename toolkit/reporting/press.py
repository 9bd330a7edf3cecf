"""The call that sets the templates.

Everything a page or a comment says goes to typst as JSON that the templates
read as strings. No markup is ever built from it, so no text can inject any.
The templates run in a folder of their own, which typst cannot leave.
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import regex
import typst

from toolkit.errors import InternalError
from toolkit.reporting.fonts import font_set
from toolkit.reporting.writer import Json

#: What the PDF conforms to.
STANDARDS: Final = ("ua-1", "a-2a")
#: Pixels per inch of the picture of the first page.
PAGE_DPI: Final = 144
#: Pixels per inch of the pictures of figures: twice a screen's 96.
FIGURE_DPI: Final = 192


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts as typst knows them, read once a process."""
    folder = tempfile.TemporaryDirectory(prefix="toolkit-fonts-")
    atexit.register(folder.cleanup)
    for file in font_set().files:
        shutil.copyfile(file, Path(folder.name) / file.name)
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[*map(str, font_set().folders), folder.name],
    )


class MissingGlyphError(Exception):
    """typst found no glyph for some characters that a font was said to hold."""

    def __init__(self, characters: frozenset[str]) -> None:
        super().__init__(f"no glyph for {', '.join(f'U+{ord(c):04X}' for c in characters)}")
        self.characters = characters


def _undrawn(message: str, texts: str) -> frozenset[str]:
    """The characters that a message of typst is about, in its own notation.

    It names a letter alone where a mark on it is missing; then those marks
    are meant that stand on this letter in ``texts``.
    """
    match = re.search(r'text `"(.*)"` could not be|codepoint `"(.*)"`', message, re.DOTALL)
    if match is None:
        return frozenset()
    said = match[1] or match[2]
    escaped = regex.compile(r"\\u\{([0-9a-f]+)\}")
    letters = {chr(int(code, 16)) for code in escaped.findall(said)}
    letters |= set(escaped.sub("", said)) - set(" \\")
    marks = {letter for letter in letters if _is_mark(letter)}
    if not marks:
        marked = regex.compile(rf"[{regex.escape(''.join(letters))}]\p{{M}}+")
        marks = {mark for found in marked.findall(texts) for mark in found if _is_mark(mark)}
    return frozenset(marks or letters)


def _is_mark(letter: str) -> bool:
    return regex.match(r"\p{M}", letter) is not None


class Press:
    """The templates and the data in a folder of their own, ready to be set.

    ``main`` is the template of the whole document. Use as a context manager;
    the folder goes when it ends.
    """

    def __init__(
        self, body: Mapping[str, Json], svgs: Mapping[str, bytes], *, main: str = "article"
    ) -> None:
        self._body = body
        self._folder = tempfile.TemporaryDirectory(prefix="toolkit-report-")
        root = Path(self._folder.name)
        for template in files("toolkit.reporting.templates").iterdir():
            if template.name.endswith(".typ"):
                (root / template.name).write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(body), encoding="utf-8")
        for name, content in svgs.items():
            (root / f"{name}.svg").write_bytes(content)
        self._figure = root / "figure.typ"
        self._compiler = typst.Compiler(
            str(root / f"{main}.typ"),
            root=str(root),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={},
        )

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()

    def pdf(self) -> bytes:
        """The whole document as PDF/UA-1 and PDF/A-2a.

        Raises MissingGlyphError, or InternalError where it cannot be set at all.
        """
        return self._set({"part": "all"}, format="pdf", pdf_standards=list(STANDARDS))

    def first_page(self) -> bytes:
        """The first page as a PNG picture at ``PAGE_DPI`` pixels an inch."""
        return self._set({"part": "cover"}, format="png", ppi=float(PAGE_DPI))

    def figure(self, name: str) -> bytes:
        """One of the drawings as a PNG picture at ``FIGURE_DPI`` pixels an inch."""
        inputs = {"file": f"{name}.svg"}
        return self._set(inputs, input=str(self._figure), format="png", ppi=float(FIGURE_DPI))

    def _set(self, inputs: dict[str, str], **how: Any) -> bytes:
        try:
            made = self._compiler.compile(sys_inputs=inputs, **how)
        except typst.TypstError as error:
            lost = _undrawn(str(error), json.dumps(self._body, ensure_ascii=False))
            if lost:
                raise MissingGlyphError(lost) from error
            raise InternalError(
                f"the report could not be set: {error}",
                next_step="Please report this, with the page if you can share it.",
            ) from error
        page = made if isinstance(made, bytes) else (made or [b""])[0]
        if not page:
            raise InternalError("typst gave back nothing", next_step="Please report this.")
        return page
