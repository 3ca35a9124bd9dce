"""What answers of textbooks and physics look like: powers of ten, units per time, sets with a condition, prose."""

import pytest

from evalscope.core.sample import Sample
from evalscope.errors import ScoringError
from evalscope.scorers.expressions.forms import read_form
from evalscope.scorers.expressions.match import ExpressionMatch
from evalscope.scorers.expressions.quick import decide
from evalscope.scorers.expressions.values import differ_at_a_point

COLUMN = r"\left[\begin{array}{r} -1 \\ 2 \end{array}\right]"

EQUAL = [
    ("4.5e33", r"4.5 \times 10^{33}"),
    ("4.5e33", r"4.5 \cdot 10^{33}\text{ erg/s}"),
    ("1e-3", "0.001"),
    ("3.e8", "300000000"),
    ("6.5E-2", "0.065"),
    ("-1./3", r"-\frac{1}{3}"),
    (r"6.6 \mathrm{mi} / \mathrm{hr}", "6.6"),
    (r"1 / 4 \mathrm{~m} / \mathrm{s}", "0.25 m/s"),
    (r"3 \sqrt{5} \mathrm{ft} / \mathrm{s}", r"3\sqrt5"),
    ("60 miles per hour", "60 mi/hr"),
    ("60 miles/hour", "60 mph"),
    ("60 ft/sec", "60 feet/s"),
    (r"\{x|-2\leq x < 1\}", "[-2, 1)"),
    (r"\{x \mid x \geq 0\}", r"[0, \infty)"),
    (r"\{x \mid x \geq 0 \text{ and } x \neq 1\}", r"\{x : x \ne 1, x \ge 0\}"),
    ("025", "25"),
    ("221,$8$", r"\{8, 221\}"),
    (r"\cos A = \frac{1}{2}", "0.5"),
    ("5", "a + b = 5"),
    ("x(t) + 1", "1 + x(t)"),
]
DIFFERENT = [
    ("4.5e33", r"4.5 \times 10^{32}"),
    ("2e^3", "2000"),
    ("60 mi/h", "61 mi/h"),
    ("60 mi/h", "60 km/h"),
    (r"60 \mathrm{~m} / \mathrm{s}", "60 m/min"),
    (r"\{x|-2\leq x < 1\}", "(-2, 1)"),
    ("I(0)", "0"),
    ("u(t)", "ut"),
    ("x^2 - y^2 = 1", "1"),
    ("x + y = 3", "3"),
    (f"y = c_1 {COLUMN} e^t", f"y = c_1 {COLUMN.replace('2', '3')} e^t"),
    (f"y = c_1 {COLUMN} e^t", r"I = \cos t"),
    (
        r"\left|\begin{array}{rr}1&2\\3&4\end{array}\right| = -2",
        r"\left|\begin{array}{rr}1&3\\3&4\end{array}\right| = -5",
    ),
]


BY_THE_LIBRARY = [
    (f"y = c_1 {COLUMN} e^t", f"y = c_1 e^t {COLUMN}"),
    (f"y = c_1 {COLUMN} e^t", f"c_1 e^t {COLUMN}"),
    ("x = 2y", r"y = \frac{x}{2}"),
    (f"2 {COLUMN}", f"{COLUMN} + {COLUMN}"),
]


async def credit(scorer, answer, target, **metadata):
    found = scorer(answer, Sample(input="", target=target, id="7", metadata=metadata))
    return (found if hasattr(found, "values") else await found).values["acc"]


@pytest.fixture
async def scorer():
    found = ExpressionMatch()
    yield found
    await found.aclose()


@pytest.mark.parametrize(("target", "answer"), EQUAL)
def test_other_spellings_are_equal_without_the_library(target, answer):
    assert decide(target, answer) is True


@pytest.mark.parametrize(("target", "answer"), DIFFERENT)
async def test_what_only_looks_alike_is_different(scorer, target, answer):
    assert await credit(scorer, answer, target) == 0.0


@pytest.mark.parametrize(("target", "answer"), BY_THE_LIBRARY)
async def test_equations_are_equal_to_the_library_by_what_they_say(scorer, target, answer):
    assert await credit(scorer, answer, target) == 1.0


@pytest.mark.parametrize("text", ["2e", "e2", "2 e^{3}", "5e2x", "1e3_{16}"])
def test_eulers_number_stays_itself(text):
    assert read_form(text).number is None


@pytest.mark.parametrize(
    ("answer", "right"), [("4.24", 1.0), (r"4.1\%", 1.0), ("4.31", 0.0), ("x", 0.0), ("-4.2", 0.0)]
)
async def test_a_number_within_the_samples_tolerance_is_right(scorer, answer, right):
    assert await credit(scorer, answer, "4.2", tolerance="1/10") == right
    assert await credit(scorer, "4.2", "4.2") == 1.0


PROSE = r"concave up on $(0, \heartsuit$ and no where else ("


async def test_a_target_in_prose_is_compared_as_text_only_where_the_benchmark_says_it_may_be_prose(scorer):
    with pytest.raises(ScoringError, match=r"cannot be read|could not be compared"):
        await credit(scorer, "x+1", r"\frac{1}{\heartsuit \spadesuit (}")
    forgiving = ExpressionMatch(has_prose=True, pool=scorer.pool)
    assert await credit(forgiving, "x+1", r"\frac{1}{\heartsuit \spadesuit (}") == 0.0
    assert await credit(forgiving, PROSE, PROSE) == 1.0
    with pytest.raises(ScoringError, match="has no target"):
        forgiving("5", Sample(input="", target="", id="7"))


async def test_a_large_number_beside_logarithms_is_different_at_once(scorer):
    """The library would raise 3 to the power of the number."""
    assert await credit(scorer, "-987654", r"x=\frac{\ln (29)+\ln (3)}{\ln (3)}") == 0.0


def test_values_tell_expressions_apart_but_never_what_may_be_equal():
    import sympy

    x, y = sympy.symbols("x y")
    assert differ_at_a_point(x**2, x**3)
    assert differ_at_a_point(sympy.Eq(x, 5), sympy.Integer(6))
    assert differ_at_a_point(sympy.Eq(y, x + 1), sympy.Eq(y, x + 2))
    unsure = [
        (sympy.sin(x) ** 2 + sympy.cos(x) ** 2, sympy.Integer(1)),
        (sympy.Eq(x, 2 * y), sympy.Eq(y, x / 2)),
        (sympy.Eq(x, 5), sympy.Eq(sympy.Integer(5), x)),
        (sympy.zoo, sympy.Integer(1)),
        (sympy.Integral(x, x), x),
        (sympy.FiniteSet(1, 2), sympy.Integer(1)),
        (sympy.Function("f")(x), x),
        (x**2 + x, x * (x + 1)),
    ]
    assert [pair for pair in unsure if differ_at_a_point(*pair)] == []
