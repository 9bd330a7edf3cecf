from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from toolkit.errors import OutputError
from toolkit.inference.audit import (
    AuditData,
    BackendAudit,
    Scored,
    Wish,
    audit_backend,
    suite_data,
    swap_data,
)
from toolkit.reporting import audit


def audited(
    names: tuple[str, ...], wish: Wish | None = None
) -> tuple[AuditData, list[BackendAudit]]:
    data, swaps = suite_data(), swap_data()

    def scored(rows: AuditData, name: str) -> Scored:
        noise = np.random.default_rng(len(name)).random(rows.truth.size)
        scores = np.clip(rows.truth * 0.4 + noise * 0.6, 0, 1)
        return Scored(
            backend=name, version="v", threshold=0.5, toxicity=scores,
            reasons=(None,) * rows.truth.size,
        )  # fmt: skip

    return data, [
        audit_backend(data, scored(data, name), swaps=(swaps, scored(swaps, name)), wish=wish)
        for name in names
    ]


def test_the_pdf_says_what_the_audit_says(tmp_path: Path) -> None:
    data, audits = audited(("linear", "#[evil] \U0001f600", "third"), Wish(review_budget=0.2))
    audit.write_audit_report(data, audits, tmp_path / "a.pdf")
    reader = PdfReader(BytesIO((tmp_path / "a.pdf").read_bytes()))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "#[evil]" in text
    assert f"{audits[0].auc:.3f}" in text
    assert "insult commenter" in text
    assert "review budget" in text
    assert "/StructTreeRoot" in reader.trailer["/Root"]


def test_tables_hold_two_backends_at_most() -> None:
    body = audit.build(*audited(("a", "bb", "ccc")))
    swaps = [part for part in body["groups"] if part["title"] == "Identity swaps"]
    assert len(swaps) == 2
    for part in swaps:
        assert all(len(row) == len(part["header"]) for row in part["rows"])
    assert body["thresholds"] is None


def test_the_figure_shows_bins_with_enough_rows() -> None:
    _, audits = audited(("a",))
    frame = audit.reliability(audits)
    assert frame["rows"].min() >= audit.MIN_BIN
    assert ((frame["low"] <= frame["share"]) & (frame["share"] <= frame["high"])).all()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        audit.write_audit_report(*audited(("a",)), tmp_path / "file" / "a.pdf")
