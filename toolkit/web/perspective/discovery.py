"""The discovery document, from which Google's clients build their methods."""

from __future__ import annotations

from typing import Any, Final

from toolkit import __version__

_STRING: Final = {"type": "string"}
_NUMBER: Final = {"type": "number", "format": "float"}
_BOOLEAN: Final = {"type": "boolean"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _map(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": item}


def _object(name: str, **properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return name, {"id": name, "type": "object", "properties": properties}


_SCHEMAS: Final = dict(
    [
        _object("TextEntry", text=_STRING, type=_STRING),
        _object(
            "ArticleAndParentComment", article=_ref("TextEntry"), parentComment=_ref("TextEntry")
        ),
        _object(
            "Context",
            entries=_list(_ref("TextEntry")),
            articleAndParentComment=_ref("ArticleAndParentComment"),
        ),
        _object("AttributeParameters", scoreType=_STRING, scoreThreshold=_NUMBER),
        _object("Score", value=_NUMBER, type=_STRING),
        _object(
            "SpanScore",
            begin={"type": "integer", "format": "int32"},
            end={"type": "integer", "format": "int32"},
            score=_ref("Score"),
        ),
        _object("AttributeScores", summaryScore=_ref("Score"), spanScores=_list(_ref("SpanScore"))),
        _object(
            "AnalyzeCommentRequest",
            comment=_ref("TextEntry"),
            context=_ref("Context"),
            requestedAttributes=_map(_ref("AttributeParameters")),
            languages=_list(_STRING),
            spanAnnotations=_BOOLEAN,
            doNotStore=_BOOLEAN,
            dropUnsupportedAttributes=_BOOLEAN,
            clientToken=_STRING,
            sessionId=_STRING,
            communityId=_STRING,
        ),
        _object(
            "AnalyzeCommentResponse",
            attributeScores=_map(_ref("AttributeScores")),
            languages=_list(_STRING),
            detectedLanguages=_list(_STRING),
            clientToken=_STRING,
        ),
        _object(
            "SuggestCommentScoreRequest",
            comment=_ref("TextEntry"),
            context=_ref("Context"),
            attributeScores=_map(_ref("AttributeScores")),
            languages=_list(_STRING),
            communityId=_STRING,
            clientToken=_STRING,
            sessionId=_STRING,
        ),
        _object(
            "SuggestCommentScoreResponse",
            clientToken=_STRING,
            detectedLanguages=_list(_STRING),
            requestedLanguages=_list(_STRING),
        ),
    ]
)


def _method(name: str, request: str, response: str, description: str) -> dict[str, Any]:
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": f"v1alpha1/comments:{name}",
        "flatPath": f"v1alpha1/comments:{name}",
        "httpMethod": "POST",
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": _ref(request),
        "response": _ref(response),
    }


def document(root_url: str) -> dict[str, Any]:
    """The document; ``root_url`` ends with a slash and leads to this server."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "revision": __version__,
        "title": "Comment analyzer",
        "description": "The Perspective contract, answered by Comment Toolkit.",
        "protocol": "rest",
        "rootUrl": root_url,
        "baseUrl": root_url,
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch/commentanalyzer/v1alpha1",
        "parameters": {
            name: {"type": "string", "location": "query"}
            for name in ("key", "alt", "fields", "quotaUser", "prettyPrint", "$.xgafv")
        },
        "schemas": _SCHEMAS,
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method(
                        "analyze",
                        "AnalyzeCommentRequest",
                        "AnalyzeCommentResponse",
                        "Scores a comment.",
                    ),
                    "suggestscore": _method(
                        "suggestscore",
                        "SuggestCommentScoreRequest",
                        "SuggestCommentScoreResponse",
                        "Takes a score that a person suggests.",
                    ),
                }
            }
        },
    }
