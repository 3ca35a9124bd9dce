"""What weights a folder holds, as one short text."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "adapter_config.json",
    "tokenizer*",
    "special_tokens*",
    "added_tokens*",
    "vocab.*",
    "merges.txt",
    "*.model",
    "chat_template*",
    "additional_chat_templates/*",
    "*.index.json",
    "*.py",  # code that comes with the model decides its answers too
)
WEIGHT_FILES = ("*.safetensors",)
PICKLED_WEIGHT_FILES = ("pytorch_model*.bin", "adapter_model.bin")
"""Read only where there are no others."""

WHOLE_BELOW_BYTES = 256 * 2**20
NUM_CHUNKS = 64
CHUNK_BYTES = 64 * 2**10


def fingerprint(folder: Path) -> str:
    """32 hexadecimal digits that stay the same when the folder is moved, copied or touched.

    Names, sizes and contents of the files that decide answers go in: configuration, tokenizer, template, code and
    weights, adapters included. Weights of more than 256 MB in all are not read whole, for a start would take minutes:
    of each file only the safetensors header (names, shapes and places of all tensors) and 64 evenly spaced chunks of
    64 KiB are. What that misses is a change of values that lies wholly between the chunks, in files whose sizes stay
    the same: a few edited numbers, or one patched layer of a large model. Any training step moves nearly every value
    and is seen.

    Raises:
        OSError: a file cannot be read.
    """
    weights = tuple(_matching(folder, WEIGHT_FILES)) or tuple(_matching(folder, PICKLED_WEIGHT_FILES))
    is_whole = sum(path.stat().st_size for path in weights) <= WHOLE_BELOW_BYTES
    digest = hashlib.blake2b(digest_size=16)
    for path in (*_matching(folder, SMALL_FILES), *weights):
        content = _whole(path) if is_whole or path not in weights else _parts(path)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0{content}\n".encode())
    return digest.hexdigest()


def text_digest(text: str) -> str:
    """16 hexadecimal digits for a text, such as a chat template."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _matching(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    """The folder's files that match, each once, in the order of their names."""
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _whole(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parts(path: Path) -> str:
    size_bytes = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little") if path.suffix == ".safetensors" else 0
        digest.update(file.read(min(header_bytes, size_bytes)))
        for chunk_index in range(NUM_CHUNKS):
            file.seek(max(0, size_bytes - CHUNK_BYTES) * chunk_index // (NUM_CHUNKS - 1))
            digest.update(file.read(CHUNK_BYTES))
    return digest.hexdigest()
