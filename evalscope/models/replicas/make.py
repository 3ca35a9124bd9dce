"""From a task to the replicas that answer it."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from evalscope.config import TaskConfig
from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.replicas.local import keep_strangers_out
from evalscope.models.replicas.model import Replicas
from evalscope.models.replicas.recipe import Make, Recipe

DEVICES_WITHOUT_SHARES = ("cpu", "mps")
"""Device maps of which Ray counts no GPU."""


def make_replicas(config: TaskConfig, *, name: str, model: str, find: Callable[[str], Path], make: Make) -> Replicas:
    """The replicas of a checkpoint; nothing is started yet, but a cluster that alone has the model is asked about it.

    Args:
        config: the task, with the number of replicas in its model_args.
        name: in reports.
        model: a hub id, or a path that the nodes share.
        find: from either to a folder, here and on nodes.
        make: from a folder to a model, here and on nodes.

    Raises:
        ConfigError: no such model, or settings that do not fit it.
        EndpointError: no cluster at its address.
        MissingDependency: Ray is not installed.
    """
    if find_spec("ray") is None:
        raise MissingDependency("replicas of model_args", "cluster")
    if (config.ray_address or "").startswith("ray://"):
        raise ConfigError(
            f"ray_address {config.ray_address!r} is one for Ray's client; run on a node of the cluster and give the "
            "host:port that 'ray start --head' prints"
        )
    if config.ray_address is None:
        keep_strangers_out()
    from evalscope.models.replicas.cluster import Cluster
    from evalscope.models.replicas.scout import Scout

    num = config.model_args.replicas
    assert num is not None, "replicas are made where their number is given"
    is_here = config.ray_address is None or model.startswith(".") or Path(model).expanduser().is_dir()
    if is_here:
        model = str(find(model).absolute())
    elif model.startswith("~"):
        model = str(Path(model).expanduser())
    recipe = Recipe(find=partial(find, model), make=make)
    on_gpus = config.model_args.device_map not in DEVICES_WITHOUT_SHARES
    cluster = Cluster(address=config.ray_address, recipe=recipe, num=num, on_gpus=on_gpus)
    face = recipe.copy() if is_here else Scout(name=name, cluster=cluster, recipe=recipe)
    return Replicas(face=face, num=num, grounds=cluster, patience_s=config.give_up_after)
