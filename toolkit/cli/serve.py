"""``toolkit serve``: the Perspective contract on your own machine."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Lexicon, Stance, Toxicity, load_settings


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8080,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")
    ] = 1,
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
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="TAG",
            help="Language of requests that state none: en. Without it, it is detected.",
        ),
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", metavar="FILE", help="Made by toolkit calibrate."),
    ] = None,
    suggestions: Annotated[
        Path | None,
        typer.Option(
            "--suggestions",
            metavar="FILE",
            help="Keep suggested scores with their texts in this file. Without it none are kept.",
        ),
    ] = None,
    receipt_key: Annotated[
        Path | None,
        typer.Option("--receipt-key", metavar="FILE", help="Sign receipts with this secret."),
    ] = None,
    coral_secrets: Annotated[
        Path | None,
        typer.Option(
            "--coral-secrets",
            metavar="FILE",
            help="Signing secrets of Coral's external moderation phase; opens /coral/moderate.",
        ),
    ] = None,
    coral_hold: Annotated[
        str,
        typer.Option(
            "--coral-hold",
            metavar="ACTION",
            help="Recommendation from which on a comment waits: review, reject or never.",
        ),
    ] = "review",
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="Your policy (TOML), for Coral's phase and the desk."
        ),
    ] = None,
    desk: Annotated[
        str | None,
        typer.Option(
            "--desk",
            metavar="PATH|URL",
            help="Database of the moderators' desk; opens /desk. See toolkit desk.",
        ),
    ] = None,
    log: Annotated[
        bool, typer.Option("--log/--no-log", help="A line of JSON on stderr for each answer.")
    ] = True,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    stance: Stance = None,
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
        from toolkit.web import server
    except ImportError as error:
        raise MissingExtraError(
            f"the server needs {error.name}",
            next_step="Install it: pip install 'comment-toolkit[serve]'.",
        ) from error
    options = server.ServeOptions(
        host=host,
        port=port,
        workers=workers,
        settings=load_settings(lexicon, toxicity, stance),
        api_keys=api_keys,
        drop_unsupported=drop_unsupported,
        language=language,
        calibration=calibration,
        suggestions=suggestions,
        receipt_key=receipt_key,
        coral_secrets=coral_secrets,
        coral_hold=coral_hold,
        policy=policy,
        desk=desk,
        log=log,
    )
    say(f"http://{host}:{port}/v1alpha1/comments:analyze")
    if desk is not None:
        say(f"http://{host}:{port}/desk/")
    server.serve(options)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
