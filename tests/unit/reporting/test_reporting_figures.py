from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from matplotlib.figure import Figure
from reporting_samples import report_data, single, thread

from toolkit.reporting import figures, style
from toolkit.reporting.data import ReportData, read_thread
from toolkit.reporting.frames import (
    MIN_MARKS,
    Drawing,
    drawings,
    glance_frame,
    readability_frame,
    rhetoric_frame,
    stance_frame,
    toxicity_frame,
)

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report_figures.json"


def drawn(data: ReportData) -> dict[str, Drawing]:
    return {drawing.name: drawing for drawing in drawings(data, read_thread(data))}


def test_the_data_of_the_figures_is_pinned() -> None:
    """GOLDEN_UPDATE=1 in the environment writes the file anew."""
    found = {
        name: {
            "caption": drawing.caption,
            "alt": drawing.alt,
            "rows": [
                {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
                for row in drawing.frame.to_dicts()
            ],
        }
        for name, drawing in drawn(report_data(thread(14))).items()
    }
    if os.environ.get("GOLDEN_UPDATE"):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(GOLDEN.read_text("utf-8"))


def test_a_discussion_has_all_figures() -> None:
    assert list(drawn(report_data(thread(14)))) == [
        "overview", "discussion", "stance", "markers", "readability", "toxicity",
    ]  # fmt: skip


@pytest.mark.parametrize("count", range(MIN_MARKS))
def test_few_comments_have_no_charts_of_themselves(count: int) -> None:
    assert set(drawn(report_data(thread(count)))) <= {"readability"}


def test_one_comment_beside_the_article_is_two_marks() -> None:
    text = "The council has ignored the people who live on the quay for ten years."
    found = drawn(report_data(single(text)))
    assert list(found) == ["readability"]
    assert found["readability"].frame["text"].to_list() == ["article", "comment"]
    assert "The dot is the comment" in found["readability"].caption
    alone = replace(report_data(single(text)), article_metrics=None)
    assert drawn(alone) == {}


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ([], []),
        (["stance"], ["stance"]),
        (["toxicity"], ["overview", "toxicity"]),
        (["rhetoric"], ["markers"]),
        (["readability"], ["readability"]),
        (["stance", "toxicity"], ["overview", "discussion", "stance", "toxicity"]),
    ],
)
def test_figures_follow_the_analyzers(only: list[str], names: list[str]) -> None:
    assert list(drawn(report_data(thread(30), only=only))) == names


def test_the_glance_holds_every_comment_and_keeps_nulls() -> None:
    data = report_data(thread(60))
    frame = glance_frame(read_thread(data))
    assert frame.height == 60
    assert frame["number"].to_list() == list(range(1, 61))
    silent = frame.filter(pl.col("toxicity").is_null())
    assert silent.height == data.comments["text"].null_count() > 0
    assert (
        f"{silent.height} of 60 comments without both numbers" in drawn(data)["discussion"].caption
    )


def test_counts_add_up() -> None:
    data = report_data(thread(200))
    rows = read_thread(data)
    stance = stance_frame(rows)
    assert stance["comments"].sum() == data.comments["stance__label"].count()
    assert (stance["close_calls"] <= stance["comments"]).all()
    toxicity = toxicity_frame(rows)
    assert toxicity.height == 6 * data.comments["toxicity__toxicity"].count()
    markers = rhetoric_frame(rows)
    assert (markers["comments"] <= markers["markers"]).all()
    assert markers["comments"].to_list() == sorted(markers["comments"], reverse=True)
    grades = readability_frame(data, rows)
    assert grades.height == 1 + data.comments["readability__flesch_kincaid_grade"].count()


def test_lix_stands_in_where_few_have_a_grade() -> None:
    data = report_data(thread(30))
    frame = data.comments.with_columns(readability__flesch_kincaid_grade=pl.lit(None, pl.Float64))
    data = replace(data, comments=frame, article_metrics={"lix": 44.0})
    assert readability_frame(data, read_thread(data))["metric"].unique().to_list() == ["lix"]
    assert "LIX" in drawn(data)["readability"].caption


@pytest.mark.parametrize("count", [5, 150])
def test_every_figure_draws_without_a_warning_and_the_same_each_time(count: int) -> None:
    for drawing in drawn(report_data(thread(count))).values():
        assert b"<svg" in drawing.svg()
        assert drawing.svg() == drawing.svg()


def test_extreme_values_stay_inside() -> None:
    data = report_data(thread(20))
    frame = data.comments.with_columns(
        readability__flesch_kincaid_grade=pl.Series([-9.0, 400.0] * 10),
        stance__alignment=pl.Series([-1.0, 1.0] * 10, dtype=pl.Float32),
        toxicity__toxicity=pl.Series([0.0, 1.0] * 10, dtype=pl.Float32),
        readability__words=pl.Series([0, 100_000] * 10),
    )
    found = drawn(replace(data, comments=frame))
    for drawing in found.values():
        drawing.svg()
    with style.styled(found["readability"].frame):
        figure = found["readability"].draw(found["readability"].frame)
    assert "beyond the ends" in figure.axes[0].get_xlabel()


def test_marks_differ_by_shape_and_not_by_colour_alone() -> None:
    looks = [(shape, filled) for _, shape, filled in figures.LOOK.values()]
    assert len(set(looks)) == len(looks)


def test_categories_may_be_named_in_any_script() -> None:
    frame = pl.DataFrame(
        {
            "category": ["تحقیر $x_", "誇張", "a very long name for a category of markers indeed"],
            "family": ["critical", "constructive", "neutral"],
            "comments": [3, 2, 1],
            "markers": [5, 2, 1],
        }
    )
    assert b"<svg" in style.render(figures.draw_rhetoric, frame, title="x")


def test_figures_fit_the_page() -> None:
    found = drawn(report_data(thread(200)))
    for drawing in found.values():
        with style.styled(drawing.frame):
            figure = drawing.draw(drawing.frame)
        assert isinstance(figure, Figure)
        width, height = figure.get_size_inches()
        assert width == pytest.approx(170 / 25.4)
        assert height < 7


def test_a_users_own_settings_change_nothing() -> None:
    import matplotlib as mpl

    drawing = drawn(report_data(thread(9)))["stance"]
    before = drawing.svg()
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30, "text.usetex": True}):
        assert drawing.svg() == before


def test_matplotlib_is_left_as_it_was() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    for drawing in drawn(report_data(thread(14))).values():
        drawing.svg()
    assert dict(mpl.rcParams) == before
