"""``toolkit desk import`` and ``toolkit desk user``: fill the desk, and let people in."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.desk_records import DEFAULT_DATABASE, Database
from toolkit.cli.options import Lexicon, Map, Stance, Thesis, Toxicity, load_settings, pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from toolkit.moderation.store import Store

_TABLES = {".parquet", ".csv", ".jsonl", ".ndjson"}


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS|DUMP|PAGE",
            help="What `toolkit batch` or `analyze` wrote, a comment dump, or a saved page.",
        ),
    ],
    database: Database = DEFAULT_DATABASE,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Your policy (TOML) for recommendations."),
    ] = None,
    input_format: Annotated[
        str, typer.Option("--input-format", help="Format of a dump (toolkit formats), or page.")
    ] = "auto",
    mapping: Map = None,
    thesis: Thesis = None,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    stance: Stance = None,
) -> None:
    """Put comments before the moderators, measured where they are not yet.

    A comment that is there already is not put there twice.

    Example: toolkit desk import seeds/wordpress-print.txt --database desk.db
    """
    from toolkit.moderation.policy import Policy

    rules = Policy.default() if policy is None else Policy.from_toml(policy)
    store = _open(database)
    from toolkit.moderation.intake import import_comments, refresh_quantiles

    found = _results(source)
    if found is not None:
        frame, versions = found
        articles = None
    else:
        frame, articles, versions = _analyzed(
            source, input_format, pairs(mapping), thesis, lexicon, toxicity, stance
        )
    counts = import_comments(
        store,
        frame,
        versions=versions,
        source=source.name,
        articles=articles,
        policy=rules,
    )
    refresh_quantiles(store)
    store.close()
    say(
        f"{counts.rows} rows: {counts.new} new, {counts.known} known, {counts.edited} edited, "
        f"{counts.repeated} repeated; {counts.queued} wait; {counts.scores} scores"
    )


def user_add(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Login name.")],
    role: Annotated[
        str, typer.Option("--role", help="moderator, lead, admin or auditor.")
    ] = "moderator",
    name: Annotated[str | None, typer.Option("--name", help="As colleagues see it.")] = None,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Make an account; the password is asked for, or read as a line from stdin.

    Example: toolkit desk user add ana --role lead
    """
    from toolkit.errors import SettingsError

    store = _open(database)
    from toolkit.moderation import accounts

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise SettingsError("the two passwords differ", next_step="Run it again.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with store.write() as session:
        accounts.add_account(
            session, store.clock(), login=login, password=password, role=role, name=name
        )
    store.close()
    say(f"{login} can sign in as {role}")


def user_invite(
    role: Annotated[
        str, typer.Option("--role", help="moderator, lead, admin or auditor.")
    ] = "moderator",
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the desk is reached.")
    ] = "http://127.0.0.1:8080",
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Print a link with which somebody makes an account, once, within a week.

    Example: toolkit desk user invite --role moderator
    """
    store = _open(database)
    from toolkit.moderation import accounts

    with store.write() as session:
        token = accounts.invite(session, store.clock(), role=role, by=None)
    store.close()
    typer.echo(f"{address.rstrip('/')}/desk/invitation/{token}")


def _open(database: str) -> Store:
    from toolkit.moderation.store import open_store

    return open_store(database)


def _results(source: Path) -> tuple[pl.DataFrame, Mapping[str, str]] | None:
    """Rows that are measured already, with the analyzers' versions; None for another source."""
    import polars as pl

    from toolkit.schema import SEPARATOR

    if source.is_dir():
        from toolkit.runner.manifest import provenance, results

        return results(source).collect(), provenance(source).analyzers
    if source.suffix.lower() not in _TABLES or not source.is_file():
        return None
    from toolkit.errors import InputError

    try:
        if source.suffix.lower() == ".parquet":
            frame = pl.scan_parquet(source)
        elif source.suffix.lower() == ".csv":
            frame = pl.scan_csv(source, infer_schema_length=None)
        else:
            frame = pl.scan_ndjson(source, infer_schema_length=None)
        names = frame.collect_schema().names()
    except pl.exceptions.PolarsError:
        return None  # a dump that only ends like a table
    if not any(SEPARATOR in name for name in names):
        return None
    try:
        return frame.collect(), {}
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"{source} is damaged: {error}", next_step="Write it again with toolkit analyze."
        ) from error


def _analyzed(
    source: Path,
    input_format: str,
    mapping: dict[str, str] | None,
    thesis: str | None,
    lexicon: list[Path] | None,
    toxicity: str | None,
    stance: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame, Mapping[str, str]]:
    import polars as pl

    import toolkit
    from toolkit.cli.dumps import say_end
    from toolkit.cli.pages import open_source
    from toolkit.pipeline import Pipeline

    settings = load_settings(lexicon, toxicity, stance)
    opened = open_source(source, input_format, mapping)
    frame = toolkit.analyze(opened, thesis=thesis, settings=settings, evidence=True).collect()
    if isinstance(opened, toolkit.Page):
        article = opened.article
        articles = pl.DataFrame(
            {
                "article_id": [article.article_id],
                "url": [article.url],
                "title": [article.title],
                "text": [article.text or None],
            },
            schema=dict.fromkeys(("article_id", "url", "title", "text"), pl.String),
        )
    else:
        articles = opened.articles.collect()
        say_end(opened, opened.notes)
    return frame, articles, Pipeline.of(None, settings).versions
