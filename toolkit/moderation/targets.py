"""Where decisions are sent: the file that names the targets, and their secrets.

::

    [[target]]
    name = "site"
    kind = "wordpress"
    url = "https://news.example/wp-json"
    username = "desk"
    password_env = "DESK_SITE_PASSWORD"

    [[target]]
    name = "archive"
    kind = "webhook"
    url = "https://archive.example/hooks/decisions"
    secret_env = "DESK_ARCHIVE_SECRET"

Secrets stand in the environment (``…_env``) or in a file (``…_file``), never in
this one. Only the addresses written here are ever asked; nothing that a
comment or an answer holds can lead elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from toolkit.errors import SettingsError

#: What WordPress can do with a comment; ``approve`` reads back as ``approved``.
WordPressAct = Literal["approve", "hold", "spam", "trash"]

#: What becomes of a decision in WordPress, unless the target says otherwise.
DEFAULT_STATUSES: Final[Mapping[str, WordPressAct]] = {
    "APPROVED": "approve",
    "REJECTED": "trash",
    "NONE": "hold",
    "PREMOD": "hold",
    "SYSTEM_WITHHELD": "hold",
}

#: Reasons that WordPress has a place of its own for.
DEFAULT_REASONS: Final[Mapping[str, WordPressAct]] = {"spam": "spam"}

#: Prefix of a webhook secret as the Standard Webhooks specification writes it.
KEY_PREFIX: Final = "whsec_"
MIN_SECRET: Final = 24
MAX_SECRET: Final = 64

_NEXT: Final = "Mend the target; docs/desk-measures.md shows one of each kind."


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told of every decision. ``secrets``: the current one first."""

    name: str
    url: str
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPress:
    """A WordPress site: ``url`` is its REST root, ``password`` an application password.

    ``reasons`` maps a reason code to what becomes of a comment that was
    rejected for it, before ``statuses`` is looked at.
    """

    name: str
    url: str
    username: str
    password: str = field(repr=False)
    statuses: Mapping[str, WordPressAct] = field(default_factory=lambda: dict(DEFAULT_STATUSES))
    reasons: Mapping[str, WordPressAct] = field(default_factory=lambda: dict(DEFAULT_REASONS))

    def act(self, status: str, reasons: tuple[str, ...]) -> WordPressAct | None:
        """What to do with a comment; null where the target leaves such a decision alone."""
        if status == "REJECTED":
            for reason in reasons:
                if reason in self.reasons:
                    return self.reasons[reason]
        return self.statuses.get(status)


Target = Webhook | WordPress

_KEYS: Final = {
    "webhook": {"name", "kind", "url", "secret", "previous_secret", "allow_http"},
    "wordpress": {
        "name", "kind", "url", "username", "password", "statuses", "reasons", "allow_http",
    },
}  # fmt: skip
_SECRETS: Final = ("secret", "previous_secret", "password")


def read_targets(
    path: Path, environment: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """Read the file: the tables of its targets by name, in its order, each looked over.

    A table holds no secret, only where one stands; :func:`parse_target` makes
    a target of it. Paths in it are absolute.

    Raises SettingsError naming the target and what is wrong with it. The text
    of an error never holds a secret.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read as a list of targets: {error}", next_step="Mend the file."
        ) from error
    entries = table.get("target")
    if not isinstance(entries, list) or not entries or set(table) != {"target"}:
        raise SettingsError(f"{path} holds no list of targets", next_step=_NEXT)
    found: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"{path}, target {number}"
        if isinstance(entry, dict):
            entry = {
                key: str((path.parent / value).absolute())
                if key.endswith("_file") and isinstance(value, str) and value
                else value
                for key, value in entry.items()
            }
        name = parse_target(entry, where, environment).name
        if name in found:
            raise SettingsError(f"{where}: the name {name!r} is taken", next_step=_NEXT)
        found[name] = entry
    return found


def parse_target(entry: Any, where: str, environment: Mapping[str, str] | None = None) -> Target:
    """A target with its secrets, from a table. Raises SettingsError that begins with ``where``."""
    return _target(entry, where, os.environ if environment is None else environment)


def decode_secret(text: str) -> bytes:
    """``whsec_`` and base64 -> the key. Raises ValueError where it is none, or too short."""
    try:
        key = base64.b64decode(text.strip().removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is no base64 text") from error
    if not MIN_SECRET <= len(key) <= MAX_SECRET:
        raise ValueError(f"the secret holds {len(key)} bytes, not {MIN_SECRET} to {MAX_SECRET}")
    return key


def _target(entry: Any, where: str, environment: Mapping[str, str]) -> Target:
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} is no table", next_step=_NEXT)
    kind = entry.get("kind")
    if kind not in _KEYS:
        raise SettingsError(f"{where}: kind is {kind!r}, not webhook or wordpress", next_step=_NEXT)
    secrets = {f"{name}_{source}" for name in _SECRETS for source in ("env", "file")}
    allowed = (_KEYS[kind] - set(_SECRETS)) | {
        key for key in secrets if key.rpartition("_")[0] in _KEYS[kind]
    }
    written = set(entry) & set(_SECRETS)
    if written:
        raise SettingsError(
            f"{where}: {', '.join(sorted(written))} stands in the file itself",
            next_step="Put it into the environment or a file of its own, and give its name.",
        )
    unknown = set(entry) - allowed
    if unknown:
        raise SettingsError(f"{where}: unknown field {', '.join(sorted(unknown))}", next_step=_NEXT)
    if not isinstance(entry.get("allow_http", False), bool):
        raise SettingsError(f"{where}: allow_http is true or false", next_step=_NEXT)
    name = _text(entry, "name", where)
    url = _address(_text(entry, "url", where), where, allow_http=entry.get("allow_http", False))
    if kind == "webhook":
        keys = [
            _key(text, where)
            for field_name in ("secret", "previous_secret")
            if (text := _secret(entry, field_name, where, environment)) is not None
        ]
        if "secret_env" not in entry and "secret_file" not in entry:
            raise SettingsError(f"{where}: there is no secret_env or secret_file", next_step=_NEXT)
        return Webhook(name=name, url=url, secrets=tuple(keys))
    password = _secret(entry, "password", where, environment)
    if password is None:
        raise SettingsError(f"{where}: there is no password_env or password_file", next_step=_NEXT)
    username = _text(entry, "username", where)
    if ":" in username:
        raise SettingsError(f"{where}: a user's name holds no colon", next_step=_NEXT)
    return WordPress(
        name=name,
        url=url.rstrip("/"),
        username=username,
        password=password,
        statuses={**DEFAULT_STATUSES, **_acts(entry, "statuses", where, set(DEFAULT_STATUSES))},
        reasons={**DEFAULT_REASONS, **_acts(entry, "reasons", where, None)},
    )


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{where}: {key} is missing or no text", next_step=_NEXT)
    return value.strip()


def _address(url: str, where: str, *, allow_http: bool) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"{where}: {url!r} is no address", next_step=_NEXT) from error
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        raise SettingsError(f"{where}: {url!r} is no web address", next_step=_NEXT)
    if parts.username is not None or parts.query or parts.fragment:
        raise SettingsError(
            f"{where}: the address holds a user, a query or a fragment", next_step=_NEXT
        )
    if parts.scheme == "http" and not allow_http and not _loopback(host):
        raise SettingsError(
            f"{where}: what is sent to {host} could be read on its way",
            next_step="Use https, or write allow_http = true for a network of your own.",
        )
    return url


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(
    entry: Mapping[str, Any],
    key: str,
    where: str,
    environment: Mapping[str, str],
) -> str | None:
    if f"{key}_env" in entry and f"{key}_file" in entry:
        raise SettingsError(f"{where}: {key}_env or {key}_file, not both", next_step=_NEXT)
    if f"{key}_env" in entry:
        variable = _text(entry, f"{key}_env", where)
        value = environment.get(variable, "").strip()
        if not value:
            raise SettingsError(
                f"{where}: the variable {variable} is not set", next_step="Set it, and start again."
            )
        return value
    if f"{key}_file" in entry:
        file = Path(_text(entry, f"{key}_file", where))
        try:
            value = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{where}: {file} cannot be read", next_step=_NEXT) from error
        if not value:
            raise SettingsError(f"{where}: {file} is empty", next_step=_NEXT)
        return value
    return None


def _key(text: str, where: str) -> bytes:
    try:
        return decode_secret(text)
    except ValueError as error:
        raise SettingsError(
            f"{where}: {error}",
            next_step="Make one: python -c 'import base64, secrets; "
            'print("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())\'',
        ) from error


def _acts(
    entry: Mapping[str, Any], key: str, where: str, names: set[str] | None
) -> dict[str, WordPressAct]:
    table = entry.get(key, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: {key} is no table", next_step=_NEXT)
    for name, act in table.items():
        if names is not None and name not in names:
            raise SettingsError(f"{where}: there is no status {name!r}", next_step=_NEXT)
        if act not in get_args(WordPressAct):
            raise SettingsError(
                f"{where}: {act!r} is none of {', '.join(get_args(WordPressAct))}", next_step=_NEXT
            )
    return dict(table)
