"""Lists of benchmarks by tag."""

import pytest

from evalscope.cli.benchmarks import main
from evalscope.errors import ConfigError


def names(capsys, tag):
    assert main(["--tag", tag]) == 0
    return [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]


@pytest.mark.parametrize("tag", ["mathematics", "math", "Math"])
def test_a_tag_is_found_by_how_it_begins(capsys, tag):
    found = names(capsys, tag)
    assert {"gsm8k", "math_500", "aime24", "cmath"} <= set(found)
    assert not {"arc", "humaneval"} & set(found)


def test_a_whole_tag_lists_its_benchmarks_alone(capsys):
    assert {"piqa", "winogrande", "hellaswag"} <= set(names(capsys, "commonsense"))


@pytest.mark.parametrize("tag", ["maths", "ath"])
def test_an_unknown_tag_is_refused_with_the_known_ones(tag):
    with pytest.raises(ConfigError, match=r"no benchmark has the tag .*mathematics"):
        main(["--tag", tag])
