"""A local model: weights in a folder, run by transformers."""

from evalscope.models.checkpoint.fingerprint import fingerprint
from evalscope.models.checkpoint.model import Checkpoint
from evalscope.models.checkpoint.settings import HONOURED

__all__ = ["HONOURED", "Checkpoint", "fingerprint"]
