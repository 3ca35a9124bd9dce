"""Digests of records: what changes them, and what does not."""

import subprocess
import sys
from types import MappingProxyType

import pytest

from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.errors import DatasetError
from evalscope.sources.digest import digest


def sample(**changes):
    return Sample(**{"id": "7", "subset": "s", "input": "q", "target": "B", "choices": ("w", "x", "y", "z"), **changes})


def digested(**changes) -> bytes:
    return digest(sample(**changes), "", has_id=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "8"},
        {"input": "other"},
        {"target": "A"},
        {"target": ("B",)},
        {"choices": ("w", "x", "z", "y")},
        {"choices": ()},
        {"input": (Message("user", "q"),)},
        {"wording": "zh"},
        {"category": "c"},
        {"group": "g"},
        {"metadata": {"test": "assert f(1) == 2"}},
    ],
    ids=str,
)
def test_everything_that_a_benchmark_takes_from_a_record_goes_into_its_digest(changes):
    assert digested() != digested(**changes)


def test_where_a_record_stands_stays_out_of_its_digest():
    assert digested() == digested(subset="t")
    assert digest(sample(), "", has_id=False) == digest(sample(id="8"), "", has_id=False)


def test_fields_in_another_order_are_the_same_record():
    assert digested(metadata={"a": 1, "b": {"c": 2, "d": 3}}) == digested(metadata={"b": {"d": 3, "c": 2}, "a": 1})


class Odd:
    """Its repr is an address."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"big": 2**80}, {"big": 2**80 + 1}),
        ({"words": {"b", "a", "c"}}, {"words": {"a", "c"}}),
        ({"mapping": MappingProxyType({"a": 1})}, {"mapping": MappingProxyType({"a": 2})}),
        ({"half": "\ud800"}, {"half": "\ud801"}),
    ],
    ids=["a number of 80 bits", "a set", "a mapping that is no dict", "half a pair"],
)
def test_whatever_a_benchmark_keeps_can_be_digested(one, other):
    assert digested(metadata=one) == digested(metadata=dict(one)) != digested(metadata=other)


def test_an_objects_address_stays_out_of_the_digest():
    assert digested(metadata={"of": Odd()}) == digested(metadata={"of": Odd()})


SCRIPT = """
from evalscope.core.sample import Sample
from evalscope.sources.digest import digest
print(digest(Sample(input="q", target="A", metadata={"words": set("abcdefgh")}), "", has_id=True).hex())
"""


def test_a_set_is_digested_alike_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_a_target_that_is_no_text_is_told():
    with pytest.raises(DatasetError, match="a:1: the sample's input, target or choices are no text"):
        digest(sample(target=object()), "a:1", has_id=True)
