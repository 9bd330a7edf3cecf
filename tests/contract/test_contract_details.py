"""The contract, point by point: what the first suite does not hold."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from contract_server import CORAL_SECRET, SITE_KEY, SLOW_KEY, start

from toolkit.moderation.calibration import Calibration, ScoreMap
from toolkit.pipeline import Pipeline
from toolkit.web.perspective.attributes import ATTRIBUTES
from toolkit.web.server import ServeOptions

RUDE = "You are an idiot and a liar."
CALM = "Thank you for this careful report on the harbour."
ARTICLE = "The ferry should be kept. It has served the islands well for a hundred years."


def post(server: str, body: Any, method: str = "analyze", key: str = "any") -> httpx.Response:
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return httpx.post(
        f"{server}/v1alpha1/comments:{method}", params={"key": key}, content=content, timeout=60
    )


def ask(server: str, text: str, *names: str, key: str = "any", **fields: Any) -> dict[str, Any]:
    body = {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in names or ("TOXICITY",)},
        **fields,
    }
    response = post(server, body, key=key)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def error(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["error"]
    assert found["code"] == response.status_code
    return found


def value(answer: dict[str, Any], name: str = "TOXICITY") -> float:
    score: float = answer["attributeScores"][name]["summaryScore"]["value"]
    return score


def test_keys_are_echoed_as_they_were_asked(server: str) -> None:
    names = ["TOXICITY_FAST", "INSULT@2", "REASONING_EXPERIMENTAL", "REASONING", "PROFANITY@latest"]
    assert list(ask(server, RUDE, *names)["attributeScores"]) == names


def test_googles_other_spelling_and_nulls_are_read(server: str) -> None:
    answer = post(
        server,
        {
            "comment": {"text": RUDE, "type": None},
            "requested_attributes": {"TOXICITY": {"score_threshold": {"value": 0.1}}},
            "client_token": "mine",
            "languages": None,
            "context": None,
            "span_annotations": None,
        },
    ).json()
    assert value(answer) > 0.5
    assert answer["clientToken"] == "mine"


def test_the_span_of_a_whole_text_counts_utf16_code_units(server: str) -> None:
    text = "😀 " + RUDE
    (span,) = ask(server, text)["attributeScores"]["TOXICITY"]["spanScores"]
    assert (span["begin"], span["end"]) == (0, len(text.encode("utf-16-le")) // 2)


@pytest.mark.parametrize("threshold", [0.2, {"value": 0.2}])
def test_one_score_under_its_threshold_leaves_the_others(server: str, threshold: object) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {
            "TOXICITY": {"scoreThreshold": threshold},
            "THREAT": {"scoreThreshold": {"value": 0.99}},
        },
    }
    assert list(post(server, body).json()["attributeScores"]) == ["TOXICITY"]


@pytest.mark.parametrize("threshold", [None, {}, {"value": None}])
def test_a_threshold_without_a_number_is_none(server: str, threshold: object) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {"TOXICITY": {"scoreThreshold": threshold}},
    }
    assert list(post(server, body).json()["attributeScores"]) == ["TOXICITY"]


UNSERVED = [
    "FLIRTATION",
    "ATTACK_ON_AUTHOR",
    "ATTACK_ON_COMMENTER",
    "INCOHERENT",
    "INFLAMMATORY",
    "LIKELY_TO_REJECT",
    "SPAM",
    "UNSUBSTANTIAL",
    "AFFINITY_EXPERIMENTAL",
    "COMPASSION_EXPERIMENTAL",
    "CONSTRUCTIVE_EXPERIMENTAL",
    "ALIENATION_EXPERIMENTAL",
    "MORAL_OUTRAGE_EXPERIMENTAL",
    "POWER_APPEAL_EXPERIMENTAL",
    "SCAPEGOATING_EXPERIMENTAL",
    "SEXUALLY_EXPLICIT",
    "toxicity",
    "TOXICITY@",
    "@TOXICITY",
]


@pytest.mark.parametrize("name", UNSERVED)
def test_what_is_not_measured_is_refused_in_the_contracts_words(server: str, name: str) -> None:
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"TOXICITY": {}, name: {}}}
    found = error(post(server, body))
    assert found["message"] == f"Unknown requested attribute: {name}"
    assert found["details"][0]["errorType"] == "INVALID_REQUEST"
    dropped = ask(server, RUDE, name, "TOXICITY", dropUnsupportedAttributes=True)
    assert dropped["droppedAttributes"] == [name]
    assert list(dropped["attributeScores"]) == ["TOXICITY"]


@pytest.mark.parametrize("kind", ["STD_DEV_SCORE", "PERCENTILE", "RAW"])
def test_probability_is_the_only_score_type(server: str, kind: str) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {"TOXICITY": {"scoreType": kind}},
        "dropUnsupportedAttributes": False,
    }
    assert kind in error(post(server, body))["message"]


def test_attributes_without_end_are_refused(server: str) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {f"TOXICITY@{n}": {} for n in range(101)},
    }
    assert "More than 100" in error(post(server, body))["message"]


def test_languages(server: str) -> None:
    german = "Der Bürgermeister hat den Plan für den Hafen gestern abend vorgestellt."
    found = error(
        post(server, {"comment": {"text": german}, "requestedAttributes": {"TOXICITY": {}}})
    )
    assert found["message"] == "Attribute TOXICITY does not support detected languages: de"
    (details,) = found["details"]
    assert details["languageNotSupportedByAttributeError"] == {
        "detectedLanguages": ["de"],
        "attribute": "TOXICITY",
    }
    dropped = ask(server, german, "TOXICITY", dropUnsupportedAttributes=True)
    assert dropped["droppedAttributes"] == ["TOXICITY"]
    assert dropped["detectedLanguages"] == ["de"]
    assert "attributeScores" not in dropped
    # What the client states counts, and is mirrored; what is detected is told beside it.
    stated = ask(server, german, languages=["EN"])
    assert (stated["languages"], stated["detectedLanguages"]) == (["EN"], ["de"])
    # Of several languages the one that is detected counts.
    assert ask(server, CALM, languages=["es", "en"])["languages"] == ["es", "en"]
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {"INSULT": {}},
        "languages": ["hi-Latn"],
    }
    assert error(post(server, body))["message"].endswith("request languages: hi-Latn")


@pytest.mark.parametrize("text", ["😀😀😀", "12345", "https://example.org/a", "!!!"])
def test_a_text_without_words_has_no_score(server: str, text: str) -> None:
    body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}
    found = error(post(server, body))
    assert found["message"] == "Unable to detect language"
    assert found["details"][0]["errorType"] == "LANGUAGE_DETECTION_FAILED"
    dropped = ask(server, text, dropUnsupportedAttributes=True)
    assert dropped["toolkit"]["unmeasured"] == {"TOXICITY": "not_prose"}


def test_markup_without_a_text_is_empty(server: str) -> None:
    body = {
        "comment": {"text": "<p> <!-- nothing --></p>", "type": "HTML"},
        "requestedAttributes": {"TOXICITY": {}},
    }
    assert error(post(server, body))["details"][0]["errorType"] == "COMMENT_EMPTY"


def test_the_limit_counts_bytes(server: str) -> None:
    fits = "ü" * 10_239 + " a"
    assert len(fits.encode()) == 20_480
    assert "attributeScores" in ask(server, fits, languages=["en"])
    body = {"comment": {"text": fits + "b"}, "requestedAttributes": {"TOXICITY": {}}}
    assert error(post(server, body))["details"][0]["errorType"] == "COMMENT_TOO_LONG"


def test_nothing_of_a_long_text_is_left_unread(server: str) -> None:
    calm = "The council met on Tuesday and spoke about the harbour road and its costs. "
    text = calm * ((20_480 - len(RUDE)) // len(calm)) + RUDE
    answer = ask(server, text, spanAnnotations=True)
    # The last window holds the insult and some calm words before it.
    assert value(answer) > value(ask(server, calm * 200)) + 0.05
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    worst = max(spans, key=lambda span: span["score"]["value"])
    assert worst["end"] == len(text)
    assert len(spans) <= 256
    assert [span["begin"] for span in spans] == sorted(span["begin"] for span in spans)


def test_stance_reads_entries_and_says_what_it_cannot_tell(server: str) -> None:
    entries = {"entries": [{"text": ARTICLE}, {"text": "What do you think?"}]}
    whole = {"articleAndParentComment": {"article": {"text": ARTICLE, "type": "HTML"}}}
    names = ("STANCE_AGREE", "STANCE_DISAGREE")
    text = "I agree, the ferry should be kept."
    answers = [ask(server, text, *names, context=given) for given in (entries, whole)]
    assert value(answers[0], "STANCE_AGREE") == value(answers[1], "STANCE_AGREE")
    assert answers[0]["toolkit"]["modelVersion"].startswith("stance ")
    short = ask(server, "Agreed.", "TOXICITY", *names, context=entries, languages=["en"])
    assert list(short["attributeScores"]) == ["TOXICITY"]
    assert short["toolkit"]["unmeasured"] == dict.fromkeys(names, "too_short")
    empty = {"entries": [{"text": " "}]}
    body = {"comment": {"text": text}, "requestedAttributes": {names[0]: {}}, "context": empty}
    assert "needs the article" in error(post(server, body))["message"]


MARKED = {
    "CURIOSITY": "Could you tell me where the figures come from?",
    "NUANCE": "You are right about the cost, although the road is needed.",
    "PERSONAL_STORY": "When I was a child, my grandmother took me there.",
    "REASONING": "It is dear because the stone comes from far away.",
    "RESPECT": "Thank you for your answer, I appreciate it.",
    "FEARMONGERING": "They are an existential threat, and our town is under attack.",
    "GENERALIZATION": "Everyone knows that they always lie.",
}


@pytest.mark.parametrize("name", MARKED)
def test_attributes_of_markers(server: str, name: str) -> None:
    plain = "The bridge is forty metres long and was built of oak."
    assert value(ask(server, MARKED[name], name), name) >= 0.5
    assert value(ask(server, plain, name), name) == 0
    assert ATTRIBUTES[name].description


def test_all_served_attributes_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "perspective.md").read_text()
    assert [name for name in ATTRIBUTES if f"`{name}`" not in page] == []


def test_the_same_request_gives_the_same_answer_and_anyone_can_check_it(server: str) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {"TOXICITY": {}, "THREAT": {}},
        "context": {"entries": [{"text": "Über uns"}]},
        "languages": ["en"],
    }
    answers = [post(server, body).json() for _ in range(2)]
    assert answers[0] == answers[1]
    told = answers[0]["toolkit"]
    assert told["modelVersion"].startswith("toxicity ")
    assert told["calibrationVersion"] is None
    # The recipe of docs/perspective.md, written again.
    context = json.dumps(body["context"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text = json.dumps(
        {
            "calibration": None,
            "comment": hashlib.sha256(RUDE.encode()).hexdigest(),
            "context": hashlib.sha256(context.encode()).hexdigest(),
            "languages": ["en"],
            "model": told["modelVersion"],
            "requested": ["THREAT", "TOXICITY"],
            "scores": {
                name: format(value(answers[0], name), ".6f") for name in ("THREAT", "TOXICITY")
            },
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert told["receipt"] == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    other = post(server, {**body, "languages": []}).json()
    assert other["toolkit"]["receipt"] != told["receipt"]


def test_with_a_key_the_receipt_is_signed(server: str, site_server: str, site: Path) -> None:
    from toolkit.web.perspective.receipt import canonical

    body = {"comment": {"text": CALM}, "requestedAttributes": {"TOXICITY": {}}}
    answer = post(site_server, body, key=SITE_KEY).json()
    signed = hmac.digest(
        (site / "receipts").read_bytes(), canonical(body, answer).encode(), "sha256"
    )
    assert answer["toolkit"]["receipt"] == f"hmac-sha256:{signed.hex()}"


def test_suggestions_are_kept_only_where_they_may_be(site_server: str, site: Path) -> None:
    def suggest(text: str, **fields: Any) -> int:
        body = {
            "comment": {"text": text},
            "attributeScores": {
                "TOXICITY@6": {"summaryScore": {"value": 0}},
                "INSULT": {"spanScores": [{"begin": 0, "end": 3, "score": {"value": 1}}]},
            },
            **fields,
        }
        return post(site_server, body, "suggestscore", SITE_KEY).status_code

    assert suggest("A comment to be kept.", communityId="quay", clientToken="comment:1") == 200
    assert suggest("A comment that nobody may keep.", doNotStore=True) == 200
    kept = (site / "suggestions.jsonl").read_text()
    (row,) = [json.loads(line) for line in kept.splitlines() if "to be kept" in line]
    assert row.pop("time")
    assert row == {
        "text": "A comment to be kept.",
        "language": "en",
        "attribute": "TOXICITY",
        "value": 0.0,
        "community_id": "quay",
        "client_token": "comment:1",
    }
    assert "nobody may keep" not in kept
    assert (site / "suggestions.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "scores",
    [{}, {"TOXICITY": {"summaryScore": {"value": 2}}}, {"TOXICITY": {"summaryScore": {}}}, None],
)
def test_suggestions_that_are_none(server: str, scores: object) -> None:
    body = {"comment": {"text": CALM}, "attributeScores": scores}
    assert error(post(server, body, "suggestscore"))["status"] == "INVALID_ARGUMENT"


def test_keys_and_rates(site_server: str) -> None:
    body = {"comment": {"text": CALM}, "requestedAttributes": {"TOXICITY": {}}}
    assert error(post(site_server, body, key=""))["status"] == "PERMISSION_DENIED"
    wrong = error(post(site_server, body, key="wrong"))
    assert wrong["message"] == "API key not valid. Please pass a valid API key."
    assert wrong["details"][0]["reason"] == "API_KEY_INVALID"
    codes = [post(site_server, body, key=SLOW_KEY).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    limited = error(post(site_server, body, key=SLOW_KEY))
    assert limited["status"] == "RESOURCE_EXHAUSTED"
    assert limited["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
        }
    ]
    header = httpx.post(
        f"{site_server}/v1alpha1/comments:analyze", json=body, headers={"X-Goog-Api-Key": SITE_KEY}
    )
    assert header.status_code == 200


def test_a_batch_carries_its_keys_in_its_parts(site_server: str) -> None:
    discovery = pytest.importorskip("googleapiclient.discovery")
    got: dict[str, Any] = {}
    for key in (SITE_KEY, "wrong"):
        client = discovery.build(
            "commentanalyzer",
            "v1alpha1",
            developerKey=key,
            discoveryServiceUrl=f"{site_server}/discovery/v1/apis/commentanalyzer/v1alpha1/rest",
            static_discovery=False,
        )
        batch = client.new_batch_http_request(
            callback=lambda name, reply, problem: got.update({name: reply or problem})
        )
        body = {"comment": {"text": RUDE}, "requestedAttributes": {"TOXICITY": {}}}
        batch.add(client.comments().analyze(body=body), request_id=key)
        batch.execute()
        client.close()
    assert value(got[SITE_KEY]) > 0.5
    assert got["wrong"].status_code == 400


def test_an_article_has_a_limit(server: str) -> None:
    body = {
        "comment": {"text": RUDE},
        "requestedAttributes": {"STANCE_AGREE": {}},
        "context": {"entries": [{"text": "word " * 250_000}]},
    }
    message = error(post(server, body))["message"]
    assert message == ("Context text was too many bytes. Value (1250000) exceeded limit (1048576).")


def test_a_batch_has_at_most_a_hundred_parts(server: str) -> None:
    part = (
        "--b\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\n"
        "POST /v1alpha1/comments:analyze HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        '{{"comment": {{"text": "A calm one."}}, "requestedAttributes": {{"TOXICITY": {{}}}}}}\r\n'
    )

    def send(number: int) -> httpx.Response:
        return httpx.post(
            f"{server}/batch/commentanalyzer/v1alpha1",
            headers={"Content-Type": "multipart/mixed; boundary=b"},
            content="".join(part.format(n=n) for n in range(number)) + "--b--\r\n",
            timeout=60,
        )

    full = send(100)
    assert full.status_code == 200
    assert full.text.count("HTTP/1.1 200 OK") == 100
    assert full.text.index("<response-0>") < full.text.index("<response-99>")
    assert "101 requests" in error(send(101))["message"]


def test_a_calibration_is_served_and_named(server: str, tmp_path: Path) -> None:
    version = Pipeline.of(["toxicity"]).versions["toxicity"]
    made = Calibration(
        method="isotonic",
        analyzers={"toxicity": version},
        maps={"TOXICITY": ScoreMap((0.0, 1.0), (0.25, 0.75))},
        figures={},
    )
    made.write(tmp_path / "calibration.json")
    address, end = start(ServeOptions(calibration=tmp_path / "calibration.json"))
    try:
        calibrated = ask(address, RUDE, "TOXICITY", "INSULT", spanAnnotations=True)
    finally:
        end()
    raw = ask(server, RUDE, "TOXICITY", "INSULT")
    assert value(calibrated) == pytest.approx(0.25 + value(raw) / 2)
    (span,) = calibrated["attributeScores"]["TOXICITY"]["spanScores"]
    assert span["score"]["value"] == value(calibrated)
    assert value(calibrated, "INSULT") == value(raw, "INSULT")
    assert calibrated["toolkit"]["calibrationVersion"] == made.version
    assert calibrated["toolkit"]["receipt"] != raw["toolkit"]["receipt"]


def phase(address: str, text: str, secret: str, query: str = "", **fields: Any) -> httpx.Response:
    """A signed request as Coral sends it: pretty-printed, by an old and a new secret."""
    body = json.dumps(
        {
            "action": "NEW",
            "comment": {"body": text, "parentID": None},
            "author": {"id": "a1", "role": "COMMENTER"},
            "story": {"id": "s1", "url": "https://news.example.org/quay"},
            "site": {"id": "i1"},
            "tenantID": "t1",
            "tenantDomain": "comments.example.org",
            **fields,
        },
        indent=2,
    ).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return httpx.post(
        f"{address}/coral/moderate{query}",
        content=body,
        headers={
            "Content-Type": "application/json",
            "X-Coral-Signature": f"sha256={'0' * 64},sha256={signed}",
        },
        timeout=60,
    )


def test_corals_phase(server: str, site_server: str) -> None:
    flagged = phase(site_server, RUDE, CORAL_SECRET)
    assert flagged.json() == {
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
        "tags": [],
        "status": "SYSTEM_WITHHELD",
    }
    calm = phase(site_server, CALM, CORAL_SECRET)
    assert (calm.status_code, calm.content) == (204, b"")
    assert phase(site_server, CALM, "ssec_old").status_code == 204
    markup = f"<p class='idiot'>{CALM}</p>"
    assert phase(site_server, markup, CORAL_SECRET, "?format=html").status_code == 204
    # What cannot be measured waits for a person, and is not called toxic.
    assert phase(site_server, "😀", CORAL_SECRET).json() == {
        "actions": [],
        "tags": [],
        "status": "SYSTEM_WITHHELD",
    }
    forged = phase(site_server, RUDE, "guessed")
    assert error(forged)["status"] == "UNAUTHENTICATED"
    unsigned = httpx.post(f"{site_server}/coral/moderate", json={"action": "NEW"})
    assert unsigned.status_code == 401
    assert phase(site_server, RUDE, CORAL_SECRET, action="DELETE").status_code == 400
    assert phase(site_server, "word " * 5000, CORAL_SECRET).status_code == 400
    assert phase(server, RUDE, CORAL_SECRET).status_code == 404
