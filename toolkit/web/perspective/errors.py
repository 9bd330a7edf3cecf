"""The contract's error body: one shape, one builder."""

from __future__ import annotations

from typing import Any, Final

_TYPE: Final = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_INFO: Final = "type.googleapis.com/google.rpc.ErrorInfo"

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
    504: "DEADLINE_EXCEEDED",
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


class RateLimitedError(PerspectiveError):
    """A key has asked more often than it may."""

    def __init__(self) -> None:
        super().__init__(
            "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'.", code=429
        )

    def body(self) -> dict[str, Any]:
        """As Google's front end answers."""
        return error_body(429, str(self), [_info("RATE_LIMIT_EXCEEDED")])


class KeyRefusedError(PerspectiveError):
    """No key, or one that is not known."""

    def __init__(self, *, missing: bool) -> None:
        message = (
            "The request is missing a valid API key."
            if missing
            else "API key not valid. Please pass a valid API key."
        )
        super().__init__(message, code=403 if missing else 400)

    def body(self) -> dict[str, Any]:
        """As Google's front end answers."""
        details = [] if self.code == 403 else [_info("API_KEY_INVALID")]
        return error_body(self.code, str(self), details)


def unavailable() -> PerspectiveError:
    """Too much to do, or nowhere to keep what came."""
    return PerspectiveError("The service is currently unavailable.", code=503, error_type=None)


def too_slow() -> PerspectiveError:
    """The answer was not there in time."""
    return PerspectiveError(
        "Deadline expired before operation could complete.", code=504, error_type=None
    )


def _info(reason: str) -> dict[str, Any]:
    return {"@type": _INFO, "reason": reason, "domain": "googleapis.com"}


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
