"""The contract's bodies for the OpenAPI document.

Requests are read from their bytes and not by FastAPI, whose errors are not the
contract's; so the document is told here what they look like.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from toolkit.web.perspective.requests import AnalyzeRequest, SuggestRequest

_KEY: Final = {
    "name": "key",
    "in": "query",
    "required": False,
    "description": "The API key; any other parameter is ignored.",
    "schema": {"type": "string"},
}

_ERROR: Final = {
    "description": "An error in the contract's shape.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["code", "message", "status"],
                        "properties": {
                            "code": {"type": "integer"},
                            "message": {"type": "string"},
                            "status": {"type": "string"},
                            "details": {"type": "array", "items": {"type": "object"}},
                        },
                    }
                },
            }
        }
    },
}

_SCORE: Final = {
    "type": "object",
    "required": ["value", "type"],
    "properties": {
        "value": {"type": "number", "minimum": 0, "maximum": 1},
        "type": {"const": "PROBABILITY"},
    },
}
_STRINGS: Final = {"type": "array", "items": {"type": "string"}}
_SPAN: Final = {
    "type": "object",
    "required": ["begin", "end", "score"],
    "properties": {
        "begin": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 0},
        "score": _SCORE,
    },
}
_ANALYZED: Final = {
    "type": "object",
    "required": ["languages", "detectedLanguages", "toolkit"],
    "properties": {
        "attributeScores": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["spanScores", "summaryScore"],
                "properties": {
                    "spanScores": {"type": "array", "items": _SPAN},
                    "summaryScore": _SCORE,
                },
            },
        },
        "languages": _STRINGS,
        "detectedLanguages": _STRINGS,
        "clientToken": {"type": "string"},
        "droppedAttributes": _STRINGS,
        "toolkit": {
            "type": "object",
            "required": ["modelVersion", "calibrationVersion", "receipt"],
            "properties": {
                "modelVersion": {"type": "string"},
                "calibrationVersion": {"type": ["string", "null"]},
                "receipt": {"type": "string"},
                "unmeasured": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}
_SUGGESTED: Final = {
    "type": "object",
    "required": ["detectedLanguages", "requestedLanguages"],
    "properties": {
        "clientToken": {"type": "string"},
        "detectedLanguages": _STRINGS,
        "requestedLanguages": _STRINGS,
    },
}


def _operation(model: type[BaseModel], answer: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=False, ref_template="#/components/schemas/{model}")
    return {
        "parameters": [_KEY],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _inlined(schema)}},
        },
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {"application/json": {"schema": answer}},
            },
            **{str(code): _ERROR for code in (400, 403, 408, 413, 429, 503, 504)},
        },
    }


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its definitions in place of references to them; none is recursive."""
    definitions = schema.pop("$defs", {})

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return walk(definitions[value["$ref"].rpartition("/")[2]])
        return {key: walk(item) for key, item in value.items()}

    found: dict[str, Any] = walk(schema)
    return found


ANALYZE: Final = _operation(AnalyzeRequest, _ANALYZED)
SUGGEST: Final = _operation(SuggestRequest, _SUGGESTED)
