"""How good a toxicity model is, and for whom: metrics, a functional suite, thresholds from data.

Nothing here knows which model is measured: scores come in as numbers. The
command ``toolkit audit`` joins this room with the backends.
"""

from toolkit.inference.audit.cases import (
    AuditData,
    Case,
    load_suite,
    read_data,
    suite_data,
    swap_data,
)
from toolkit.inference.audit.run import BackendAudit, Scored, Wish, audit_backend, to_json
from toolkit.inference.audit.thresholds import Recommendation, for_budget, for_precision

__all__ = [
    "AuditData",
    "BackendAudit",
    "Case",
    "Recommendation",
    "Scored",
    "Wish",
    "audit_backend",
    "for_budget",
    "for_precision",
    "load_suite",
    "read_data",
    "suite_data",
    "swap_data",
    "to_json",
]
