"""Copies of a checkpoint in Ray actors, on one machine or several, asked as one model."""

from evalscope.models.replicas.model import Replicas
from evalscope.models.replicas.recipe import Recipe

__all__ = ["Recipe", "Replicas"]
