"""The Perspective contract, over the wire."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

RUDE = "You are an idiot and a liar."
CALM = "Thank you for this careful report on the harbour."


def post(server: str, body: Any, method: str = "analyze", **query: str) -> httpx.Response:
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return httpx.post(
        f"{server}/v1alpha1/comments:{method}",
        params={"key": "any", **query},
        content=content,
        timeout=60,
    )


def analyze(server: str, text: str, *names: str, **fields: Any) -> dict[str, Any]:
    body = {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in names or ("TOXICITY",)},
        **fields,
    }
    response = post(server, body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def value(answer: dict[str, Any], name: str = "TOXICITY") -> float:
    score: float = answer["attributeScores"][name]["summaryScore"]["value"]
    return score


def test_answer_shape(server: str) -> None:
    answer = analyze(server, RUDE, "TOXICITY", clientToken="mine", languages=["en"])
    assert answer["languages"] == ["en"]
    assert answer["detectedLanguages"] == ["en"]
    assert answer["clientToken"] == "mine"
    scores = answer["attributeScores"]["TOXICITY"]
    assert scores["summaryScore"]["type"] == "PROBABILITY"
    assert scores["spanScores"] == [{"begin": 0, "end": len(RUDE), "score": scores["summaryScore"]}]
    assert value(answer) > value(analyze(server, CALM))


def test_every_served_attribute_is_a_probability(server: str) -> None:
    names = (
        "TOXICITY",
        "SEVERE_TOXICITY",
        "IDENTITY_ATTACK",
        "INSULT",
        "PROFANITY",
        "OBSCENE",
        "THREAT",
        "TOXICITY_FAST",
        "TOXICITY_EXPERIMENTAL",
        "TOXICITY@6",
    )
    answer = analyze(server, RUDE, *names)
    assert list(answer["attributeScores"]) == list(names)
    assert all(0 <= value(answer, name) <= 1 for name in names)
    assert value(answer, "TOXICITY@6") == value(answer, "TOXICITY")


def test_stance_uses_the_context(server: str) -> None:
    article = "The ferry should be kept. It has served the islands well for a hundred years."
    context = {"articleAndParentComment": {"article": {"text": article}}}
    answer = analyze(
        server, "I agree, the ferry should be kept.", "STANCE_AGREE", "STANCE_DISAGREE",
        context=context,
    )  # fmt: skip
    assert value(answer, "STANCE_AGREE") > value(answer, "STANCE_DISAGREE")
    body = {"comment": {"text": "I agree."}, "requestedAttributes": {"STANCE_AGREE": {}}}
    assert "needs the article" in post(server, body).json()["error"]["message"]


def test_span_annotations_count_utf16_code_units(server: str) -> None:
    text = "😀 Thank you for this. You are an idiot."
    answer = analyze(server, text, spanAnnotations=True)
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    units = text.encode("utf-16-le")
    cut = [units[2 * s["begin"] : 2 * s["end"]].decode("utf-16-le") for s in spans]
    assert cut[-1] == "You are an idiot."
    assert spans[-1]["score"]["value"] == max(s["score"]["value"] for s in spans)


def test_html_is_scored_as_its_text(server: str) -> None:
    plain = analyze(server, RUDE)
    body = {
        "comment": {"text": f"<p class='idiot'>{RUDE}</p>", "type": "HTML"},
        "requestedAttributes": {"TOXICITY": {}},
    }
    assert value(post(server, body).json()) == value(plain)


@pytest.mark.parametrize("threshold", [1.0, {"value": 1.0}])
def test_scores_under_the_threshold_are_left_out(server: str, threshold: object) -> None:
    body = {
        "comment": {"text": CALM},
        "requestedAttributes": {"TOXICITY": {"scoreThreshold": threshold}},
    }
    answer = post(server, body).json()
    assert "attributeScores" not in answer


def test_unknown_query_parameters_are_ignored(server: str) -> None:
    body = {"comment": {"text": CALM}, "requestedAttributes": {"TOXICITY": None}}
    response = post(server, body, alt="json", prettyPrint="false", **{"$.xgafv": "2"})
    assert response.status_code == 200


ERRORS = [
    (b"{", "INVALID_REQUEST", "no JSON"),
    (b"[]", "INVALID_REQUEST", "must be an object"),
    ({"requestedAttributes": {"TOXICITY": {}}}, "COMMENT_EMPTY", "Comment must be non-empty."),
    (
        {"comment": {"text": " \n"}, "requestedAttributes": {"TOXICITY": {}}},
        "COMMENT_EMPTY",
        "Comment must be non-empty.",
    ),
    ({"comment": {"text": CALM}}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
    (
        {"comment": {"text": CALM}, "requestedAttributes": {"CHARM": {}}},
        "INVALID_REQUEST",
        "Unknown requested attribute: CHARM",
    ),
    (
        {"comment": {"text": "x" * 20_481}, "requestedAttributes": {"TOXICITY": {}}},
        "COMMENT_TOO_LONG",
        "Comment text was too many bytes. Value (20481) exceeded limit (20480).",
    ),
    (
        {"comment": {"text": CALM}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["om"]},
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        "Attribute TOXICITY does not support request languages: om",
    ),
    (
        {"comment": {"text": 3}, "requestedAttributes": {"TOXICITY": {}}},
        "INVALID_REQUEST",
        "comment.text",
    ),
]


@pytest.mark.parametrize(("body", "error_type", "message"), ERRORS)
def test_errors(server: str, body: object, error_type: str, message: str) -> None:
    response = post(server, body)
    error = response.json()["error"]
    assert response.status_code == error["code"] == 400
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["errorType"] == error_type
    assert message in error["message"]


def test_unsupported_attributes_can_be_dropped(server: str) -> None:
    answer = analyze(server, RUDE, "CHARM", "TOXICITY", dropUnsupportedAttributes=True)
    assert list(answer["attributeScores"]) == ["TOXICITY"]
    assert answer["droppedAttributes"] == ["CHARM"]


def test_suggestscore_as_coral_sends_it(server: str) -> None:
    body = {
        "comment": {"text": RUDE},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "communityId": "site",
        "clientToken": "comment:42",
    }
    response = post(server, body, "suggestscore")
    assert response.status_code == 200
    assert response.json() == {
        "clientToken": "comment:42",
        "detectedLanguages": ["en"],
        "requestedLanguages": [],
    }


def test_other_paths_answer_in_the_contracts_shape(server: str) -> None:
    response = httpx.get(f"{server}/v1alpha1/comments:guess")
    assert response.status_code in (404, 405)
    assert set(response.json()["error"]) >= {"code", "message", "status"}


def test_health_and_counters(server: str) -> None:
    assert httpx.get(f"{server}/healthz").text == "ok\n"
    assert httpx.get(f"{server}/readyz").text == "ready\n"
    analyze(server, CALM)
    metrics = httpx.get(f"{server}/metrics").text
    assert 'toolkit_responses_total{route="analyze",status="200"}' in metrics
    assert 'toolkit_attributes_total{attribute="TOXICITY"}' in metrics


def test_a_body_over_the_limit_is_refused(server: str) -> None:
    response = post(server, b" " * (9 * 2**20))
    assert response.status_code == 413
    assert response.json()["error"]["code"] == 413


def test_googles_own_client(server: str) -> None:
    discovery = pytest.importorskip("googleapiclient.discovery")
    client = discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey="any",
        discoveryServiceUrl=f"{server}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"TOXICITY": {}}}
    answer = client.comments().analyze(body=body).execute()
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.5

    got: dict[str, Any] = {}
    batch = client.new_batch_http_request(
        callback=lambda name, reply, error: got.update({name: (reply, error)})
    )
    batch.add(client.comments().analyze(body=body), request_id="rude")
    batch.add(client.comments().analyze(body={"comment": {"text": ""}}), request_id="empty")
    batch.execute()
    assert got["rude"][0] == answer
    assert got["empty"][1].status_code == 400
    client.close()
