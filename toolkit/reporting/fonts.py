"""Which fonts the document and the figures are set in, and which letters they hold.

The fonts come from dependencies, never from the machine, so that a report
looks the same everywhere: Noto Sans and its sister faces for twenty scripts,
symbols and emoji (``manimgx-fonts``), IBM Plex Sans Arabic
(``fontpkg-ibm-plex-sans-arabic``: its letters carry their dots, so that the
text of a PDF can be searched and copied; in Noto Sans Arabic the dots are
glyphs of their own), Noto Sans CJK (``manimgx-fonts-cjk``), and DejaVu Sans
and STIX, which matplotlib brings, for mathematics and rare symbols. All but
the last two are under the SIL Open Font License 1.1.

PDF/UA forbids a glyph that no font has. :func:`drawable` tells beforehand, so
that such a letter is replaced and reported and no report fails for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from matplotlib.ft2font import FT2Font

#: The family of running text, and of every number and label.
BODY: Final = "Noto Sans"
ARABIC: Final = "IBM Plex Sans Arabic"

_SCRIPTS: Final = (
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Myanmar",
    "Khmer",
    "Georgian",
    "Armenian",
    "Ethiopic",
)

#: Han letters look different in each of these; the comment's language decides.
_CJK: Final = {
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
    "zh-TW": "Noto Sans CJK TC",
    "zh-HK": "Noto Sans CJK HK",
    "zh": "Noto Sans CJK SC",
}

# Default-ignorable: drawn as nothing by every shaper, whatever the font holds.
_IGNORABLE: Final = frozenset(
    [
        *(0xAD, 0x34F, 0x61C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060),
        *range(0xFE00, 0xFE10),
        *range(0xE0020, 0xE0080),
        *range(0xE0100, 0xE01F0),
    ]
)


@dataclass(frozen=True, slots=True)
class Face:
    """One family, the file that holds its letters, and its number in a collection."""

    family: str
    file: Path
    index: int = 0


@dataclass(frozen=True, slots=True)
class FontSet:
    """The faces that were found, in the order in which a letter is looked for."""

    faces: tuple[Face, ...]
    #: Folders to hand to typst as they are.
    folders: tuple[Path, ...]
    #: Single files to hand to typst: their folder holds bold faces with fewer
    #: letters, which would be taken for bold text and lack what was promised.
    files: tuple[Path, ...]

    def families(self, language: str | None = None, *, rtl: bool = False) -> list[str]:
        """Family names in order of preference for a text in ``language`` (BCP 47)."""
        names = list(dict.fromkeys(face.family for face in self.faces))
        tag = language or ""
        wanted = _CJK.get(tag) or _CJK.get(tag.split("-")[0])
        for name in (wanted, ARABIC if rtl else None):
            if name in names:
                names.remove(name)
                names.insert(0 if name == ARABIC else 1, name)
        return names

    @property
    def has_cjk(self) -> bool:
        """Whether Chinese, Japanese and Korean can be set."""
        return any(face.family in _CJK.values() for face in self.faces)


def _package_folder(package: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=1)
def font_set() -> FontSet:
    """The fonts of the installed packages; a package that is missing is left out."""
    faces: list[Face] = []
    folders: list[Path] = []
    single: list[Path] = []

    def add(folder: Path | None, wanted: list[tuple[str, str, int]], *, whole: bool = True) -> None:
        found = [
            Face(family, folder / name, index)
            for family, name, index in wanted
            if folder is not None and (folder / name).is_file()
        ]
        faces.extend(found)
        if folder is not None and found and whole:
            folders.append(folder)
        elif not whole:
            single.extend(face.file for face in found)

    noto = _package_folder("manimgx_fonts")
    plex = _package_folder("fontpkg_ibm_plex_sans_arabic")
    cjk = _package_folder("manimgx_fonts_cjk")
    matplotlib = _package_folder("matplotlib")
    truetype = matplotlib / "mpl-data" / "fonts" / "ttf" if matplotlib else None
    add(noto, [(BODY, "NotoSans[wght].ttf", 0)])
    add(plex / "files" if plex else None, [(ARABIC, "IBMPlexSansArabic-Regular.ttf", 0)])
    add(noto, [(f"Noto Sans {name}", f"NotoSans{name}[wght].ttf", 0) for name in _SCRIPTS])
    collection = "NotoSansCJK-VF.otf.ttc"
    order = ("JP", "KR", "SC", "TC", "HK")
    chosen = ("SC", "JP", "KR", "TC", "HK")
    add(cjk, [(f"Noto Sans CJK {name}", collection, order.index(name)) for name in chosen])
    add(noto, [("Noto Sans Symbols", "NotoSansSymbols[wght].ttf", 0)])
    add(noto, [("Noto Emoji", "NotoEmoji[wght].ttf", 0)])
    last = [("DejaVu Sans", "DejaVuSans.ttf", 0), ("STIXGeneral", "STIXGeneral.ttf", 0)]
    add(truetype, last, whole=False)
    return FontSet(tuple(faces), tuple(dict.fromkeys(folders)), tuple(single))


@lru_cache(maxsize=1)
def _opened() -> tuple[tuple[str, FT2Font], ...]:
    return tuple(
        (face.family, FT2Font(str(face.file), face_index=face.index)) for face in font_set().faces
    )


def _holds(font: FT2Font, letters: Iterable[int]) -> bool:
    return all(font.get_char_index(letter) for letter in letters)


@lru_cache(maxsize=20_000)
def drawable(cluster: str) -> bool:
    """Whether one of the fonts holds every letter of a grapheme cluster.

    One font has to hold all of it: a mark from another font would not sit on
    its letter. A cluster whose composed form is held counts as well.
    """
    needed = _needed(cluster)
    return any(_holds(font, needed) for _, font in _opened()) or (
        (composed := unicodedata.normalize("NFC", cluster)) != cluster and drawable(composed)
    )


def _needed(cluster: str) -> frozenset[int]:
    return frozenset(map(ord, cluster)) - _IGNORABLE


def families_for(text: str) -> list[str]:
    """The families that ``text`` needs: the body's, and one for each letter it lacks."""
    wanted = dict.fromkeys([BODY])
    for letter in set(text):
        for family, font in _opened():
            if _holds(font, (ord(letter),)):
                wanted[family] = None
                break
    return list(wanted)


def script_of(character: str) -> str:
    """The first word of the character's Unicode name: good enough to name a script in a note."""
    name = unicodedata.name(character, "")
    return name.split()[0].capitalize() if name else "Unnamed"
