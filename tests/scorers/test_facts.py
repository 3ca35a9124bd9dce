"""A number in a reply: written with separators or wide digits, and never a part of a longer one."""

import pytest

from evalscope.core.sample import Sample
from evalscope.scorers.facts import HoldsFact

CASES = {
    "alone": ("48213", 1.0),
    "in a sentence": ("The code is 48213.", 1.0),
    "in Chinese": ("密码是48213。", 1.0),
    "bold": ("It is **48213**!", 1.0),
    "with a comma": ("48,213", 1.0),
    "with a space": ("48 213", 1.0),
    "in wide digits": ("答案：４８２１３", 1.0),
    "part of a longer number": ("148213", 0.0),
    "with another digit behind it": ("482131", 0.0),
    "another number": ("48214", 0.0),
    "cut off": ("The code is 482", 0.0),
    "a refusal": ("I cannot find it.", 0.0),
    "nothing": (None, 0.0),
    "empty": ("", 0.0),
}


@pytest.mark.parametrize(("answer", "credit"), CASES.values(), ids=CASES.keys())
def test_an_answer_is_right_when_it_holds_the_number(answer, credit):
    assert HoldsFact()(answer, Sample(input="", target="48213")).values == {"acc": credit}
