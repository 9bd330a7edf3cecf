from __future__ import annotations

import codecs
import json
import os
import stat
from pathlib import Path

import pytest
from reporting_samples import report_data, single, thread

from toolkit.errors import OutputError
from toolkit.reporting import output, write_article_report
from toolkit.reporting.output import file_stem


def test_the_pdf_comes_first_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    paths = write_article_report(report_data(thread(3)), folder, name="harbour")
    assert paths[0] == folder / "harbour.pdf"
    assert sorted(folder.iterdir()) == sorted(paths)
    assert all(path.stat().st_size > 0 for path in paths)


def test_a_second_report_replaces_the_first(tmp_path: Path) -> None:
    one = frozenset({"json"})
    [path] = write_article_report(report_data(single("One.")), tmp_path, name="r", outputs=one)
    first = path.read_text("utf-8")
    write_article_report(report_data(thread(9)), tmp_path, name="r", outputs=one)
    assert path.read_text("utf-8") != first


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    data = report_data(thread(8), only=["toxicity", "readability"])
    every = frozenset({"png", "svg", "json"})
    first = write_article_report(data, tmp_path / "1", name="r", outputs=every)
    second = write_article_report(data, tmp_path / "2", name="r", outputs=every)
    assert [path.name for path in first] == [path.name for path in second]
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes(), a.name


def test_json_holds_findings_and_the_data_of_the_figures(tmp_path: Path) -> None:
    [path] = write_article_report(
        report_data(thread(14)), tmp_path, name="r", outputs=frozenset({"json"})
    )
    said = json.loads(path.read_text("utf-8"))
    assert said["findings"][0]["rule"] == "count"
    assert len(said["figures"]["discussion"]["rows"]) == 14
    assert [comment["number"] for comment in said["comments"]] == list(range(1, 15))
    assert said["schema_version"] == 1
    assert [one["label"] for one in said["stance"]["shares"]][:2] == ["agree", "disagree"]
    assert 0 <= said["stance"]["polarisation"] <= 1
    assert said["manifest"]["comment-toolkit"] == "0.1.0"


def test_json_is_masked_like_the_pages(tmp_path: Path) -> None:
    text = f"Perhaps. You {codecs.decode('shpxvat', 'rot13')} people are liars and clowns alike."
    data = report_data(single(text))
    one = frozenset({"json"})
    [path] = write_article_report(data, tmp_path, name="r", outputs=one)
    assert "f••••••" in path.read_text("utf-8")
    write_article_report(data, tmp_path, name="r", outputs=one, mask_slurs=False)
    assert "f••••••" not in path.read_text("utf-8")


@pytest.mark.parametrize("outputs", [frozenset(), frozenset({"docx"}), frozenset({"pdf", "gif"})])
def test_unknown_outputs_are_refused(outputs: frozenset[str], tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_article_report(report_data([]), tmp_path / "x", name="r", outputs=outputs)
    assert "pdf" in caught.value.next_step
    assert not (tmp_path / "x").exists()


def test_a_file_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_text("mine")
    with pytest.raises(OutputError) as caught:
        write_article_report(report_data([]), target, name="r", outputs=frozenset({"json"}))
    assert str(target) in str(caught.value)
    assert caught.value.next_step
    assert target.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written_is_an_output_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(OutputError):
        write_article_report(report_data([]), tmp_path, name="r", outputs=frozenset({"json"}))


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace
    calls = 0

    def full(source: object, target: object) -> None:
        nonlocal calls
        calls += 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        write_article_report(
            report_data([]), tmp_path / "new", name="r", outputs=frozenset({"json"})
        )
    assert calls == 1
    assert not (tmp_path / "new").exists()
    old = tmp_path / "old"
    old.mkdir()
    (old / "kept.txt").write_text("kept")
    with pytest.raises(OutputError):
        write_article_report(report_data([]), old, name="r", outputs=frozenset({"json"}))
    assert [path.name for path in old.iterdir()] == ["kept.txt"]
    assert real is not full


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("harbour", "harbour"),
        ("../../etc/passwd", "etc-passwd"),
        ("a b\tc", "a-b-c"),
        (".hidden", "hidden"),
        ("", "report"),
        ("...", "report"),
        ("بندر", "بندر"),
        ("x" * 300, "x" * 80),
    ],
)
def test_file_stem(name: str, stem: str) -> None:
    assert file_stem(name) == stem
