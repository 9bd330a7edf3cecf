"""Real servers on loopback, for real clients."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_server import CORAL_SECRET, SITE_KEY, SLOW_KEY, start

from toolkit.web.server import ServeOptions


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server as it comes, without a slash at its end."""
    address, end = start(ServeOptions())
    yield address
    end()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site's keys, secrets and suggestions."""
    folder = tmp_path_factory.mktemp("site")
    lines = [
        f"{name} {hashlib.sha256(key.encode()).hexdigest()} {rate}"
        for name, key, rate in (("site", SITE_KEY, 0), ("slow", SLOW_KEY, 2))
    ]
    (folder / "keys").write_text("\n".join(lines))
    (folder / "coral").write_text(f"# old\nssec_old\n{CORAL_SECRET}\n")
    (folder / "receipts").write_text("0123456789abcdef0123456789abcdef")
    return folder


@pytest.fixture(scope="session")
def site_server(site: Path) -> Iterator[str]:
    """A server with keys, signed receipts, suggestions kept, and Coral's phase."""
    address, end = start(
        ServeOptions(
            api_keys=site / "keys",
            drop_unsupported=True,
            suggestions=site / "suggestions.jsonl",
            receipt_key=site / "receipts",
            coral_secrets=site / "coral",
        )
    )
    yield address
    end()
