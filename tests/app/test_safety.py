"""Who may ask what: this host, only reads, nothing beyond the folder, nothing of a model's as code."""

import csv
import io
import os

import pytest
from starlette.testclient import TestClient

from evalscope.app.guard import is_loopback
from evalscope.app.outputs import Outputs
from evalscope.app.server import make_app
from evalscope.app.store import Store
from tests.app.made_up import HOSTILE, hostile_run, plain_run
from tests.app.page import Page

PATHS = (
    "..",
    "../secret",
    "a/../../secret",
    "/etc",
    "a//b",
    "./run",
    "run/.",
    "run/..",
    "%2e%2e/secret",
    "..%2fsecret",
    "%252e%252e%252fsecret",
    "..\\secret",
    "run\0",
    "link_out",
    "",
    "nowhere",
    "x" * 5000,
)


@pytest.mark.parametrize(
    "page", ["/run", "/samples", "/sample", "/compare", "/progress", "/csv/scores", "/charts/scores.svg"]
)
@pytest.mark.parametrize("path", PATHS, ids=[path[:24] for path in PATHS])
def test_a_name_that_leads_out_of_the_folder_is_not_found(client, root, tmp_path, path, page):
    plain_run(root / "run")
    plain_run(tmp_path / "secret")
    (root / "link_out").symlink_to(tmp_path / "secret")
    reply = client.get(f"{page}?run={path}") if "%" in path else client.get(page, params={"run": path})
    assert reply.status_code == (200 if (page, path) == ("/compare", "") else 404)


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/static//etc/passwd"]
)
def test_files_of_the_package_beside_the_static_ones_are_not_served(client, path):
    assert client.get(path).status_code == 404


def test_links_out_of_the_folder_are_neither_listed_nor_read(client, root, tmp_path):
    plain_run(tmp_path / "secret", model="secret-model")
    run = plain_run(root / "run")
    (root / "link").symlink_to(tmp_path / "secret")
    for part in ("predictions", "reviews"):
        (run / part / "n").symlink_to(tmp_path / "secret" / part / "secret-model")
    (run / "reports" / "m" / "stolen.json").symlink_to(tmp_path / "secret/reports/secret-model/gsm8k.json")
    (run / "configs" / "task_config.yaml").unlink()
    (run / "configs" / "task_config.yaml").symlink_to(tmp_path / "secret" / "configs" / "task_config.yaml")
    for path in ("/", "/run?run=run", "/samples?run=run"):
        reply = client.get(path)
        assert reply.status_code == 200
        assert "secret-model" not in reply.text
    assert "10" in Page(client.get("/samples?run=run").text).text


def test_a_pipe_in_place_of_a_file_does_not_hang_the_page(client, root):
    run = plain_run(root / "run")
    os.mkfifo(run / "reports" / "m" / "pipe.json")
    os.mkfifo(run / "reviews" / "m" / "pipe.jsonl")
    assert client.get("/run?run=run").status_code == 200


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1:7860", True),
        ("localhost:7860", True),
        ("[::1]:7860", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.7", False),
        ("", False),
    ],
)
def test_only_this_hosts_own_names_are_answered(client, host, is_own):
    assert client.get("/", headers={"host": host}).status_code == (200 if is_own else 421)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_allowed(client, method):
    assert client.request(method, "/").status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/run?run=run", "/nowhere", "/static/app.js", "/csv/runs", "/charts/scores.svg?run=run"]
)
def test_every_response_forbids_foreign_and_inline_scripts(client, root, path):
    plain_run(root / "run")
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_folder_is_left_as_it_was(client, root):
    plain_run(root / "run")
    plain_run(root / "deep" / "other")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    for path in (
        "/",
        "/run?run=run",
        "/samples?run=run&q=x",
        "/compare?run=run&run=deep/other",
        "/csv/samples?run=run",
    ):
        assert client.get(path).status_code == 200
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@pytest.fixture
def guarded(root, tmp_path):
    outputs = Outputs(root)
    store = Store(outputs, tmp_path / "cache")
    yield TestClient(make_app(outputs, store, host="0.0.0.0", token="s3cret"), base_url="http://192.0.2.7:7860")
    store.close()


def test_another_machine_is_asked_for_the_token_and_keeps_it_as_a_cookie(guarded, root):
    plain_run(root / "run", model="private-model")
    for path in ("/", "/run?run=run", "/csv/runs", "/progress?run=run", "/?token=wrong", "/?token="):
        reply = guarded.get(path)
        assert reply.status_code == 401
        assert "private-model" not in reply.text
    opened = guarded.get("/run?run=run&token=s3cret", follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/run?run=run")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in opened.headers["set-cookie"].split(";")}
    assert "private-model" in guarded.get("/").text


def test_a_name_of_another_site_is_refused_even_where_any_address_may_ask(guarded):
    assert guarded.get("/", headers={"host": "evil.example"}).status_code == 421


def test_signing_in_leads_to_no_other_site(guarded):
    reply = guarded.get("http://192.0.2.7:7860//evil.example/?token=s3cret", follow_redirects=False)
    assert reply.headers["location"] == "/"


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("box", False),
    ],
)
def test_only_loopback_addresses_need_no_token(host, is_own):
    assert is_loopback(host) is is_own


@pytest.fixture
def hostile_pages(client, root) -> list[Page]:
    hostile_run(root / "bad")
    plain_run(root / "good", 12, wrong=range(0, 12, 2))
    fixed = ["/", "/run?run=bad", "/samples?run=bad", "/compare?run=bad&run=good", "/samples?run=bad&q=<script>&in=all"]
    listed = Page(client.get("/samples?run=bad").text)
    own = [href for href in listed.values("href") if href.startswith("/sample?")]
    assert len(own) == len(HOSTILE)
    replies = [client.get(path) for path in [*fixed, *own]]
    assert {reply.status_code for reply in replies} == {200}
    return [Page(reply.text) for reply in replies]


def test_what_a_model_says_is_text_and_never_a_tag(hostile_pages):
    for page in hostile_pages:
        assert page.tags.count("script") == 1
        assert page.values("src") == ["/static/app.js"]
        assert not {"img", "iframe", "object", "embed", "base", "textarea"} & set(page.tags)
        assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
        leading_out = [url for url in page.values("href") if not url.startswith(("/", "#"))]
        assert all(url.startswith(("http://", "https://")) for url in leading_out)
        assert page.values("rel").count("noopener noreferrer nofollow") == len(leading_out)


def test_signs_that_hide_turn_or_command_are_shown_by_name(client, hostile_pages):
    text = "".join(page.text for page in hostile_pages)
    assert not {"\x00", "\x1b", "\u202e", "\u2066"} & set(text)
    for shown in ("⟦U+001B⟧[31m", "⟦U+202E⟧gnp.exe", "NUL ⟦U+0000⟧ inside", "{{ 7 * 7 }}"):
        assert shown in text


def test_no_cell_of_a_csv_file_is_a_formula(client, root):
    hostile_run(root / "bad")
    rows = list(csv.DictReader(io.StringIO(client.get("/csv/samples?run=bad").text.removeprefix("\ufeff"))))
    assert len(rows) == len(HOSTILE)
    replies = [row["reply"] for row in rows]
    assert '\'=HYPERLINK("http://evil.invalid", "x")' in replies
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+@\t")]


def test_a_chart_of_hostile_names_is_an_image_without_scripts(client, root):
    hostile_run(root / "bad")
    for name in ("scores", "treemap"):
        reply = client.get(f"/charts/{name}.svg?run=bad")
        assert reply.headers["content-type"].startswith("image/svg+xml")
        assert "script" not in Page(reply.text).tags
