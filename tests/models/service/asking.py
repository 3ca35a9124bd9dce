"""What the tests of the service ask, and how patiently."""

from collections.abc import Callable

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.models.service import Service
from evalscope.models.service.retries import Patience

QUESTION = (Message("user", "How many legs has a spider?"),)
GREEDY = Generation(temperature=0.0, max_tokens=64)
KEY = "sk-very-secret/1234567890"

IMPATIENT = Patience(first_wait_s=0.001, longest_wait_s=0.002, longest_retry_after_s=0.05, connect_s=30.0)
"""Hardly waits between attempts; a busy machine may still take seconds to accept a connection."""

MakeService = Callable[..., Service]
