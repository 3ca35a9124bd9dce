"""Answers from an OpenAI-compatible service, over HTTP."""

from evalscope.models.service.body import HONOURED
from evalscope.models.service.client import Service

__all__ = ["HONOURED", "Service"]
