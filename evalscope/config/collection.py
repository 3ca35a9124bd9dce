"""A collection: data sets with weights that make one evaluation, an index of one's own."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from evalscope.config.files import read_config_file
from evalscope.config.part import Part, Whole, not_empty, one_of, one_or_several
from evalscope.config.parts import DatasetArgs
from evalscope.errors import ConfigError


class Sampling(StrEnum):
    """How many samples of each data set are drawn."""

    WEIGHTED = "weighted"
    EVEN = "even"
    PROPORTIONAL = "proportional"


class CollectionEntry(Part):
    """One data set of a collection."""

    where: ClassVar[str] = "a data set of the collection"
    elsewhere: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(DatasetArgs.model_fields, "it is one of its args: {name: gsm8k, args: {…}}"),
        "dataset_args": "here it is called args",
        "limit": "here it is called num",
        "tag": "here it is called tags",
    }

    name: str = Field(description="name of the benchmark")
    weight: Annotated[float, Field(gt=0)] = Field(1.0, description="its part in the weighted score, beside the others")
    num: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="samples to draw of it; unset: as sampling says"
    )
    tags: tuple[str, ...] | None = Field(None, description="what it is reported under; unset: the benchmark's own")
    task: str = Field("", description="the one kind of task that it is reported under")
    args: DatasetArgs = Field(default_factory=DatasetArgs, description="as in dataset_args")

    @classmethod
    def _owner(cls, path: list[str]) -> tuple[type[Part], int]:
        return (DatasetArgs, 1) if len(path) > 1 and path[0] == "args" else (cls, 0)

    @field_validator("tags", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return one_or_several(value)

    @field_validator("name", mode="before")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        return not_empty(value)


class Collection(Part):
    """Data sets that make one evaluation."""

    where: ClassVar[str] = "the collection"
    elsewhere: ClassVar[Mapping[str, str]] = {
        "seed": "it is a setting of the task, --seed",
        "limit": "here it is called num; --limit of the task works too",
        "weights": "each data set has its own: datasets: [{name: gsm8k, weight: 2}]",
    }

    name: str = Field(description="what it is called in the report")
    num: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="samples in all; unset: every sample of data sets that name no number of their own"
    )
    sampling: Sampling = Field(
        Sampling.WEIGHTED,
        description="how num is shared out: by weight (weighted), evenly (even), or by size (proportional)",
    )
    datasets: tuple[CollectionEntry, ...] = Field(description="the data sets")

    @field_validator("sampling", mode="before")
    @classmethod
    def _sampling(cls, value: Any) -> Any:
        return one_of(value, Sampling, {"evenly": Sampling.EVEN, "proportion": Sampling.PROPORTIONAL})

    @field_validator("datasets", mode="before")
    @classmethod
    def _entries(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(f"a list of data sets, such as [{{name: gsm8k, weight: 2}}], is needed; found {value!r}")
        return tuple(_read_entry(entry, place) for place, entry in enumerate(value, 1))

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not value.strip() or not value.isprintable() or len(value) > 100:
            raise ValueError(f"a short name in one line is needed; found {value!r}")
        return value.strip()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        own = [entry.num for entry in self.datasets if entry.num is not None]
        if self.num is None and "sampling" in self.model_fields_set:
            raise ValueError(
                "sampling has no effect without num; say how many samples there are to be, or leave it out"
            )
        if self.num is not None and len(own) == len(self.datasets) and sum(own) != self.num:
            raise ValueError(f"num is {self.num}, and the nums of its data sets make {sum(own)}; leave one of them out")
        if self.num is not None and sum(own) > self.num:
            raise ValueError(f"num is {self.num}, and data sets with a num of their own take {sum(own)}; raise num")
        return self


def _read_entry(value: Any, place: int) -> CollectionEntry:
    """A data set with its settings, or its name alone.

    Raises:
        ConfigError: saying which of them is at fault.
    """
    if isinstance(value, CollectionEntry):
        return value
    if isinstance(value, str):
        return CollectionEntry(name=value)
    if not isinstance(value, Mapping):
        raise ConfigError(f"the collection: data set {place}: a name or a mapping is needed; found {value!r}")
    try:
        return CollectionEntry(**{str(key): inner for key, inner in value.items()})
    except ConfigError as error:
        raise ConfigError(f"data set {place} ({value.get('name', 'without a name')}): {error}") from None


def read_collection(value: "Collection | Mapping[str, Any] | str | Path") -> Collection:
    """A collection from a mapping, from the path of a YAML or JSON file, or from itself.

    Raises:
        ConfigError: with one line for each fault, and the file.
    """
    if isinstance(value, Collection):
        return value
    if isinstance(value, Mapping):
        return Collection(**{str(key): inner for key, inner in value.items()})
    if not isinstance(value, str | Path) or not str(value):
        raise ConfigError(f"collection: the path of a YAML file, or a mapping, is needed; found {value!r}")
    settings = read_config_file(value)
    try:
        return read_collection(settings)
    except ConfigError as error:
        raise ConfigError(f"{value}: {error}") from None
