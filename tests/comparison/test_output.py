"""What is shown of a comparison, in every form; hostile answers stay text."""

import re
import sys
from xml.etree import ElementTree

import orjson
import pytest

from evalscope.cli import main
from evalscope.comparison.gate import Check
from evalscope.comparison.harmless import fenced, plain_markdown, shortened
from evalscope.comparison.junit import format_junit
from evalscope.core.hidden import harmless
from tests.comparison.made_runs import Ended, right, write_run

HOSTILE = {
    "ANSI": "\x1b[31mred\x1b[2J",
    "end of CDATA": "]]> <![CDATA[ & <script>alert(1)</script>",
    "NUL": "a\x00b",
    "right to left": "\u202egnp.exe",
    "no character": "\ufffe\uffff",
    "fence": "```\n# out\n`````\n<img src=x onerror=alert(1)>",
    "line separators": "a\u2028b\x85c\rd\x0be",
    "cell": "a | b |\n| c",
    "long line": "x" * 100_000,
    "hidden": "a\u200bb\U000e0041c\x9b31m",
}
ALLOWED_IN_XML = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def runs(request, tmp_path):
    """Two runs one of whose answers is hostile, as is the model's name."""
    evil = request.param
    model = evil[:60]
    paths = [tmp_path / "a", tmp_path / "b"]
    write_run(paths[0], {"gsm8k": [Ended("0", 1.0, text=evil), Ended(evil[:60], 1.0, text=evil)]})
    write_run(paths[1], {"gsm8k": [Ended("0", 0.0, text=evil), Ended(evil[:60], 0.0, text=evil)]}, model=model)
    return [str(path) for path in paths]


def printed(capsys, *words):
    code = main(["compare", *words])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("form", ["table", "markdown", "junit"])
def test_no_answer_acts_on_the_reader(form, runs, capsys):
    code, shown = printed(capsys, *runs, "--output-format", form)
    assert code == 0
    assert not ACTING.search(shown)
    assert all(len(line) < 12_000 for line in shown.split("\n"))


def test_junit_parses_and_says_what_was_found(runs, capsys):
    code, shown = printed(capsys, *runs, "--output-format", "junit", "--min-score", "gsm8k=0.5")
    assert code == 1
    assert ALLOWED_IN_XML.fullmatch(shown)
    root = ElementTree.fromstring(shown)
    assert len(root.findall(".//testcase")) == 2
    (failure,) = root.findall(".//failure")
    assert failure.get("message") == "score 0.0000, at least 0.5 wanted"
    assert "lost: gsm8k main 0" in (failure.text or "")


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
def test_junit_holds_any_text(evil):
    checks = [Check(suite=evil, name=evil, is_passed=is_passed, found=evil) for is_passed in (True, False)]
    shown = format_junit(checks, evil)
    assert ALLOWED_IN_XML.fullmatch(shown)
    (failure,) = ElementTree.fromstring(shown).findall(".//failure")
    assert failure.get("message") == harmless(evil)


def test_json_is_whole(runs, capsys):
    _, shown = printed(capsys, *runs, "--output-format", "json", "--flips", "0")
    (found,) = orjson.loads(shown)["comparisons"]
    texts = {answer["text"] for flip in found["datasets"][0]["lost"] for answer in flip["first"]}
    assert len(found["datasets"][0]["lost"]) == 2
    assert len(texts) == 1
    assert texts <= set(HOSTILE.values())


def test_markdown_lets_nothing_out_of_its_block(tmp_path, capsys):
    evil = HOSTILE["fence"]
    paths = [str(write_run(tmp_path / name, {"gsm8k": [Ended("0", value, text=evil)]}, model=name))
             for name, value in (("a", 1.0), ("b", 0.0))]  # fmt: skip
    _, shown = printed(capsys, *paths, "--output-format", "markdown")
    inside, fence = [], ""
    outside = []
    for line in shown.split("\n"):
        mark = re.match("`{3,}", line)
        if not fence and mark:
            fence = mark.group()
        elif fence and line == fence:
            fence = ""
        else:
            (inside if fence else outside).append(line)
    assert not fence
    assert inside.count("# out") == 2
    assert not [line for line in outside if "onerror" in line and "&#60;" not in line]


def test_half_characters_of_a_folders_name_are_shown_as_escapes(tmp_path, capsys):
    if sys.platform == "win32":
        pytest.skip("names of files are no bytes there")
    paths = [str(write_run(tmp_path / name, {"gsm8k": right(1.0)})) for name in ("a", "b\udcff")]
    for form in ("table", "markdown", "junit", "json"):
        code, shown = printed(capsys, *paths, "--output-format", form)
        assert code == 0
        assert "udcff against a" in shown or '"b\\\\udcff"' in shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc", "a⏎b\\x09c"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\u202e", "\\u202e"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("答案 é 👍", "答案 é 👍"),
    ],
    ids=repr,
)
def test_signs_that_act_become_escapes_and_others_stay(text, expected):
    assert harmless(text) == expected


def test_markdown_is_escaped_in_a_line_and_fenced_in_a_block():
    assert plain_markdown("a|b <i>*x*\n@me") == "a&#124;b &#60;i&#62;&#42;x&#42;⏎&#64;me"
    assert fenced("x ```` y").splitlines() == ["`````text", "x ```` y", "`````"]


def test_long_texts_keep_both_ends():
    assert shortened("a" * 50 + "b" * 50, 10) == "aaaaa […90 signs…] bbbbb"
    assert shortened("a" * 50 + "b" * 50, 10, head=2) == "aa […90 signs…] bbbbbbbb"
    assert shortened("abc", 3) == "abc"


def test_the_terminal_shows_so_many_samples_and_tells_of_the_rest(tmp_path, capsys):
    paths = [str(write_run(tmp_path / name, {"gsm8k": right(*[value] * 7)}, model=name))
             for name, value in (("a", 1.0), ("b", 0.0))]  # fmt: skip
    _, shown = printed(capsys, *paths, "--flips", "2")
    assert shown.count("lost: gsm8k main") == 2
    assert "… and 5 more that gsm8k lost: --output-format json" in shown
    _, none = printed(capsys, *paths, "--flips", "0")
    assert "main" not in none
