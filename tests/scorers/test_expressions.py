import subprocess
import sys
from inspect import isawaitable

import pytest

from evalscope.core.sample import Sample
from evalscope.errors import MissingDependency, ScoringError
from evalscope.scorers.expressions import match
from evalscope.scorers.expressions.match import ExpressionMatch
from evalscope.scorers.expressions.quick import decide
from evalscope.workers import WorkerPool
from tests.scorers.expression_cases import DIFFERENT, EQUAL

SLOW = (r"\sin(2^{99999999999})", r"\sin(3^{99999999999})")
"""Nothing that can be computed."""


def asking(*targets):
    return Sample(input="?", target=targets[0] if len(targets) == 1 else targets, id="7")


async def score(scorer, answer, *targets):
    found = scorer(answer, asking(*targets))
    return await found if isawaitable(found) else found


@pytest.fixture(scope="module")
def scorer():
    import asyncio

    found = ExpressionMatch()
    yield found
    asyncio.run(found.aclose())


def named(pairs):
    return pytest.mark.parametrize(
        ("target", "answer"), pairs, ids=[f"{target} ~ {answer}" for target, answer in pairs]
    )


@named(EQUAL)
async def test_an_equal_answer_is_right(scorer, target, answer):
    assert (await score(scorer, answer, target)).values == {"acc": 1.0}


@named(DIFFERENT)
async def test_another_answer_is_wrong(scorer, target, answer):
    assert (await score(scorer, answer, target)).values == {"acc": 0.0}


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("x^2", "x^3"),
        (r"\sqrt{2}", r"\sqrt{3}"),
        ("(1,2)", "(2,1)"),
        ("1, 2", "1, 3"),
        ("[1,2]", "(1,2)"),
        ("x = 5", "y = 5"),
        (r"\frac{1}{3}", "0.333333"),
    ],
    ids=["powers", "roots", "tuples", "lists", "intervals", "equations", "a rounded third"],
)
def test_the_fast_path_calls_different_only_what_is_plain(target, answer):
    assert decide(target, answer) is None


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("18", "1800"),
        ("0.5", r"\frac{1}{3}"),
        ("3:1", "3"),
        ("2112_6", "2112"),
        (r"9\text{ a.m.}", "9"),
        ("even", "odd one"),
    ],
    ids=["numbers", "fractions", "a ratio", "a numeral", "a time", "words"],
)
def test_the_library_is_not_asked_about_numbers_and_what_is_no_expression(target, answer):
    assert decide(target, answer) is False


@pytest.mark.parametrize(
    "answer",
    ["", "  ", "$$", "\\", "{", "}",
     "\\frac", "\\frac{1}", "\\frac{1}{0}", "1/0", "0^{-1}", "(((((", ")", "^", "_", "1,,2", ",",
     "\\begin{pmatrix}", "\\boxed{", "\\text{", "x" * 1500, "{" * 1500, "(" * 1500, "9" * 1900, "\\sqrt[0]{2}",
     "\x00", "\ud800", "\u2028", "1" + "^2" * 400, "=" * 300, "a=" * 300, "\\pm" * 100],
    ids=lambda answer: answer[:12].encode("unicode_escape").decode() + f" ({len(answer)})",
)  # fmt: skip
async def test_a_torn_or_huge_answer_is_wrong_and_breaks_nothing(scorer, answer):
    assert (await score(scorer, answer, r"\frac{7}{3}")).values == {"acc": 0.0}


async def test_no_answer_is_wrong_and_unparsed(scorer):
    found = await score(scorer, None, "5")
    assert (found.values, found.answer) == ({"acc": 0.0}, None)


async def test_an_answer_equal_to_one_of_several_targets_is_right(scorer):
    assert (await score(scorer, "1", "-2, 1", "1")).values["acc"] == 1.0
    assert (await score(scorer, "1, -2", "-2, 1", "1")).values["acc"] == 1.0
    assert (await score(scorer, "3", "-2, 1", "1")).values["acc"] == 0.0


@pytest.mark.parametrize("answers", [(r"\frac12", "0.5", "1/2"), ("x+1", "1 + x"), ("1, 2", r"\{2,1\}"), ("5 cm", "5")])
async def test_answers_that_mean_the_same_have_the_same_vote(scorer, answers):
    votes = {(await score(scorer, answer, "7")).vote for answer in answers}
    assert len(votes) == 1


async def test_votes_of_other_answers_differ(scorer):
    votes = {(await score(scorer, answer, "7")).vote for answer in ("(1,2)", "(2,1)", "[1,2]", "1", "2", "18", "1800")}
    assert len(votes) == 7


@pytest.mark.parametrize("targets", [("",), ("  ",), ("", "")])
async def test_a_sample_without_a_target_is_an_error_not_a_zero(scorer, targets):
    with pytest.raises(ScoringError, match="sample 7 has no target"):
        await score(scorer, "5", *targets)


async def test_a_target_that_nobody_can_read_is_an_error_unless_the_answer_is_it(scorer):
    target = r"\frac{1}{\heartsuit \spadesuit (}"
    assert (await score(scorer, target, target)).values["acc"] == 1.0
    with pytest.raises(ScoringError, match=r"cannot be read|could not be compared"):
        await score(scorer, "x+1", target)


@pytest.mark.parametrize(
    ("target", "answer"), [SLOW, ("7", "10^{10^{10}}"), ("7", "((10^9)!)!")], ids=["sines", "tower", "factorials"]
)
async def test_a_comparison_that_takes_too_long_is_an_error_not_a_zero(target, answer):
    scorer = ExpressionMatch(pool=WorkerPool("evalscope.scorers.expressions.worker", limit_s=1.0, num_workers=1))
    with pytest.raises(ScoringError, match=r"could not be compared.*longer than 1 s|too much memory|Error"):
        await score(scorer, answer, target)
    assert (await score(scorer, "x^2 - 1", "(x-1)(x+1)+0")).values["acc"] == 1.0
    await scorer.aclose()


def test_a_missing_library_is_said_before_anything_is_asked(monkeypatch):
    ExpressionMatch().check()
    monkeypatch.setattr(match, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"comparing expressions .*evalscope\[math\]"):
        ExpressionMatch().check()


def test_the_library_is_never_loaded_in_the_users_process():
    code = (
        "import asyncio, sys\n"
        "from evalscope.core.sample import Sample\n"
        "from evalscope.scorers.expressions.match import ExpressionMatch\n"
        "scorer = ExpressionMatch()\n"
        "scorer.check()\n"
        "async def ask():\n"
        "    found = await scorer('x^2', Sample(input='', target='x^3', id='1'))\n"
        "    await scorer.aclose()\n"
        "    return found\n"
        "print(asyncio.run(ask()).values, 'sympy' in sys.modules, 'math_verify' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "{'acc': 0.0} False False"
    assert done.stderr == ""
