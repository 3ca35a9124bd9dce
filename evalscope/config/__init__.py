"""What the user wants: one checked value, whatever form it was written in."""

from evalscope.config.collection import Collection
from evalscope.config.files import each_once, read_config_file
from evalscope.config.generation import GenerationConfig
from evalscope.config.judge import JudgeArgs
from evalscope.config.loading import load_task_config
from evalscope.config.parts import DatasetArgs, ModelArgs
from evalscope.config.task import TaskConfig

__all__ = [
    "Collection",
    "DatasetArgs",
    "GenerationConfig",
    "JudgeArgs",
    "ModelArgs",
    "TaskConfig",
    "each_once",
    "load_task_config",
    "read_config_file",
]
