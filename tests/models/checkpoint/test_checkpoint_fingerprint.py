import os
import shutil

import pytest

from evalscope.models.checkpoint.fingerprint import CHUNK_BYTES, WHOLE_BELOW_BYTES, fingerprint

HEADER = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'


def write_large(folder, *, patches=()):
    """A sparse weight file just over the limit for whole reading, with bytes set at places."""
    folder.mkdir(exist_ok=True)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(HEADER).to_bytes(8, "little") + HEADER)
        file.truncate(WHOLE_BELOW_BYTES + 2**20)
        for place in patches:
            file.seek(place, os.SEEK_SET if place >= 0 else os.SEEK_END)
            file.write(b"x")
    return fingerprint(folder)


def test_copy_elsewhere_at_another_time_has_the_same_fingerprint(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    for path in copy.iterdir():
        os.utime(path, (1, 1))
    assert fingerprint(copy) == fingerprint(folder)


@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "chat_template.jinja",
        "special_tokens_map.json",
        "adapter_config.json",
        "adapter_model.safetensors",
        "modeling_own.py",
    ],
)
def test_change_of_a_file_that_decides_answers_changes_it(copy, name):
    before = fingerprint(copy)
    with (copy / name).open("a") as file:
        file.write(" ")
    assert fingerprint(copy) != before


def test_one_changed_byte_of_small_weights_changes_it(copy):
    before = fingerprint(copy)
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert fingerprint(copy) != before


@pytest.mark.parametrize("name", ["README.md", "eval_results.json", "training_args.bin"])
def test_file_that_decides_no_answer_does_not_change_it(copy, name):
    before = fingerprint(copy)
    (copy / name).write_text("x")
    assert fingerprint(copy) == before


def test_pickled_weights_count_where_there_are_no_others(copy):
    before = fingerprint(copy)
    (copy / "pytorch_model.bin").write_bytes(b"a")
    assert fingerprint(copy) == before
    (copy / "model.safetensors").unlink()
    before = fingerprint(copy)
    (copy / "pytorch_model.bin").write_bytes(b"b")
    assert fingerprint(copy) != before


def test_renamed_weight_file_changes_it(copy):
    before = fingerprint(copy)
    (copy / "model.safetensors").rename(copy / "model-00001-of-00001.safetensors")
    assert fingerprint(copy) != before


@pytest.mark.parametrize("place", [10, CHUNK_BYTES // 2, -1], ids=["header", "first chunk", "last byte"])
def test_change_within_a_chunk_of_large_weights_changes_it(tmp_path, place):
    assert write_large(tmp_path / "a", patches=[place]) != write_large(tmp_path / "b")


def test_large_weights_are_read_in_chunks_only(tmp_path):
    between = CHUNK_BYTES + 4096  # behind the first chunk, before the second
    assert write_large(tmp_path / "a", patches=[between]) == write_large(tmp_path / "b")
