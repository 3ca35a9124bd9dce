"""Rows are run through a model whole, for models whose keys and values cannot be kept."""

from collections.abc import Iterator, Sequence

import torch

from evalscope.models.checkpoint.columns import Columns
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.reading import Place, Reading, only_at


class WholeReader:
    """Passes through a model that leave nothing behind.

    Args:
        loaded: the model.
        most_tokens: in one pass, padding included; more only where one row has more.
        is_padded: whether rows of different lengths may be read together.
    """

    def __init__(self, loaded: Loaded, most_tokens: int, *, is_padded: bool) -> None:
        self._loaded = loaded
        self._most_tokens = most_tokens
        self._is_padded = is_padded

    def new_columns(self) -> Columns:
        """Columns that stay empty."""
        return Columns(())

    def groups(self, readings: Sequence[Reading]) -> Iterator[list[int]]:
        """Indices of rows that are best read together: alike in length, as many as one pass takes."""
        order = sorted(range(len(readings)), key=lambda index: -len(readings[index].tokens))
        while order:
            longest = len(readings[order[0]].tokens)
            size = max(1, self._most_tokens // longest)
            fitting = [index for index in order[:size] if self._is_padded or len(readings[index].tokens) == longest]
            yield fitting
            order = order[len(fitting) :]

    def passes(
        self, columns: Columns, readings: Sequence[Reading], wanted: Sequence[Place]
    ) -> Iterator[tuple[list[int], torch.Tensor]]:
        """One pass; indices into `wanted`, and (indices, vocabulary), logits in the model's precision."""
        rows = torch.tensor([place.row_index for place in wanted])
        lengths = [len(reading.tokens) for reading in readings]
        positions = torch.tensor([lengths[place.row_index] - 1 - place.behind for place in wanted])
        if self._loaded.has_encoder:
            yield list(range(len(wanted))), self._decoded(readings, rows, positions)
        else:
            yield list(range(len(wanted))), self._logits(rows, positions, self._padded("", readings))

    def _decoded(self, readings: Sequence[Reading], rows: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """What an encoder-decoder says, which has read what stands before the first wanted place of each row."""
        model = self._loaded.model
        starts = [int(positions[rows == row_index].min()) + 1 for row_index in range(len(readings))]
        begin = model.generation_config.decoder_start_token_id
        read = [Reading(tokens=reading.tokens[:start]) for reading, start in zip(readings, starts, strict=True)]
        said = [
            Reading(tokens=(begin, *reading.tokens[start:])) for reading, start in zip(readings, starts, strict=True)
        ]
        arguments = {**self._padded("", read), **self._padded("decoder_", said)}
        return self._logits(rows, positions - torch.tensor(starts)[rows] + 1, arguments)

    def _logits(self, rows: torch.Tensor, at: torch.Tensor, arguments: dict[str, torch.Tensor]) -> torch.Tensor:
        model = self._loaded.model
        with only_at(model, rows, at) as was_asked:
            logits: torch.Tensor = model(**arguments, use_cache=False).logits
        return logits[0] if was_asked else logits[rows.to(logits.device), at.to(logits.device)]

    def _padded(self, kind: str, readings: Sequence[Reading]) -> dict[str, torch.Tensor]:
        """Ids and mask, both (rows, longest row), int64; padding, which nothing looks at, is behind."""
        lengths = [len(reading.tokens) for reading in readings]
        pads = [[self._loaded.pad_id] * (max(lengths) - length) for length in lengths]
        ids = [[*reading.tokens, *pad] for reading, pad in zip(readings, pads, strict=True)]
        mask = [[1] * length + [0] * len(pad) for length, pad in zip(lengths, pads, strict=True)]
        device = self._loaded.model.device
        return {
            f"{kind}input_ids": torch.tensor(ids, device=device),
            f"{kind}attention_mask": torch.tensor(mask, device=device),
        }
