"""Every page in a real browser: no error, nothing serious for axe, no request beyond this machine."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")
pytest.importorskip("duckdb")

import uvicorn
from filelock import FileLock
from playwright.sync_api import Browser, Page, Request, sync_playwright

from evalscope import run_task
from evalscope.app.outputs import Outputs
from evalscope.app.server import _listening, make_app
from evalscope.app.store import Store
from evalscope.reports.html import write_page
from evalscope.runs.folder import RunFolder
from tests.app.made_up import HOSTILE, end, hostile_run, make_run, prediction, review
from tests.servers.running import running_stub

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (apt-get install chromium)"),
]

MODELS = {"alpha": 0.5, "beta": 0.8, "gamma": 0.9}
WAYS = ((390, "light", "en"), (390, "dark", "zh"), (1440, "light", "zh"), (1440, "dark", "en"))
"""Each two of width, colours and language meet in one of them."""


@pytest.fixture(scope="module")
def root(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real runs of three models and two data sets, one of two models, a hostile one, and one that is written."""
    root = tmp_path_factory.mktemp("dashboard") / "outputs"
    known = ["--gsm8k", data / "gsm8k/test.jsonl", "--reasoning", "--share-rambling", 0.1]
    for subset in ("ARC-Easy", "ARC-Challenge"):
        known += ["--arc", data / "arc" / subset / f"{subset}-Test.jsonl"]
    args = {name: {"local_path": str(data / name)} for name in ("gsm8k", "arc")}
    for model, share in MODELS.items():
        with running_stub(*known, "--p-correct", share) as stub:
            task = {"model": model, "api_url": stub.url, "datasets": list(args), "dataset_args": args}
            run_task({**task, "work_dir": str(root / "deep"), "run_name": model, "quiet": True})
        end(root / "deep" / model)
    hostile_run(root / "hostile")
    (root / "several").mkdir()
    for part in ("predictions", "reviews", "reports"):
        for model in ("alpha", "beta"):
            shutil.copytree(root / "deep" / model / part / model, root / "several" / part / model)
    end(root / "several")
    make_run(root / "live", [prediction(i) for i in range(3)], [review(i) for i in range(3)], reports=[])
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    """A dashboard over these runs."""
    store = Store(Outputs(root), root.parent / "cache")
    config = uvicorn.Config(make_app(Outputs(root), store), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    with FileLock(root / "live" / ".lock"), _listening("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Watched:
    """A page whose complaints and requests are written down."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def assert_quiet(self, address: str) -> None:
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith((address, f"blob:{address}"))] == []


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield Watched(context.new_page())
    context.close()


PAGES = {
    "runs": "/",
    "filtered": "/?model=alpha",
    "run": "/run?run=deep%2Falpha",
    "live": "/run?run=live",
    "samples": "/samples?run=deep%2Falpha&outcome=wrong",
    "sample": "/sample?run=deep%2Falpha&of=alpha&data=gsm8k&part=main&id=0&at=0",
    "several": "/run?run=several",
    "models of one run": "/compare?run=several",
    "compare": "/compare?run=deep%2Falpha&run=deep%2Fbeta&run=deep%2Fgamma",
    "hostile run": "/run?run=hostile",
    "hostile samples": "/samples?run=hostile",
    "not found": "/run?run=none",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_is_fit_for_every_screen_language_and_reader(browser, address, path):
    axe = (Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js").read_text()
    for width, scheme, language in WAYS:
        locale = {"en": "en-US", "zh": "zh-CN"}[language]
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
        watched = Watched(context.new_page())
        watched.page.goto(address + path)
        watched.page.wait_for_load_state("load")
        assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, "too wide")
        assert watched.page.evaluate("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[language]
        # the page's own policy forbids scripts of others, so axe comes in beside it
        watched.page.evaluate(axe)
        found = watched.page.evaluate("axe.run()")["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}
        ]
        assert serious == [], (width, scheme, language)
        complaints = [said for said in watched.complaints if "404" not in said]
        assert complaints == []
        assert [url for url in watched.requests if not url.startswith(address)] == []
        context.close()


@pytest.fixture(scope="module")
def report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that a run leaves, apart from everything else."""
    return Path(shutil.copy(root / "deep/alpha/reports/report.html", tmp_path_factory.mktemp("alone")))


def test_the_report_is_fit_for_every_screen_language_and_reader(browser, report):
    axe = (Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js").read_text()
    for width, scheme, language in WAYS:
        locale = {"en": "en-US", "zh": "zh-CN"}[language]
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
        watched = Watched(context.new_page())
        watched.page.goto(report.as_uri())
        assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, "too wide")
        heading = {"en": "How samples ended", "zh": "样本结果分布"}
        assert {name for name, words in heading.items() if watched.page.get_by_role("heading", name=words).count()} == {
            language
        }
        watched.page.locator(".sample summary").first.click()
        watched.page.evaluate(axe)
        found = watched.page.evaluate("axe.run()")["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}
        ]
        assert serious == [], (width, scheme, language)
        assert watched.complaints == []
        assert watched.requests == [report.as_uri()]
        context.close()


def test_samples_of_the_report_are_filtered_searched_and_stepped_through(watched, report):
    page = watched.page
    page.goto(report.as_uri())
    every = page.locator(".sample").count()
    page.locator("[name=outcome]").select_option("wrong")
    wrong = page.locator(".sample:not([hidden])").count()
    assert 0 < wrong < every
    page.locator("[name=q]").fill("no text holds this")
    assert page.locator(".sample:not([hidden])").count() == 0
    assert page.get_by_text("No sample matches.").is_visible()
    page.locator("[name=q]").fill("")
    page.locator("h1").click()
    for _ in range(2):
        page.keyboard.press("j")
    shown = page.locator(".sample[open]")
    assert shown.count() == 1
    assert shown.get_attribute("data-outcome") == "wrong"
    linked = page.url
    assert linked.endswith(f"#{shown.get_attribute('id')}")
    page.goto("about:blank")
    page.goto(linked)
    assert page.locator(".sample[open]").get_attribute("id") == linked.rpartition("#")[2]


def test_the_report_can_be_read_without_a_script(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert not page.locator(".filters").is_visible()
    page.locator(".sample summary").first.click()
    assert page.locator(".sample .bubble").first.is_visible()
    page.get_by_text("中文").click()
    assert page.get_by_role("heading", name="样本结果分布").is_visible()
    context.close()


def test_no_hostile_answer_acts_in_the_report(watched, hostile_report):
    watched.page.goto(hostile_report.as_uri())
    for summary in watched.page.locator("summary").all():
        summary.click()
    assert watched.page.evaluate("window.pwned") is None
    assert watched.complaints == []
    assert watched.requests == [hostile_report.as_uri()]


@pytest.fixture
def hostile_report(tmp_path: Path) -> Path:
    """The page of a run in which everything is hostile."""
    folder = RunFolder(hostile_run(tmp_path / "hostile"), is_new=False)
    write_page(folder)
    return folder.html_report


def test_no_hostile_answer_acts(watched, address):
    for index in range(len(HOSTILE)):
        watched.page.goto(f"{address}/samples?run=hostile")
        watched.page.locator("[data-step]").nth(index).click()
        for summary in watched.page.locator("summary").all():
            summary.click()
        assert watched.page.evaluate("window.pwned") is None
    watched.assert_quiet(address)


def test_keys_walk_through_list_and_samples(watched, address):
    page = watched.page
    page.goto(f"{address}/samples?run=deep%2Falpha&dataset=gsm8k")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**id=1&**")
    page.keyboard.press("j")
    page.wait_for_url("**id=2&**")
    page.keyboard.press("k")
    page.wait_for_url("**id=1&**")
    page.go_back()
    page.goto(f"{address}/samples?run=deep%2Falpha&dataset=gsm8k")
    page.locator("[name=q]").press("j")
    assert page.locator("[name=q]").input_value() == "j"
    watched.assert_quiet(address)


def test_charts_are_saved_as_pictures(watched, address, tmp_path):
    page = watched.page
    page.goto(f"{address}/run?run=deep%2Falpha")
    with page.expect_download() as saved:
        page.locator("[data-png]").first.click()
    saved.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with page.expect_download() as saved:
        page.get_by_text("Save as SVG").first.click()
    saved.value.save_as(tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_text().startswith("<svg ")
    watched.assert_quiet(address)


def test_runs_are_chosen_and_compared_without_a_script(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    for model in ("alpha", "beta"):
        page.get_by_label(f"choose deep/{model}").check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    assert "McNemar, exact" in page.inner_text("main")
    page.get_by_role("link", name="中文").click()
    assert "配对差值" in page.inner_text("main")
    context.close()


def test_a_run_that_goes_on_renews_its_page(watched, address, browser):
    page = watched.page
    with page.expect_response(lambda reply: "/progress" in reply.url, timeout=10_000) as reply:
        page.goto(f"{address}/run?run=live")
    assert json.loads(reply.value.text())["scored"] == 3
    watched.assert_quiet(address)
