"""The OpenAPI document, and a server that is asked for what it allows and for what it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx


def test_the_document_knows_the_contract(server: str) -> None:
    document = httpx.get(f"{server}/openapi.json").json()
    analyze = document["paths"]["/v1alpha1/comments:analyze"]["post"]
    fields = analyze["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert {"comment", "requestedAttributes", "spanAnnotations", "doNotStore"} <= set(fields)
    assert "$ref" not in json.dumps(analyze)
    discovery = httpx.get(f"{server}/$discovery/rest?version=v1alpha1").json()
    told = discovery["schemas"]["AnalyzeCommentRequest"]["properties"]
    assert set(told) == set(fields)
    assert discovery["rootUrl"] == f"{server}/"
    elsewhere = httpx.get(f"{server}/$discovery/rest", headers={"Host": "toxicity.example.org"})
    assert elsewhere.json()["rootUrl"] == "http://toxicity.example.org/"
    assert httpx.get(f"{server}/$discovery/rest?version=v2").status_code == 404


def test_schemathesis_finds_no_server_error(server: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis", "--no-color", "run",
            f"{server}/openapi.json", "--exclude-path-regex", "metrics|healthz|readyz",
            "--checks", "not_a_server_error,response_schema_conformance",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--max-time", "30",
            "--generation-deterministic", "--no-shrink", "--request-timeout", "60",
        ],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "generated" in ran.stdout
