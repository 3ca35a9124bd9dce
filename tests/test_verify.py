"""evalscope verify: a run beside the data, prompts and packages of today."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from evalscope import run_task
from evalscope.cli import main
from evalscope.models.mock import MockModel
from tests.own_data import sums, write_arc, write_gsm8k, write_jsonl
from tests.run_content import content

NUM = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Data, and a run over it: gsm8k with two examples, arc with none."""
    root = tmp_path_factory.mktemp("verified")
    write_gsm8k(root / "gsm8k", num=NUM)
    write_arc(root / "arc")
    run_task(task(root, run_name="r"))
    return root


def task(root: Path, **more: object) -> dict[str, object]:
    args = {
        "gsm8k": {"local_path": str(root / "gsm8k"), "few_shot_num": 2},
        "ai2_arc": {"local_path": str(root / "arc"), "few_shot_num": 0},
    }
    given = {"datasets": ["gsm8k", "ai2_arc"], "dataset_args": args, **more}
    return {"model": MockModel(lambda messages: "ANSWER: B"), "work_dir": str(root / "out"), "quiet": True, **given}


@pytest.fixture
def there(made, tmp_path):
    """A copy of data and run, to be changed; the run's own record still names the data it was made from."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def verified(root: Path, capsys, *flags: str, run: str = "r") -> tuple[int, dict[str, str]]:
    """The exit code, and what is said of each thing, by the copy's own data."""
    args = {name: {"local_path": str(root / name)} for name in ("gsm8k", "arc")}
    code = main(["verify", str(root / "out" / run), "--quiet", "--dataset-args", json.dumps(args), *flags])
    lines = capsys.readouterr().out.splitlines()
    return code, {line[8:].partition(": ")[0]: f"{line[:8].strip()}: {line[8:].partition(': ')[2]}" for line in lines}


def change_gsm8k(root: Path, change, file: str = "test.jsonl") -> None:
    path = root / "gsm8k" / file
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    write_jsonl(path, change(rows))


def test_an_unchanged_run_is_the_same_and_nothing_is_written(there, capsys):
    before = content(there / "out" / "r")
    code, said = verified(there, capsys)
    assert code == 0
    assert list(said) == ["data of gsm8k", "prompts of gsm8k", "data of arc", "prompts of arc", "versions"]
    assert all(text.startswith("same: ") for text in said.values())
    assert "12 records" in said["data of gsm8k"]
    assert "12 compared word for word" in said["prompts of gsm8k"]
    assert content(there / "out" / "r") == before


def with_answer(row, number):
    return {**row, "answer": f"Thus.\n#### {number}"}


@pytest.mark.parametrize(
    ("change", "data", "prompts"),
    [
        (
            lambda rows: [*rows[:3], {**rows[3], "question": "How many?"}, *rows[4:]],
            "DIFFERS: record 3 of main was changed; it reads 'How many?' today",
            "DIFFERS: sample 3 of main: ",
        ),
        (
            lambda rows: [*rows[:3], with_answer(rows[3], 7), *rows[4:]],
            "its target was '323', is '7'",
            "same: 12 compared",
        ),
        (
            lambda rows: [*rows[:3], *rows[4:]],
            "DIFFERS: record 3 of main was taken out; record 4 has taken its place (12 records then, 11 now)",
            "DIFFERS: sample 3 of main: ",
        ),
        (lambda rows: rows[:-1], "DIFFERS: record 11 of main is not there any more (12 records then, 11 now)", "same"),
        (
            lambda rows: [*rows[:3], sums(1)[0], *rows[3:]],
            "DIFFERS: record 3 of main was put in; what stood there is record 4 now (12 records then, 13 now)",
            "DIFFERS: sample 3 of main: ",
        ),
        (lambda rows: [*rows, sums(1)[0]], "DIFFERS: record 12 of main was not asked in the run", "same: 12 compared"),
        (
            lambda rows: [*rows[:3], rows[5], rows[4], rows[3], *rows[6:]],
            "DIFFERS: record 3 of main stands in another order: it is record 5 now, and record 5 here",
            "DIFFERS: sample 3 of main: ",
        ),
    ],
    ids=["changed", "target changed", "removed", "last removed", "added", "added last", "reordered"],
)
def test_the_first_record_that_differs_is_named(change, data, prompts, there, capsys):
    change_gsm8k(there, change)
    code, said = verified(there, capsys)
    assert code == 1
    assert data in said["data of gsm8k"]
    assert said["prompts of gsm8k"].startswith(prompts)
    assert said["data of arc"].startswith("same: 24 records")


def test_records_with_ids_of_their_own_are_told_too(there, capsys):
    path = there / "arc" / "ARC-Easy" / "ARC-Easy-Test.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    code, said = verified(there, capsys)
    assert code == 1
    assert "record 0 of ARC-Easy was taken out; record 1 has taken its place" in said["data of arc"]


def test_the_same_records_in_another_format_are_the_same(there, capsys):
    change_gsm8k(there, lambda rows: rows)
    rows = [json.loads(line) for line in (there / "gsm8k" / "test.jsonl").read_text().splitlines()]
    (there / "gsm8k" / "test.jsonl").unlink()
    (there / "gsm8k" / "test.json").write_text(json.dumps(rows))
    assert verified(there, capsys)[0] == 0


def test_a_changed_split_of_examples_differs_in_data_and_prompts(there, capsys):
    change_gsm8k(there, lambda rows: [{**row, "question": f"{row['question']} Say."} for row in rows], "train.jsonl")
    code, said = verified(there, capsys)
    assert code == 1
    assert said["data of gsm8k"].startswith("DIFFERS: solved example 0 of main differs (2 then, 2 now)")
    assert said["prompts of gsm8k"].startswith("DIFFERS: sample 0 of main: ")
    assert "examples_digests main: was" in said["prompts of gsm8k"]


def test_a_changed_wording_differs_in_prompts_alone(there, capsys):
    args = {"gsm8k": {"local_path": str(there / "gsm8k"), "prompt_template": "Well? {examples}{question}"}}
    args["arc"] = {"local_path": str(there / "arc")}
    code, said = verified(there, capsys, "--dataset-args", json.dumps(args))
    assert code == 1
    assert said["data of gsm8k"].startswith("same")
    assert said["prompts of gsm8k"].startswith("DIFFERS: sample 0 of main: from character 0 on the prompt read ")
    assert "and reads 'Well? " in said["prompts of gsm8k"]
    assert "settings: template: was" in said["prompts of gsm8k"]
    assert said["prompts of arc"].startswith("same")


def test_another_version_of_a_package_is_named(there, capsys):
    path = there / "out" / "r" / "configs" / "task_config.yaml"
    record = yaml.safe_load(path.read_text())
    record["versions"] |= {"evalscope": "0.0.9", "gone": "1.2"}
    path.write_text(yaml.safe_dump(record))
    code, said = verified(there, capsys)
    assert code == 1
    assert "evalscope was 0.0.9, is " in said["versions"]
    assert "gone was 1.2, is not there" in said["versions"]
    assert said["data of gsm8k"].startswith("same")


def test_data_that_is_gone_cannot_be_told_and_the_rest_is(there, capsys):
    shutil.rmtree(there / "gsm8k")
    code, said = verified(there, capsys)
    assert code == 2
    assert said["data of gsm8k"].startswith("unknown: ")
    assert "does not exist" in said["data of gsm8k"]
    assert said["prompts of gsm8k"].startswith("unknown: ")
    assert said["data of arc"].startswith("same")


def test_a_folder_of_data_sets_may_serve_what_has_moved(there, capsys, tmp_path):
    (tmp_path / "moved").mkdir()
    shutil.move(there / "arc", tmp_path / "moved" / "arc")
    shutil.move(there / "gsm8k", tmp_path / "moved" / "gsm8k")
    assert main(["verify", str(there / "out" / "r"), "--quiet", "--dataset-dir", str(tmp_path / "moved")]) == 0
    assert "DIFFERS" not in capsys.readouterr().out


def test_a_difference_outweighs_what_cannot_be_told(there, capsys):
    shutil.rmtree(there / "gsm8k")
    path = there / "arc" / "ARC-Easy" / "ARC-Easy-Test.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    assert verified(there, capsys)[0] == 1


def test_a_limited_run_is_the_same_while_the_records_behind_the_limit_change(there, capsys):
    run_task(task(there, run_name="five", limit=5))
    change_gsm8k(there, lambda rows: [*rows[:5], *reversed(rows[5:])])
    code, said = verified(there, capsys, run="five")
    assert code == 0
    assert "5 records" in said["data of gsm8k"]
    change_gsm8k(there, lambda rows: rows[1:])
    code, said = verified(there, capsys, run="five")
    assert code == 1
    assert "record 0 of main was taken out" in said["data of gsm8k"]


def test_a_random_part_is_told_by_the_rows_that_were_drawn(there, capsys):
    args = {"gsm8k": {"local_path": str(there / "gsm8k"), "shuffle": True, "few_shot_num": 0}}
    run_task(task(there, run_name="drawn", limit=4, datasets=["gsm8k"], dataset_args=args))
    flags = ("--dataset-args", json.dumps({"gsm8k": {"local_path": str(there / "gsm8k")}}))
    assert verified(there, capsys, *flags, run="drawn")[0] == 0
    change_gsm8k(there, lambda rows: rows[:-1])
    code, said = verified(there, capsys, *flags, run="drawn")
    assert code == 1
    assert "of main is drawn in place of record" in said["data of gsm8k"]


class Dies:
    """Ends like a process that is killed, once it has answered some."""

    def __init__(self, num: int) -> None:
        self.left = num

    def __call__(self, messages) -> str:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return "ANSWER: B"


def test_a_stopped_and_continued_run_keeps_what_an_unbroken_one_keeps(there, capsys):
    with pytest.raises(KeyboardInterrupt):
        run_task(task(there, run_name="broken", model=MockModel(Dies(6)), eval_batch_size=1))
    root = there / "out" / "broken"
    code, said = verified(there, capsys, run="broken")
    assert code == 2
    assert said["data of gsm8k"].startswith("same: 12 records")
    assert said["prompts of gsm8k"].startswith("same: 6 compared")
    assert said["prompts of arc"] == "unknown: the run has stored none"
    run_task(task(there, use_cache=str(root), model=MockModel(Dies(100)), eval_batch_size=1))
    assert verified(there, capsys, run="broken")[0] == 0
    kept = {path.name: path.read_bytes() for path in root.glob("configs/records/*")}
    assert kept == {path.name: path.read_bytes() for path in there.glob("out/r/configs/records/*")}


def test_data_sets_asked_in_two_sittings_are_both_verified(there, capsys):
    arc = {"arc": {"local_path": str(there / "arc"), "few_shot_num": 0}}
    run_task(task(there, run_name="two", datasets=["arc"], dataset_args=arc, limit=3))
    gsm8k = {"gsm8k": {"local_path": str(there / "gsm8k"), "few_shot_num": 2}}
    again = task(there, use_cache=str(there / "out" / "two"), datasets=["gsm8k"], dataset_args=gsm8k, limit=4)
    run_task(again)
    code, said = verified(there, capsys, run="two")
    assert code == 0
    assert "6 records" in said["data of arc"]
    assert "4 records" in said["data of gsm8k"]


def test_digests_that_are_gone_leave_it_untold(there, capsys):
    change_gsm8k(there, lambda rows: rows[1:])
    (there / "out" / "r" / "configs" / "records" / "gsm8k_main.jsonl").unlink()
    code, said = verified(there, capsys)
    assert code == 1
    assert said["data of gsm8k"].startswith("unknown: the fingerprint was ")
    assert said["prompts of gsm8k"].startswith("DIFFERS: ")


def test_it_is_given_as_json_too(there, capsys):
    args = json.dumps({name: {"local_path": str(there / name)} for name in ("gsm8k", "arc")})
    assert main(["verify", str(there / "out" / "r"), "--output-format", "json", "--dataset-args", args]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [(one["what"], one["dataset"], one["is_same"]) for one in findings[:2]] == [
        ("data", "gsm8k", True),
        ("prompts", "gsm8k", True),
    ]


def test_a_data_set_that_the_run_did_not_ask_is_refused(there, capsys):
    assert main(["verify", str(there / "out" / "r"), "--dataset-args", '{"gsm8": {"local_path": "x"}}']) == 2
    assert "'gsm8', which the run did not ask; did you mean 'gsm8k'?" in capsys.readouterr().err


def test_a_run_of_an_earlier_version_says_that_it_kept_nothing(there, capsys):
    path = there / "out" / "r" / "configs" / "task_config.yaml"
    record = yaml.safe_load(path.read_text())
    del record["data"]
    path.write_text(yaml.safe_dump(record))
    assert main(["verify", str(there / "out" / "r")]) == 2
    assert "made by an earlier version" in capsys.readouterr().err


def test_reports_name_the_path_and_no_folder_above_it(there):
    report = json.loads((there / "out" / "r" / "reports" / "mock_llm" / "gsm8k.json").read_text())
    assert report["data_origin"] == {"path": "gsm8k"}
