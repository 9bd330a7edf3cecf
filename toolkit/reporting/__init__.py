"""Frames -> figures -> a document that an editor sends on."""

from toolkit.reporting.compare import write_comparison_report
from toolkit.reporting.corpus import write_corpus_report
from toolkit.reporting.corpus_data import CorpusData
from toolkit.reporting.data import ReportData
from toolkit.reporting.output import write_article_report

__all__ = [
    "CorpusData",
    "ReportData",
    "write_article_report",
    "write_comparison_report",
    "write_corpus_report",
]
