"""Long runs over dumps: streaming, in many processes, resumable, verifiable."""

from toolkit.runner.local import Job, Progress, run
from toolkit.runner.manifest import Manifest, Provenance, Shard, provenance, results
from toolkit.runner.verify import Verdict, verify

__all__ = [
    "Job",
    "Manifest",
    "Progress",
    "Provenance",
    "Shard",
    "Verdict",
    "provenance",
    "results",
    "run",
    "verify",
]
