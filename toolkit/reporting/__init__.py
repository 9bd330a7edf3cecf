"""Frames -> figures -> a document that an editor sends on."""

from toolkit.reporting.data import ReportData
from toolkit.reporting.output import write_article_report

__all__ = ["ReportData", "write_article_report"]
