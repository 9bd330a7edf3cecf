from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.reporting import fonts
from toolkit.reporting.fonts import drawable, families_for, font_set, script_of


def test_every_font_comes_from_a_package() -> None:
    found = font_set()
    assert found.faces[0].family == "Noto Sans"
    for face in found.faces:
        assert "site-packages" in face.file.parts
        assert face.file.is_file()
    assert found.has_cjk


@pytest.mark.parametrize(
    "text",
    ["a", "é", "ñ", "ß", "Ж", "Ω", "س", "گ", "ש", "क", "ก", "中", "あ", "한", "ა", "ա", "አ", "ខ",
     "😀", "✓", "→", "∑", "𝕳", "e\u0301", "👍🏽", "1\ufe0f\u20e3"],
)  # fmt: skip
def test_common_letters_of_the_world_can_be_drawn(text: str) -> None:
    assert drawable(text)


@pytest.mark.parametrize("text", ["\U00013000", "\ue000", "\ufdd0", "\u0378", "q\u1ad6"])
def test_what_no_font_holds_is_told(text: str) -> None:
    assert not drawable(text)


def test_a_composed_form_stands_in_for_its_parts() -> None:
    assert drawable("\uac00")
    assert drawable("\u1100\u1161")


def test_han_letters_follow_the_language() -> None:
    found = font_set()
    assert found.families("ja")[1] == "Noto Sans CJK JP"
    assert found.families("zh-TW")[1] == "Noto Sans CJK TC"
    assert found.families("zh-Hans")[1] == "Noto Sans CJK SC"
    assert found.families(None)[0] == "Noto Sans"
    assert found.families("fa", rtl=True)[0] == fonts.ARABIC
    assert len(found.families("ko")) == len(set(found.families("ko"))) == len(found.families())


def test_figures_name_only_the_families_they_need() -> None:
    assert families_for("plain → text")[0] == "Noto Sans"
    assert "Noto Sans CJK SC" in families_for("中")
    assert "Noto Sans CJK SC" not in families_for("plain")


def test_missing_packages_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fonts._package_folder

    def without(package: str) -> Path | None:
        return None if package.startswith(("manimgx", "fontpkg")) else real(package)

    monkeypatch.setattr(fonts, "_package_folder", without)
    found = fonts.font_set.__wrapped__()
    assert [face.family for face in found.faces] == ["DejaVu Sans", "STIXGeneral"]
    assert not found.has_cjk


def test_script_names() -> None:
    assert script_of("中") == "Cjk"
    assert script_of("\ue000") == "Unnamed"
