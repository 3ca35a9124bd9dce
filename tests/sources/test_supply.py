import pytest

from evalscope.config import TaskConfig
from evalscope.constants import HubType
from evalscope.errors import ConfigError
from evalscope.sources.supply import Supply, supply_of


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("EVALSCOPE_DATA", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def test_a_plain_task_may_ask_modelscope():
    assert supply_of(TaskConfig()) == Supply(hub=HubType.MODELSCOPE, store=None, is_offline=False)


def test_the_tasks_folder_goes_before_the_environments(tmp_path, monkeypatch):
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("EVALSCOPE_DATA", str(tmp_path / "theirs"))
    assert supply_of(TaskConfig()).store == tmp_path / "theirs"
    assert supply_of(TaskConfig(dataset_dir=tmp_path / "mine")).store == tmp_path / "mine"


def test_a_folder_that_is_not_there_is_told_by_the_name_it_was_given_under(monkeypatch):
    with pytest.raises(ConfigError, match=r"dataset_dir is 'gone', which does not exist.*evalscope download"):
        supply_of(TaskConfig(dataset_dir="gone"))
    monkeypatch.setenv("EVALSCOPE_DATA", "away")
    with pytest.raises(ConfigError, match="EVALSCOPE_DATA is 'away', which does not exist"):
        supply_of(TaskConfig())


def test_offline_by_flag_or_by_the_environment(monkeypatch):
    assert supply_of(TaskConfig(offline=True)).is_offline
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert supply_of(TaskConfig()).is_offline


def test_a_quiet_task_draws_no_bars():
    assert not supply_of(TaskConfig(quiet=True)).shows_progress
