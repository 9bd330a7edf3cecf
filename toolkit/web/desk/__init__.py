"""The moderators' pages, mounted at ``/desk``. See ``docs/desk.md``."""

from __future__ import annotations

from toolkit.web.desk.app import create_desk, mount

__all__ = ["create_desk", "mount"]
