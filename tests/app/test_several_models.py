"""Several models in one run's folder are runs of their own: nothing of one is shown or compared as another's."""

import csv
import io

import pytest

from tests.app.made_up import make_run, plain_run
from tests.app.page import Page
from tests.reports.made_up import make_report, make_row


def add_model(root, model, folder, wrong):
    """The rows and the report of a model more, in the run that is there."""
    other = plain_run(root.parent / f".{folder}", 40, wrong=wrong, model=folder)
    for part in ("predictions", "reviews", "reports"):
        (other / part / folder).rename(root / part / folder)
    (root / "reports" / folder / "gsm8k.json").unlink()
    make_run(root.parent / f".{folder}_named", model=folder, reports=[make_report(make_row(score=0.75), model=model)])
    (root.parent / f".{folder}_named/reports/{folder}/gsm8k.json").rename(root / "reports" / folder / "gsm8k.json")


@pytest.fixture
def both(root):
    """A run of two models, the second of which has a name that no folder can have."""
    plain_run(root / "both", 40, wrong=range(10), model="base")
    add_model(root / "both", "tuned:7b", "tuned_7b", [0, 1, 20])
    return root / "both"


def rows(client, path):
    return list(csv.DictReader(io.StringIO(client.get(path).text.removeprefix("\ufeff"))))


def test_models_of_one_run_are_compared_with_each_other(client, both):
    (row,) = rows(client, "/csv/differences?run=both")
    found = [row[name] for name in ("first", "later", "num", "better", "worse")]
    assert found == ["base", "tuned:7b", "40", "8", "1"]
    flipped = {int(row["sample_id"]) for row in rows(client, "/csv/flips?run=both")}
    assert flipped == {2, 3, 4, 5, 6, 7, 8, 9, 20}


def test_one_model_of_a_run_is_compared_with_another_run(client, root, both):
    plain_run(root / "third", 40, wrong=[], model="third")
    (row,) = rows(client, "/csv/differences?run=third&run=both%40tuned_7b")
    assert [row[name] for name in ("later", "num", "better", "worse")] == ["tuned:7b", "40", "0", "3"]
    assert client.get("/compare?run=third&run=both%40nobody").status_code == 404


def test_a_folder_with_an_at_sign_is_no_model(client, root):
    for name in ("run", "run@base"):
        plain_run(root / name, 10, model="base")
    (row,) = rows(client, "/csv/differences?run=run&run=run%40base")
    assert (row["first"], row["later"], row["num"]) == ("base · run", "base · run@base", "10")


def test_a_flipped_sample_opens_with_the_answer_of_its_own_model(client, both):
    links = [href for href in Page(client.get("/compare?run=both&way=worse").text).values("href") if "/sample?" in href]
    said = [" ".join(Page(client.get(link).text).text.split()) for link in links]
    assert len(said) == 2
    assert "base gsm8k" in said[0]
    assert "ANSWER: 4" in said[0]
    assert "tuned:7b gsm8k" in said[1]
    assert "ANSWER: 5" in said[1]


def test_every_model_has_its_own_line_and_can_be_chosen(client, both):
    page = Page(client.get("/").text)
    assert {"both@base", "both@tuned_7b"} <= set(page.values("value"))
    filtered = Page(client.get("/?model=tuned:7b").text)
    assert [value for value in filtered.values("value") if value.startswith("both")] == ["both@tuned_7b"]
    assert "0.75" in filtered.text


def test_the_run_shows_each_model_apart(client, both):
    page = Page(client.get("/run?run=both").text)
    for name in ("gsm8k · base", "gsm8k · tuned:7b"):
        assert page.text.count(name) >= 3  # the table, the areas, the classes
    own = [href for href in page.values("href") if href.startswith("/samples?") and "model=tuned_7b" in href]
    assert own
    wrong = next(href for href in own if "outcome=wrong" in href)
    assert client.get(wrong).text.count("data-step") == 3
