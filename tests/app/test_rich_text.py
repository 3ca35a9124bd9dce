"""Markdown and formulas, and where in them the answer stands."""

import re

import pytest

from evalscope.app.cells import cell
from evalscope.app.rich_text import formula, render
from evalscope.core.hidden import named
from evalscope.reports.marked import find_answer, mark_raw


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and `code`", "<strong>bold</strong> and <code>code</code>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
        ("$x^2$", "<msup>"),
        ("\\(y_1\\)", "<msub>"),
        ("$$\\frac{1}{2}$$", "<mfrac>"),
        ("\\[\n\\sqrt{2}\n\\]", "<msqrt>"),
        ("It costs $5 and $6 here", "It costs $5 and $6 here"),
        ("<b>no tag</b>", "&lt;b&gt;no tag&lt;/b&gt;"),
        ("```\n<script>\n```", "<code>&lt;script&gt;"),
        ("```<img src=x>\ncode\n```", "code"),
        ("[a](http://x.example/)", 'href="http://x.example/"'),
    ],
)
def test_what_models_write_is_rendered(text, html):
    assert html in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](vbscript:x)",
        "[a](data:text/html,x)",
        "[a](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[a](/csv/runs)",
        "[a](//evil.invalid)",
        "![a](http://evil.invalid/x.png)",
        "[a]: javascript:alert(1)\n\n[a]",
        '```"><img src=x onerror=alert(1)>\ncode\n```',
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{position:fixed}{x}$",
        '$\\class{"><img src=x>}{x}$',
        '$\\color{red"onload=alert(1)}{x}$',
        "$\\htmlId{x}{y} \\mathrm{<iframe>}$",
    ],
)
def test_nothing_of_it_can_act(text):
    html = render(text)
    tags = set(re.findall(r"<([a-zA-Z][\w-]*)", html))
    assert not tags & {"script", "img", "iframe", "svg", "object", "style"}
    for attribute in re.findall(r"<[^>]*?\s(on\w+|style|src)=", html):
        raise AssertionError(attribute)
    assert not re.findall(r'href="(?!https?://)', html)


@pytest.mark.parametrize(
    "source", ["{" * 3000, "\\frac{" * 400, "\\left(" * 300, "^_^_", "\\begin{matrix}", "&&&", "\\", "", "x" * 5000]
)
def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written(source):
    written = formula(source, is_block=False)
    assert "<script" not in written
    assert written.startswith(("<math", '<code class="formula">'))


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("4, no, 14, so 4", "4", "so 4"),
        ("ANSWER: 1,234", "1234", "1,234"),
        ("3.14 and 3", "3", "and 3"),
        ("A is wrong. ANSWER: A", "A", ": A"),
        ("Apple", "A", None),
        ("nothing", "4", None),
        ("(x+1)^2", "(x+1)^2", "(x+1)^2"),
        ("it is 4.", "4", "is 4"),
        ("选B。", "B", None),
        ("", "4", None),
        ("4", "", None),
    ],
)
def test_the_answer_is_found_where_it_last_stands_alone(text, answer, found):
    span = find_answer(text, answer)
    assert span is None if found is None else span and text[: span[1]].endswith(found)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("so **4**", "<strong><mark>4</mark></strong>"),
        ("`4`", "<code><mark>4</mark></code>"),
        ("first 4\n\n- then 4", "<li>then <mark>4</mark></li>"),
        ("$\\boxed{4}$", "<mark><math"),
    ],
)
def test_the_last_answer_is_marked_once(text, html):
    rendered = render(text, "4")
    assert html in rendered
    assert rendered.count("<mark>") == 1


def test_raw_text_is_escaped_around_its_mark():
    assert mark_raw("<b> 4 </b>", "4") == "&lt;b&gt; <mark>4</mark> &lt;/b&gt;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[0m\x00\x7f", "⟦U+001B⟧[0m⟦U+0000⟧⟦U+007F⟧"),
        ("a\u202eb\u2066c\u200fd\ufeff", "a⟦U+202E⟧b⟦U+2066⟧c⟦U+200F⟧d⟦U+FEFF⟧"),
        ("tab\tline\nend\r", "tab\tline\nend\r"),
        ("👩‍🔬 می‌خواهم", "👩‍🔬 می‌خواهم"),
    ],
)
def test_hidden_signs_are_named(text, shown):
    assert named(text) == shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-2", "-2"),
        ("-2+3", "'-2+3"),
        ("@x", "'@x"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("x=1", "x=1"),
        ("-1,234.5%", "-1,234.5%"),
    ],
)
def test_formulas_of_spreadsheets_are_disarmed(text, written):
    assert cell(text) == written
