"""``toolkit serve``: the Perspective contract on your own machine."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Lexicon, Toxicity, load_settings


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8080,
    api_keys: Annotated[
        Path | None,
        typer.Option(
            "--api-keys",
            metavar="FILE",
            help="Lines of NAME SHA256 [REQUESTS_A_MINUTE]. Without it any key is taken, "
            "and only this machine can ask.",
        ),
    ] = None,
    drop_unsupported: Annotated[
        bool,
        typer.Option(
            "--drop-unsupported", help="Leave out attributes that are not served, always."
        ),
    ] = False,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
) -> None:
    """Answer the Perspective API's contract (v1alpha1) from the local analyzers.

    Example: toolkit serve --port 8080
    """
    from toolkit.errors import MissingExtraError, SettingsError

    if api_keys is None and not _is_loopback(host):
        raise SettingsError(
            f"without API keys the server would answer anybody who reaches {host}",
            next_step="Give --api-keys FILE, or listen on 127.0.0.1.",
        )
    try:
        import uvicorn

        from toolkit.web.app import create_app
        from toolkit.web.keys import KeyRing
    except ImportError as error:
        raise MissingExtraError(
            f"the server needs {error.name}",
            next_step="Install it: pip install 'comment-toolkit[serve]'.",
        ) from error
    app = create_app(
        load_settings(lexicon, toxicity),
        keys=None if api_keys is None else KeyRing.read(api_keys),
        drop_unsupported=drop_unsupported,
    )
    say(f"http://{host}:{port}/v1alpha1/comments:analyze")
    # Access logs would hold API keys, which clients send in the address.
    uvicorn.run(app, host=host, port=port, access_log=False, timeout_graceful_shutdown=30)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
