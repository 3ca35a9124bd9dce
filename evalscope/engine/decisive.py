"""The settings of generation that decide an answer, as keys and reports hold them."""

from dataclasses import asdict
from typing import Any

from evalscope.core.generation import Generation

NOT_IN_KEYS = ("extra_headers", "extra_query", "max_tokens_field", "draw")
"""Settings that do not decide an answer, or may hold a secret."""


def generation_settings(generation: Generation) -> dict[str, Any]:
    """The settings that decide an answer; those left to the model are left out."""
    return {
        name: value
        for name, value in asdict(generation).items()
        if name not in NOT_IN_KEYS and value is not None and value != () and value != {}
    }
