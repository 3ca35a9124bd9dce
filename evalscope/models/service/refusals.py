"""What a service's refusal means: which error it becomes, with which advice."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalscope.errors import AnswerRefused, EndpointError, ModelError, PromptTooLong, RequestRefused
from evalscope.models.service.reply import parse_json, what_came
from evalscope.models.service.retries import AttemptFailed, ending_of, is_worth_repeating, parse_retry_after
from evalscope.models.service.secrecy import Secrets

Json = Any

TOO_LONG_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})

# OpenAI and vLLM, SGLang, text-generation-inference, DashScope, Anthropic's gateway, in this order.
TOO_LONG = re.compile(
    r"maximum context length|(longer than|exceeds?) the (model's )?(maximum |available )?context"
    r"|inputs` (must have less than|tokens \+)|range of input length should be|prompt is too long",
    re.IGNORECASE,
)

FILTER_CODES = frozenset(
    {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed"}
)

UNKNOWN_MODEL_CODES = frozenset({"model_not_found", "model_not_exist"})

UNKNOWN_MODEL = re.compile(r"does not exist|doesn't exist|not found|not exist|unknown model", re.IGNORECASE)


class NotServed(EndpointError):
    """The service knows no such model, or no such path. It stays within this package: a look at the list follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a refusal, which depends on what was asked.

    Attributes:
        not_there: where the service does not offer it.
        not_accepted: where the service does not accept the request as it stands.
        beyond: what the service says where it will never offer it; None where nothing is known.
    """

    not_there: str
    not_accepted: str
    beyond: re.Pattern[str] | None = None

    def is_beyond(self, message: str) -> bool:
        """Whether a refusal says that no such request can succeed."""
        return self.beyond is not None and bool(self.beyond.search(message))


CHAT_ADVICE = Advice(
    not_there="check --api-url, which usually ends in /v1, and --model",
    not_accepted="check the settings of generation_config that it names",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, as far as a message about a refusal says it.

    Attributes:
        model: the name that was asked for.
        url: the address for messages.
        secrets: what is masked in the server's words.
        advice: what to do.
    """

    model: str
    url: str
    secrets: Secrets
    advice: Advice = CHAT_ADVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a service said instead of an answer.

    Attributes:
        status: of HTTP; 200 where an error came under the guise of success.
        message: the server's own words, or what else came; foreign text.
        codes: its code, type and the like, in small letters.
    """

    status: int
    message: str
    codes: frozenset[str]

    @property
    def is_too_long(self) -> bool:
        """Whether the prompt does not fit the model's context."""
        return bool(self.codes & TOO_LONG_CODES) or bool(TOO_LONG.search(self.message))

    @property
    def is_filtered(self) -> bool:
        """Whether a content filter stopped the question or its answer."""
        return bool(self.codes & FILTER_CODES)

    def is_about_model(self, model: str) -> bool:
        """Whether the service says that it has no such model."""
        if self.codes & UNKNOWN_MODEL_CODES:
            return True
        if self.status not in (400, 404, 422) or not UNKNOWN_MODEL.search(self.message):
            return False
        # a refusal of the model stops the whole run, so a name like "m" must not be found inside other words
        names_it = re.search(rf"(?<![\w/-]){re.escape(model)}(?![\w/-])", self.message, re.IGNORECASE)
        is_general = self.message.casefold().startswith(("model not", "unknown model"))
        return is_general or (names_it is not None and "model" in self.message.casefold())


def read_refusal(status: int, data: bytes) -> Refusal:
    """The refusal in a reply's body, in whichever of the usual forms it comes."""
    try:
        reply = parse_json(data)
    except AttemptFailed:
        return Refusal(status=status, message=what_came(data), codes=frozenset())
    return refusal_in(status, reply)


def refusal_in(status: int, reply: Json) -> Refusal:
    """The refusal in a reply that is JSON.

    Known forms: {"error": {"message", "type", "code"}}, {"error": "…"}, {"message", "type", "code"}, {"detail": "…"}.
    """
    error = reply.get("error") or reply if isinstance(reply, dict) else reply
    if not isinstance(error, dict):
        return Refusal(status=status, message=_as_text(error), codes=frozenset())
    inner = error.get("innererror")
    named = [error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None]
    codes = frozenset(str(name).casefold() for name in named if name is not None)
    message = error.get("message") or error.get("detail") or error
    return Refusal(status=status, message=_as_text(message), codes=codes)


def error_for(refusal: Refusal, headers: Mapping[str, str], asked: Asked) -> Exception:
    """The exception that a refusal becomes: AttemptFailed where another attempt may succeed, else a ModelError."""
    status, url = refusal.status, asked.url
    said = asked.secrets.excerpt(refusal.message)
    if 300 <= status < 400:
        to = asked.secrets.excerpt(headers.get("Location", "").partition("?")[0]) or "nowhere"
        # the key is meant for the address that the user gave, not for wherever that one points
        return EndpointError(
            f"{url} redirects to {to} (HTTP {status}), which is not followed; give that address instead"
        )
    if is_worth_repeating(status):
        return AttemptFailed(
            f"HTTP {status}: {said}",
            retry_after_s=parse_retry_after(headers.get("Retry-After")),
            ending=ending_of(status),
        )
    if refusal.is_filtered:
        return AnswerRefused(f"the service's content filter refused the question (HTTP {status}): {said}")
    if refusal.is_about_model(asked.model) or status in (404, 405, 410, 501):
        return _not_served(refusal, asked, said)
    if status in (401, 402, 403):
        return _not_allowed(status, url, said)
    if refusal.is_too_long:
        return PromptTooLong(f"the prompt does not fit the model's context (HTTP {status}): {said}")
    if asked.advice.is_beyond(refusal.message):
        return EndpointError(f"{url} refuses (HTTP {status}: {said}); {asked.advice.not_there}")
    if status == 200:
        return AttemptFailed(f"an error under HTTP 200: {said}")
    return RequestRefused(
        f"the service does not accept the request (HTTP {status}): {said}; {asked.advice.not_accepted}"
    )


def _not_served(refusal: Refusal, asked: Asked, said: str) -> ModelError:
    if refusal.is_about_model(asked.model):
        return NotServed(f"the service at {asked.url} knows no model {asked.model!r} (HTTP {refusal.status}: {said})")
    return NotServed(
        f"the service at {asked.url} does not take questions there (HTTP {refusal.status}: {said}); "
        f"{asked.advice.not_there}"
    )


def _not_allowed(status: int, url: str, said: str) -> ModelError:
    if status == 402:
        return EndpointError(f"the service at {url} wants to be paid first (HTTP 402: {said}); check the account")
    return EndpointError(
        f"the service at {url} does not accept the key (HTTP {status}: {said}); give a valid one with --api-key, "
        "or name the environment variable that holds it with --api-key-env"
    )


def _as_text(value: Json) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "JSON nested too deeply to be shown"
