"""The npm clients, as published: their fixed host is this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contract_server import start

from toolkit.web.server import ServeOptions

NODE = Path(__file__).parent / "node"
HOST = "commentanalyzer.googleapis.com"


def ask(folder: Path, *, drop: bool) -> dict[str, Any]:
    """Run both clients against a server with a certificate for the host they know."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
            "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    address, end = start(
        ServeOptions(drop_unsupported=drop), ssl_keyfile=key, ssl_certfile=certificate
    )
    try:
        ran = subprocess.run(
            ["node", "--require", "./alias.js", "clients.js"],
            cwd=NODE,
            env={
                "PATH": os.environ["PATH"],
                "PORT": address.rpartition(":")[2],
                "NODE_EXTRA_CA_CERTS": str(certificate),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        end()
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
@pytest.mark.skipif(
    not (NODE / "node_modules").is_dir(), reason="run: npm ci --prefix tests/contract/node"
)
@pytest.mark.parametrize("drop", [False, True])
def test_both_clients(tmp_path: Path, drop: bool) -> None:
    found = ask(tmp_path, drop=drop)
    scores = found["plain"]["value"]["attributeScores"]
    toxicity = scores["TOXICITY"]["summaryScore"]["value"]
    assert toxicity > 0.5
    assert list(found["html"]["value"]["attributeScores"]) == ["TOXICITY", "INSULT"]
    full = found["full"]["value"]
    assert list(full["attributeScores"]) == ["TOXICITY@6"]
    assert full["clientToken"] == "mine"
    assert found["scores"]["value"] == {
        "TOXICITY": toxicity,
        "INSULT": found["html"]["value"]["attributeScores"]["INSULT"]["summaryScore"]["value"],
    }
    assert 0 <= found["context"]["value"]["STANCE_AGREE"] <= 1
    if drop:
        # SPAM is among the second client's own defaults.
        assert found["defaults"]["value"] == {"TOXICITY": toxicity}
        assert found["unknown"]["value"]["droppedAttributes"] == ["CHARM"]
        assert found["language"]["value"]["droppedAttributes"] == ["TOXICITY"]
    else:
        assert "400" in found["defaults"]["error"]
        assert found["unknown"] == {
            "error": "Unknown requested attribute: CHARM",
            "name": "ResponseError",
        }
        assert found["language"]["error"] == (
            "Attribute TOXICITY does not support request languages: om"
        )
