"""What a card shows of a comment: read from the database in a handful of quick queries."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from toolkit.moderation.policy import Policy
from toolkit.moderation.tables import (
    Account,
    Article,
    Attribute,
    Comment,
    Decision,
    Item,
    Model,
    Quantiles,
    Score,
    SpanLabel,
)
from toolkit.web.desk.show import Piece, drawn, pieces, words

#: Comments of a thread that are shown in place; the whole is a page of its own.
MAX_THREAD: Final = 60
_MAX_DEPTH: Final = 40
_HISTORY: Final = 5
#: In the note of a stance span; the sentence is quoted in it.
_ANSWERS: Final = re.compile(r"answers the article's sentence “(.+)” \(", re.DOTALL)
_DIRECTION: Final = {
    "stance__alignment": ("disagrees", "agrees"),
    "readability__flesch_kincaid_grade": ("easier", "harder"),
}
_ORDER: Final = (
    "toxicity__toxicity",
    "toxicity__severe_toxicity",
    "toxicity__threat",
    "toxicity__identity_attack",
    "toxicity__insult",
    "toxicity__obscene",
    "toxicity__sexual_explicit",
    "stance__alignment",
    "stance__agree",
    "stance__disagree",
    "readability__flesch_kincaid_grade",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """A number as it is shown. ``percentile`` is among the site's own comments, in [0, 100]."""

    name: str
    value: float
    percentile: int | None
    version: str
    low: str
    high: str
    #: Where the value stands between its bounds, in [0, 1]; None without bounds.
    place: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """A comment of the thread, in place. ``level`` is its depth under what is shown."""

    comment: Comment
    pieces: tuple[Piece, ...]
    level: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A sentence of the comment and the article's that it answers (None where none is near).

    ``label`` is ``agree``, ``disagree`` or ``discuss``.
    """

    label: str
    sentence: str
    article: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that the page of an item is made from."""

    item: Item
    comment: Comment
    article: Article
    pieces: tuple[Piece, ...]
    spans: tuple[dict[str, Any], ...]
    #: What the comment answers in the article: its label there, its sentence, the article's.
    answers: tuple[Answer, ...]
    scores: tuple[ScoreLine, ...]
    markers: tuple[tuple[str, int], ...]
    why: str
    parent: Comment | None
    parent_pieces: tuple[Piece, ...]
    thread: tuple[ThreadLine, ...]
    thread_more: int
    author: dict[str, int]
    author_recent: tuple[Comment, ...]
    decisions: tuple[tuple[Decision, str], ...]
    blurred: bool


def build(session: Session, item: Item, me: Account, policy: Policy) -> Card:
    """The card of an item for ``me``. A blind second look sees no decision on the comment."""
    comment = session.get_one(Comment, item.comment)
    blind = item.kind == "second" or item.kind == "first"
    blur = bool(me.settings.get("blur", True))
    text = comment.text or ""
    spans = drawn(comment.evidence, len(text))
    labels = _labels(session, comment.id, me)
    for span in spans:
        span["mine"] = labels.get(_key(span))
    scores, markers = _scores(session, comment.id)
    above = _above(session, comment)
    parent = above[0] if above else None
    thread, more = _thread(session, comment, above, blur=blur)
    return Card(
        item=item,
        comment=comment,
        article=session.get_one(Article, comment.article_id),
        pieces=tuple(pieces(text, spans, blur=blur)),
        spans=tuple(spans),
        answers=tuple(_answers(comment)),
        scores=tuple(scores),
        markers=tuple(markers),
        why=_why(item, policy, {line.name: line.value for line in scores}),
        parent=parent,
        parent_pieces=tuple(text_of(parent, blur=blur)) if parent else (),
        thread=tuple(thread),
        thread_more=more,
        author=_author_counts(session, comment),
        author_recent=tuple(_author_recent(session, comment)),
        decisions=() if blind else tuple(history(session, comment.id)),
        blurred=blur and any(span["kind"] == "toxic" for span in spans),
    )


def text_of(comment: Comment, *, blur: bool) -> list[Piece]:
    """A comment's text beside the card: only what is toxic in it is marked."""
    text = comment.text or ""
    toxic = [span for span in drawn(comment.evidence, len(text)) if span["kind"] == "toxic"]
    return pieces(text, toxic, blur=blur)


def history(session: Session, comment: int) -> list[tuple[Decision, str]]:
    """The decisions on a comment with the names of who made them, newest first."""
    rows = session.execute(
        select(Decision, Account.name)
        .join(Account, Account.id == Decision.account)
        .where(Decision.comment == comment)
        .order_by(Decision.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def whole_thread(
    session: Session, article_id: str, *, blur: bool, size: int, offset: int
) -> list[ThreadLine]:
    """All comments of an article in the order of their source, a page of them."""
    rows = session.execute(
        select(Comment)
        .where(Comment.article_id == article_id)
        .order_by(Comment.position, Comment.id)
        .limit(size)
        .offset(offset)
    ).scalars()
    return [
        ThreadLine(
            comment=row,
            pieces=tuple(text_of(row, blur=blur)),
            level=min(row.depth, 8),
            here=False,
        )
        for row in rows
    ]


def _key(span: Any) -> tuple[str, str, int, int]:
    return span["analyzer"], span["label"], span["start"], span["end"]


def _labels(session: Session, comment: int, me: Account) -> dict[tuple[str, str, int, int], bool]:
    rows = session.execute(
        select(SpanLabel).where(
            SpanLabel.comment == comment, SpanLabel.account == me.id, SpanLabel.undone.is_(None)
        )
    ).scalars()
    return {(row.analyzer, row.label, row.start, row.end): row.confirmed for row in rows}


def _scores(session: Session, comment: int) -> tuple[list[ScoreLine], list[tuple[str, int]]]:
    rows = session.execute(
        select(Attribute.name, Score.value, Model.version, Model.id, Quantiles.points)
        .join(Attribute, Attribute.id == Score.attribute)
        .join(Model, Model.id == Score.model)
        .outerjoin(
            Quantiles,
            (Quantiles.attribute == Score.attribute) & (Quantiles.model == Score.model),
        )
        .where(Score.comment == comment)
    ).all()
    newest: dict[str, Any] = {}
    for row in rows:
        if row.name not in newest or row.id > newest[row.name].id:
            newest[row.name] = row
    lines = [_line(row) for name, row in newest.items() if not name.startswith("rhetoric__")]
    lines.sort(key=lambda line: (_ORDER.index(line.name) if line.name in _ORDER else 99, line.name))
    markers = [
        (name.partition("__")[2], int(row.value))
        for name, row in newest.items()
        if name.startswith("rhetoric__") and name not in ("rhetoric__words", "rhetoric__total")
    ]
    return lines, sorted(markers, key=lambda pair: (-pair[1], pair[0]))


def _line(row: Any) -> ScoreLine:
    low, high = _DIRECTION.get(row.name, ("less", "more"))
    place: float | None = row.value
    if row.name == "stance__alignment":
        place = (row.value + 1) / 2
    elif row.name.startswith("readability"):
        place = None
    percentile = None
    if row.points is not None:
        percentile = bisect_right(row.points, row.value, hi=len(row.points) - 1)
    return ScoreLine(
        name=row.name,
        value=row.value,
        percentile=percentile,
        version=row.version,
        low=low,
        high=high,
        place=None if place is None else min(1.0, max(0.0, place)),
    )


def _why(item: Item, policy: Policy, scores: dict[str, float]) -> str:
    """Why the comment is here, in words: the rule that fits and the number it stands on."""
    if item.kind == "escalated":
        return "It was passed on to a lead, or two moderators disagreed about it."
    if item.kind == "appeal":
        return "Its author appealed against the decision."
    if item.selection == "random":
        return "It was drawn at random, whatever its scores are: figures without bias stand on it."
    rule = next((rule for rule in policy.rules if rule.name == item.rule), None)
    if rule is None:
        return "No rule recommends a review; it waits in its turn."
    if rule.when_null:
        return f"It could not be measured ({words(rule.column)})."
    value = scores.get(rule.column)
    shown = "" if value is None else f", here {value:.2f}"
    return f"The rule “{words(rule.name)}”: {words(rule.column)} from {rule.lower:.2f}{shown}."


def _answers(comment: Comment) -> list[Answer]:
    """The strongest sentence of each side; nothing where neither answers and only one is taken."""
    strongest: dict[str, Any] = {}
    for span in comment.evidence or ():
        if span["analyzer"] == "stance":
            known = strongest.get(span["label"])
            if known is None or (span.get("score") or 0.0) > (known.get("score") or 0.0):
                strongest[span["label"]] = span
    found = []
    for label, span in strongest.items():
        answered = _ANSWERS.search(span.get("note") or "")
        found.append(
            Answer(
                label=label,
                sentence=span["quote"],
                article=answered[1] if answered else None,
            )
        )
    return found if len(found) > 1 or any(one.article for one in found) else []


def _above(session: Session, comment: Comment) -> list[Comment]:
    """What the comment answers, what that answers, and so on up to the top."""
    if comment.parent_id is None:
        return []
    columns = (Comment.id, Comment.parent_id)
    article = Comment.article_id == comment.article_id
    first = select(*columns, literal(0).label("step")).where(
        article, Comment.comment_id == comment.parent_id
    )
    way = first.cte("way", recursive=True)
    way = way.union_all(
        select(*columns, way.c.step + 1)
        .join(way, Comment.comment_id == way.c.parent_id)
        .where(article, way.c.step < _MAX_DEPTH - 1)
    )
    query = select(Comment).join(way, Comment.id == way.c.id).order_by(way.c.step)
    found: dict[int, Comment] = {}
    for row in session.execute(query).scalars():
        # A circle comes round to the comment itself, or to one that was there.
        if row.id == comment.id or row.id in found:
            break
        found[row.id] = row
    return list(found.values())


def _thread(
    session: Session, comment: Comment, above: list[Comment], *, blur: bool
) -> tuple[list[ThreadLine], int]:
    """What the comment answers, ``above`` up to the top, and all that answers it, in place."""
    top = above[-1] if above else comment
    children: dict[str, list[Comment]] = {}
    level, budget, more = [top.comment_id], MAX_THREAD, 0
    while level and budget > 0:
        rows = _children(session, comment.article_id, level, budget + 1)
        if len(rows) > budget:
            more = 1
            rows = rows[:budget]
        budget -= len(rows)
        level = []
        for row in rows:
            children.setdefault(str(row.parent_id), []).append(row)
            level.append(row.comment_id)
    lines: list[ThreadLine] = []
    placed: set[int] = set()
    path = {row.id for row in above}

    def place(row: Comment, depth: int) -> None:
        if row.id in placed or depth > _MAX_DEPTH:
            return
        placed.add(row.id)
        lines.append(
            ThreadLine(
                comment=row,
                pieces=tuple(text_of(row, blur=blur)),
                level=min(depth, 8),
                here=row.id == comment.id,
            )
        )
        below = children.get(row.comment_id, [])
        # The way to the comment is shown, whatever else had to be left out.
        for missing in (*reversed(above), comment):
            if (
                missing.parent_id == row.comment_id
                and missing.id not in {child.id for child in below}
                and (missing.id in path or missing.id == comment.id)
            ):
                below = [*below, missing]
        for child in below:
            place(child, depth + 1)

    place(top, 0)
    return lines, more


def _children(
    session: Session, article_id: str, parents: Sequence[str], limit: int
) -> list[Comment]:
    query = (
        select(Comment)
        .where(Comment.article_id == article_id, Comment.parent_id.in_(parents))
        .order_by(Comment.parent_id, Comment.position, Comment.id)
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def _author_counts(session: Session, comment: Comment) -> dict[str, int]:
    if comment.author_key is None:
        return {}
    rows = session.execute(
        select(Comment.status, func.count())
        .where(Comment.author_key == comment.author_key, Comment.id != comment.id)
        .group_by(Comment.status)
    )
    return {row[0]: row[1] for row in rows}


def _author_recent(session: Session, comment: Comment) -> list[Comment]:
    if comment.author_key is None:
        return []
    query = (
        select(Comment)
        .where(Comment.author_key == comment.author_key, Comment.id != comment.id)
        .order_by(Comment.created_at.desc())
        .limit(_HISTORY)
    )
    return list(session.execute(query).scalars())
