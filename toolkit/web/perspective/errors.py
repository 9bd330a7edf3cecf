"""The contract's error body: one shape, one builder."""

from __future__ import annotations

from typing import Any, Final

_TYPE: Final = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"

_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class PerspectiveError(Exception):
    """An answer that is an error, as the contract prints it."""

    def __init__(
        self,
        message: str,
        *,
        code: int = 400,
        error_type: str | None = "INVALID_REQUEST",
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.error_type = error_type
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """``{"error": {code, message, status, details}}``."""
        return error_body(
            self.code,
            str(self),
            [{"@type": _TYPE, "errorType": self.error_type, **self.extra}]
            if self.error_type
            else [],
        )


def error_body(code: int, message: str, details: list[dict[str, Any]]) -> dict[str, Any]:
    """The body for any HTTP status; ``details`` is left out where it is empty."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "status": _STATUS.get(code, "UNKNOWN"),
    }
    if details:
        error["details"] = details
    return {"error": error}


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    return error_body(
        429,
        "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
            }
        ],
    )


def unsupported_language(
    attribute: str, languages: list[str], *, detected: bool
) -> PerspectiveError:
    """An attribute that is not served for the comment's language."""
    field = "detectedLanguages" if detected else "requestedLanguages"
    what = "detected" if detected else "request"
    return PerspectiveError(
        f"Attribute {attribute} does not support {what} languages: {','.join(languages)}",
        error_type="LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        extra={"languageNotSupportedByAttributeError": {field: languages, "attribute": attribute}},
    )
