"""Every phrase has its Chinese, and a language or theme once chosen stays."""

import re
from pathlib import Path

import pytest

import evalscope.app
from evalscope.app.words import CHINESE, preferred
from evalscope.core.score import Outcome
from evalscope.reports.words import CLASSES
from tests.app.made_up import plain_run

APP = Path(evalscope.app.__file__).parent
REPORTS = APP.parent / "reports"


def test_every_phrase_of_the_templates_has_its_chinese():
    found = set(CLASSES.values())
    for path in (APP / "templates").iterdir():
        found |= set(re.findall(r"""(?:_|say)\((?:"([^"]+)"|'[^']+')\)""", path.read_text())) - {""}
    found |= set(re.findall(r"""\bt\("([^"]+)"\)""", (REPORTS / "page" / "page.html.jinja").read_text()))
    assert len(found) > 60
    assert not found - set(CHINESE)


def test_no_chinese_is_left_over():
    text = "".join(
        path.read_text()
        for folder in (APP, REPORTS)
        for path in folder.rglob("*")
        if path.suffix in {".html", ".jinja", ".py"} and path.name != "words.py"
    )
    left = {phrase for phrase in CHINESE if f'"{phrase}"' not in text and f"'{phrase}'" not in text}
    assert left - set(CLASSES.values()) - {"user", "assistant", "system"} == set()


def test_every_class_has_its_words():
    assert set(Outcome) <= set(CLASSES)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB", "en"), ("fr, zh-TW;q=0.5", "zh"), ("", "en"), ("zzz;;;,", "en")],
)
def test_the_browser_decides_the_first_language(accepted, language):
    assert preferred(accepted) == language


def test_a_language_in_the_address_is_kept(client, root):
    plain_run(root / "run")
    assert "运行" in client.get("/?lang=zh").text
    page = client.get("/run?run=run").text
    assert 'lang="zh-CN"' in page
    assert "样本结果分布" in page
    assert "Runs" in client.get("/?lang=en").text
    assert 'lang="en"' in client.get("/?lang=nonsense").text


def test_a_theme_in_the_address_is_kept(client):
    assert 'data-theme="dark"' in client.get("/?theme=dark").text
    assert 'data-theme="dark"' in client.get("/").text
    assert "data-theme" not in client.get("/?theme=auto").text
    assert "data-theme" not in client.get("/").text
