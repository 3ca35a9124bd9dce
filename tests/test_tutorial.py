# ruff: noqa: E501 - the commands stand here as users find them
"""Every command and snippet that users follow, verbatim but for the names of models and data sets."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.commands import DEMO_CHECKPOINT, ROOT, python, shell, table_rows
from tests.own_data import CHINESE_SUBJECTS, write_jsonl
from tests.servers.running import Stub
from tests.servers.scripted import choosing, completion

QWEN = "Qwen/Qwen2.5-0.5B-Instruct"

EVAL = """\
evalscope eval \\
  --model Qwen/Qwen2.5-0.5B-Instruct \\
  --datasets gsm8k arc \\
  --limit 5
"""
RUN_PY = """\
python evalscope/run.py \\
  --model Qwen/Qwen2.5-0.5B-Instruct \\
  --datasets gsm8k arc \\
  --limit 5
"""
DICT = """\
from evalscope.run import run_task

task_cfg = {
    'model': 'Qwen/Qwen2.5-0.5B-Instruct',
    'datasets': ['gsm8k', 'arc'],
    'limit': 5
}

run_task(task_cfg=task_cfg)
"""
TASK_CONFIG = """\
from evalscope.run import run_task
from evalscope.config import TaskConfig

task_cfg = TaskConfig(
    model='Qwen/Qwen2.5-0.5B-Instruct',
    datasets=['gsm8k', 'arc'],
    limit=5
)

run_task(task_cfg=task_cfg)
"""
YAML = """\
model: Qwen/Qwen2.5-0.5B-Instruct
datasets:
  - gsm8k
  - arc
limit: 5
"""
FROM_YAML = """\
from evalscope.run import run_task

run_task(task_cfg="config.yaml")
"""
JSON = """\
{
    "model": "Qwen/Qwen2.5-0.5B-Instruct",
    "datasets": ["gsm8k", "arc"],
    "limit": 5
}
"""
FROM_JSON = """\
from evalscope.run import run_task

run_task(task_cfg="config.json")
"""
COMPLEX = """\
evalscope eval \\
  --model Qwen/Qwen3-0.6B \\
  --model-args '{"revision": "master", "precision": "torch.float16", "device_map": "auto"}' \\
  --generation-config '{"do_sample":true,"temperature":0.6,"max_new_tokens":512,"chat_template_kwargs":{"enable_thinking": false}}' \\
  --dataset-args '{"gsm8k": {"few_shot_num": 0, "few_shot_random": false}}' \\
  --datasets gsm8k \\
  --limit 10
"""
SERVICE = """\
evalscope eval \\
  --model qwen2.5 \\
  --api-url http://127.0.0.1:8801/v1/chat/completions \\
  --api-key EMPTY \\
  --eval-type service \\
  --datasets gsm8k \\
  --limit 10
"""
JUDGED = """\
from evalscope import TaskConfig, run_task
from evalscope.constants import EvalType, JudgeStrategy

task_cfg = TaskConfig(
    model='qwen2.5-7b-instruct',
    api_url='https://dashscope.aliyuncs.com/compatible-mode/v1',
    api_key=os.getenv('DASHSCOPE_API_KEY'),
    eval_type=EvalType.SERVICE,
    datasets=[
        # 'simple_qa',
        'chinese_simpleqa',
    ],
    eval_batch_size=5,
    limit=5,
    judge_strategy=JudgeStrategy.AUTO,
    judge_model_args={
        'model_id': 'qwen2.5-72b-instruct',
        'api_url': 'https://dashscope.aliyuncs.com/compatible-mode/v1',
        'api_key': os.getenv('DASHSCOPE_API_KEY'),
    }
)

run_task(task_cfg=task_cfg)
"""
OFFLINE = """\
evalscope eval \\
  --model /path/to/workdir/Qwen2.5-0.5B-Instruct \\
  --datasets arc \\
  --dataset-args '{"arc": {"local_path": "/path/to/workdir/data/arc"}}' \\
  --limit 10
"""
QUICK = """\
# 测试数学推理能力
evalscope eval \\
  --model Qwen/Qwen2.5-7B-Instruct \\
  --datasets gsm8k \\
  --limit 10
"""
CHINESE = """\
# 测试中文理解能力
evalscope eval \\
  --model Qwen/Qwen2.5-7B-Instruct \\
  --datasets ceval cmmlu \\
  --limit 50
"""
FINE_TUNED = """\
# 评测本地微调后的模型
evalscope eval \\
  --model ./output/qwen2.5-7b-sft/checkpoint-1000 \\
  --datasets gsm8k ceval \\
  --limit 100
"""
DEPLOYED = """\
# 评测本地部署的模型
evalscope eval \\
  --model my-model \\
  --api-url http://127.0.0.1:8000/v1/chat/completions \\
  --api-key EMPTY \\
  --eval-type service \\
  --datasets gsm8k arc \\
  --limit 50
"""


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """A working folder with the models that the commands name, as links to the demo's checkpoint."""
    for name in (QWEN, "Qwen/Qwen3-0.6B", "Qwen/Qwen2.5-7B-Instruct", "output/qwen2.5-7b-sft/checkpoint-1000"):
        link = tmp_path / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(DEMO_CHECKPOINT, target_is_directory=True)
    return tmp_path


def local(data: Path, *names: str) -> dict[str, dict[str, str]]:
    """The data sets' local paths."""
    return {name: {"local_path": str(data / name)} for name in names}


def on_local_data(command: str, data: Path, *names: str) -> str:
    """The command with the local paths of its data sets added."""
    return f"{command.rstrip()} --dataset-args '{json.dumps(local(data, *names))}'"


def check_table(stdout: str, model: str, expected: list[tuple[str, str, str]]) -> None:
    """The first columns are the documented ones, and (data set, subset, num) are as expected."""
    header, *rows = table_rows(stdout)
    assert header[:7] == ["Model", "Dataset", "Metric", "Subset", "Num", "Score", "Cat.0"]
    own = [row for row in rows if row[3] not in ("OVERALL", "MEAN OF SUBSETS")]
    assert [(row[1], row[3], row[4]) for row in own] == expected
    assert all(row[0] == model and row[2] == "AverageAccuracy" and 0 <= float(row[5]) <= 1 for row in own)
    assert all(row[6] == "default" for row in own)


BOTH = [("gsm8k", "main", "5"), ("arc", "ARC-Easy", "5"), ("arc", "ARC-Challenge", "5")]


def test_1_1_the_eval_command(workdir, data):
    done = shell(on_local_data(EVAL, data, "gsm8k", "arc"), workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-0.5B-Instruct", BOTH)


def test_1_1_run_py_from_the_root(workdir, data):
    command = on_local_data(RUN_PY, data, "gsm8k", "arc").replace(QWEN, str(workdir / QWEN))
    done = shell(f"{command} --work-dir {workdir / 'outputs'}", ROOT)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-0.5B-Instruct", BOTH)


@pytest.mark.parametrize(
    ("snippet", "mark"),
    [(DICT, "    'limit': 5\n"), (TASK_CONFIG, "    limit=5\n")],
    ids=["dict", "TaskConfig"],
)
def test_1_1_python_without_a_main_guard(snippet, mark, workdir, data):
    args = local(data, "gsm8k", "arc")
    addition = f"    'dataset_args': {args},\n" if snippet == DICT else f"    dataset_args={args},\n"
    assert mark in snippet
    done = python(snippet.replace(mark, addition + mark), workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-0.5B-Instruct", BOTH)


@pytest.mark.parametrize(
    ("file", "text", "snippet"),
    [("config.yaml", YAML, FROM_YAML), ("config.json", JSON, FROM_JSON)],
    ids=["yaml", "json"],
)
def test_1_1_a_path_as_task(file, text, snippet, workdir, data):
    args = json.dumps(local(data, "gsm8k", "arc"))
    addition = f"dataset_args: {args}\n" if file.endswith("yaml") else f', "dataset_args": {args}\n}}'
    (workdir / file).write_text(text + addition if file.endswith("yaml") else text.rstrip().rstrip("}") + addition)
    done = python(snippet, workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-0.5B-Instruct", BOTH)


def test_2_model_generation_and_dataset_arguments(workdir, data):
    mark = '{"gsm8k": {"few_shot_num"'
    assert mark in COMPLEX
    done = shell(COMPLEX.replace(mark, f'{{"gsm8k": {{"local_path": "{data / "gsm8k"}", "few_shot_num"'), workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen3-0.6B", [("gsm8k", "main", "10")])
    assert "0-shot, temperature 0.6, at most 512 tokens" in done.stderr
    assert done.stderr.count("revision") == 1


def test_3_a_service(workdir, data, stub: Stub):
    command = on_local_data(SERVICE, data, "gsm8k").replace("http://127.0.0.1:8801/v1", stub.url)
    done = shell(command, workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "qwen2.5", [("gsm8k", "main", "10")])
    assert stub.stats()["requests"] == 10


async def test_4_a_judge(workdir):
    """The import of os that the snippet forgot is put before it."""
    fields = ("中华文化", "社会")
    rows = [
        {"id": f"{field}{n}", "primary_category": field, "secondary_category": f"{field}之{n % 2}"}
        | {"question": f"{field}第{n}题？", "answer": f"答案{n}"}
        for field in fields
        for n in range(7)
    ]
    write_jsonl(workdir / "chinese_simpleqa.jsonl", rows)
    asked = Counter()

    def reply(method, body):
        asked[body["model"]] += 1
        text = body["messages"][0]["content"]
        if body["model"] == "qwen2.5-7b-instruct":
            return completion(f"是答案{text[-3]}。")
        return completion("GRADE: INCORRECT" if "第3题" in text else "GRADE: CORRECT")

    addition = f"    dataset_args={{'chinese_simpleqa': {{'local_path': {str(workdir / 'chinese_simpleqa.jsonl')!r}, "
    addition += f"'subset_list': {list(fields)!r}}}}},\n"
    mark = "    limit=5,\n"
    assert mark in JUDGED
    async with choosing(reply) as server:
        snippet = "import os\n" + JUDGED.replace(mark, addition + mark)
        snippet = snippet.replace("https://dashscope.aliyuncs.com/compatible-mode/v1", server.url)
        done = await asyncio.to_thread(python, snippet, workdir, DASHSCOPE_API_KEY="sk-of-the-user")
    assert done.returncode == 0, done.stderr
    assert asked == {"qwen2.5-7b-instruct": 10, "qwen2.5-72b-instruct": 10}
    assert all("authorization: bearer sk-of-the-user" in head.lower() for head in server.heads if "POST" in head)
    own = {row[3]: row[4:6] for row in table_rows(done.stdout) if row[2] == "is_correct" and row[6] == "default"}
    assert own == {field: ["5", "0.8"] for field in fields}
    assert "judged by qwen2.5-72b-instruct (short facts): 10 replies" in done.stderr


def test_5_3_offline_data_and_model(workdir, data):
    command = OFFLINE.replace("/path/to/workdir/data", str(data)).replace("/path/to/workdir", str(workdir / "Qwen"))
    done = shell(command, workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-0.5B-Instruct", [("arc", "ARC-Easy", "10"), ("arc", "ARC-Challenge", "10")])


def on_two_subjects(command: str, data: Path, *names: str) -> str:
    """The command on local data, of which the Chinese sets hold two subjects."""
    args = {name: {"local_path": str(data / name)} for name in names}
    for name in {"ceval", "cmmlu"} & args.keys():
        args[name]["subset_list"] = list(CHINESE_SUBJECTS[name])
    return f"{command.rstrip()} --dataset-args '{json.dumps(args)}'"


def test_6_1_mathematics(workdir, data):
    done = shell(on_local_data(QUICK, data, "gsm8k"), workdir)
    assert done.returncode == 0, done.stderr
    check_table(done.stdout, "Qwen2.5-7B-Instruct", [("gsm8k", "main", "10")])


def test_6_1_chinese(workdir, data):
    done = shell(on_two_subjects(CHINESE, data, "ceval", "cmmlu"), workdir)
    assert done.returncode == 0, done.stderr
    rows = [row for row in table_rows(done.stdout)[1:] if row[3] not in ("OVERALL", "MEAN OF SUBSETS")]
    assert {(row[1], row[3], row[4]) for row in rows} == {
        (name, subject, "6") for name in ("ceval", "cmmlu") for subject in CHINESE_SUBJECTS[name]
    }
    assert all(row[6] != "default" for row in rows)


def test_6_2_a_fine_tuned_model(workdir, data):
    done = shell(on_two_subjects(FINE_TUNED, data, "gsm8k", "ceval"), workdir)
    assert done.returncode == 0, done.stderr
    rows = {(row[1], row[3], row[4]) for row in table_rows(done.stdout)[1:]}
    assert {("gsm8k", "main", "12"), *(("ceval", subject, "6") for subject in CHINESE_SUBJECTS["ceval"])} <= rows


def test_6_3_a_deployed_service(workdir, data, stub: Stub):
    command = on_local_data(DEPLOYED, data, "gsm8k", "arc").replace("http://127.0.0.1:8000/v1", stub.url)
    done = shell(command, workdir)
    assert done.returncode == 0, done.stderr
    check_table(
        done.stdout, "my-model", [("gsm8k", "main", "12"), ("arc", "ARC-Easy", "12"), ("arc", "ARC-Challenge", "12")]
    )
