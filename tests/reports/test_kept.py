"""Templates are compiled once for each user, and never taken from where others could have put them."""

import pytest
from jinja2 import DictLoader, Environment

from evalscope.reports.kept import kept_templates


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "evalscope" / "templates"


def rendered(monkeypatch) -> int:
    """How often the template is compiled to be rendered."""
    compiled = []
    environment = Environment(loader=DictLoader({"page": "{{ 6 * 7 }}"}), bytecode_cache=kept_templates())
    compile_ = environment.compile
    monkeypatch.setattr(environment, "compile", lambda *args, **more: compiled.append(1) or compile_(*args, **more))
    assert environment.get_template("page").render() == "42"
    return len(compiled)


def test_a_template_is_compiled_once(cache, monkeypatch):
    assert [rendered(monkeypatch) for _ in range(3)] == [1, 0, 0]
    assert cache.stat().st_mode & 0o777 == 0o700


def test_what_others_may_write_is_not_run(cache, monkeypatch):
    assert rendered(monkeypatch) == 1
    cache.chmod(0o777)
    assert kept_templates() is None
    assert rendered(monkeypatch) == 1


def test_a_damaged_file_is_compiled_anew(cache, monkeypatch):
    assert rendered(monkeypatch) == 1
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:20])
    assert [rendered(monkeypatch) for _ in range(2)] == [1, 0]


def test_where_nothing_can_be_kept_pages_are_written_all_the_same(cache, monkeypatch):
    cache.parent.write_text("a file where the folder should be")
    assert kept_templates() is None
    assert rendered(monkeypatch) == 1
