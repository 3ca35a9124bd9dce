import asyncio
import json
import subprocess
import sys
import threading

import pytest
from transformers import AutoTokenizer

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.errors import ConfigError, EndpointError, PromptTooLong
from evalscope.models.checkpoint import HONOURED, fingerprint
from evalscope.models.checkpoint.decoder import MOST_ROWS_ON_CPU
from evalscope.models.checkpoint.model import WANTED_AT_FIRST
from tests.models.checkpoint.tiny import CHAT_TEMPLATE

GREEDY = Generation(max_tokens=16, temperature=0.0)
SAMPLED = Generation(max_tokens=16, temperature=1.0)
QUESTIONS = tuple((Message("user", text),) for text in ("Hi", "What is two and two?", "x" * 40, "Why?", "a b c"))


async def ask_all(model, config=GREEDY, questions=QUESTIONS):
    return await asyncio.gather(*(model.generate(question, config) for question in questions))


async def texts(model, config=GREEDY, questions=QUESTIONS):
    return [completion.text for completion in await ask_all(model, config, questions)]


def num_workers():
    return sum(thread.name == "checkpoint" for thread in threading.enumerate())


def test_it_is_a_model_that_wants_two_batches_in_hand(make_model):
    model = make_model(batch_size=4)
    assert isinstance(model, Model)
    assert (model.name, model.concurrency) == ("tiny", 8)


def test_identity_is_the_kind_and_the_weights(make_model, folder):
    assert make_model().identity == {"kind": "checkpoint", "fingerprint": fingerprint(folder)}


def test_identity_tells_what_else_decides_answers(make_model):
    identity = make_model(precision="torch.bfloat16", chat_template=CHAT_TEMPLATE).identity
    assert set(identity) == {"kind", "fingerprint", "precision", "chat_template"}
    assert identity["precision"] == "bfloat16"
    assert make_model(chat_template=CHAT_TEMPLATE + " ").identity["chat_template"] != identity["chat_template"]


def test_given_identity_is_kept(make_model):
    assert make_model(identity={"id": "some/model"}).identity == {"id": "some/model"}


async def test_making_a_model_starts_no_thread_and_the_first_question_does(make_model):
    model = make_model()
    before = num_workers()
    await model.generate(QUESTIONS[0], GREEDY)
    assert num_workers() == before + 1


async def test_completion_has_text_reason_counts_and_time(make_model):
    (completion,) = await ask_all(make_model(), Generation(max_tokens=3, temperature=0.0), QUESTIONS[:1])
    assert completion.stop_reason == "length"
    assert len(completion.text) == 3
    assert completion.usage.output_tokens == 3
    # <|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n, a token a byte
    assert completion.usage.input_tokens == 3 + len("user\nHi\nassistant\n")
    assert 0 < completion.latency_s < 60


@pytest.mark.parametrize("config", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
async def test_answers_do_not_depend_on_batch_size_or_order(make_model, config):
    alone = await texts(make_model(batch_size=1), config)
    assert await texts(make_model(batch_size=5), config) == alone
    assert (await texts(make_model(batch_size=3), config, QUESTIONS[::-1]))[::-1] == alone


async def test_draws_seeds_and_prompts_each_have_their_own_randomness(make_model):
    model = make_model(seed=1)
    draws = [Generation(max_tokens=16, temperature=1.0, draw=draw, seed=seed) for draw in (0, 1) for seed in (None, 3)]
    answers = [(await model.generate(QUESTIONS[0], config)).text for config in draws]
    answers.append((await make_model(seed=2).generate(QUESTIONS[0], draws[0])).text)
    assert len(set(answers)) == 5
    assert (await make_model(seed=1).generate(QUESTIONS[0], draws[0])).text == answers[0]


async def test_repeats_of_a_question_share_a_batch(make_model):
    model = make_model(batch_size=4)
    completions = await asyncio.gather(
        *(model.generate(QUESTIONS[0], Generation(max_tokens=16, temperature=1.0, draw=draw)) for draw in range(4))
    )
    assert len({completion.text for completion in completions}) == 4


async def test_greedy_answer_is_free_of_sampling_that_the_checkpoint_ships(make_model, copy, capfd):
    plain = await texts(make_model())
    written = json.loads((copy / "generation_config.json").read_text())
    shipped = {**written, "do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20}
    (copy / "generation_config.json").write_text(json.dumps(shipped))
    model = make_model(copy)
    assert await texts(model) == plain
    assert await texts(model, Generation(max_tokens=16)) != plain
    assert capfd.readouterr() == ("", "")


async def test_any_end_token_that_the_checkpoint_lists_ends_an_answer(make_model, copy):
    (whole,) = await texts(make_model(), questions=QUESTIONS[:1])
    written = json.loads((copy / "generation_config.json").read_text())
    listed = [written["eos_token_id"], AutoTokenizer.from_pretrained(copy).convert_tokens_to_ids(whole[3])]
    (copy / "generation_config.json").write_text(json.dumps({**written, "eos_token_id": listed}))
    (cut,) = await ask_all(make_model(copy), questions=QUESTIONS[:1])
    assert (cut.text, cut.stop_reason) == (whole[: whole.index(whole[3])], "stop")


async def test_base_model_continues_its_prompt(make_model, base_folder):
    (completion,) = await ask_all(make_model(base_folder), GREEDY, [(Message("user", "Hi"),)])
    assert completion.usage.input_tokens == 2


async def test_open_limit_is_the_rest_of_the_context(make_model, base_folder):
    model = make_model(base_folder)
    completions = await ask_all(
        model, Generation(temperature=0.0), [(Message("user", "x" * n),) for n in range(60, 64)]
    )
    for completion in completions:
        total = completion.usage.input_tokens + completion.usage.output_tokens
        assert total == 128 if completion.stop_reason == "length" else total <= 128


async def test_prompt_beyond_the_context_is_refused_and_others_are_answered(make_model, base_folder):
    model = make_model(base_folder)
    long, short = await asyncio.gather(
        model.generate((Message("user", "x" * 128),), GREEDY),
        model.generate((Message("user", "x" * 127),), GREEDY),
        return_exceptions=True,
    )
    assert isinstance(long, PromptTooLong)
    assert "128" in str(long)
    assert short.usage.output_tokens == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"presence_penalty": 1.0},
        {"frequency_penalty": 1.0},
        {"reasoning_effort": "high"},
        {"extra_body": {"a": 1}},
        {"extra_headers": {"a": "b"}},
        {"extra_query": {"a": "b"}},
        {"chat_template_kwargs": {"tokenize": True}},
    ],
    ids=lambda settings: next(iter(settings)),
)
async def test_setting_that_cannot_be_honoured_is_refused_before_anything_is_asked(make_model, settings):
    model = make_model()
    before = num_workers()
    with pytest.raises(ConfigError):
        model.check(Generation(**settings))
    with pytest.raises(ConfigError):
        await model.generate(QUESTIONS[0], Generation(**settings))
    assert num_workers() == before


def test_settings_that_are_honoured_are_accepted(make_model):
    values = {"stop": ("a",), "chat_template_kwargs": {"enable_thinking": False}}
    make_model().check(Generation(**{name: values.get(name, 1) for name in HONOURED}))


def test_template_arguments_without_a_template_are_refused(make_model, base_folder):
    config = Generation(chat_template_kwargs={"enable_thinking": False})
    with pytest.raises(ConfigError, match="no chat template"):
        make_model(base_folder).check(config)
    make_model(base_folder, chat_template=CHAT_TEMPLATE).check(config)


async def test_explicit_loading_tells_what_is_wrong(make_model, copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "holodeck"}))
    model = make_model(copy)
    with pytest.raises(ConfigError, match="holodeck"):
        await model.load()
    with pytest.raises(ConfigError, match="holodeck"):
        await model.generate(QUESTIONS[0], GREEDY)


async def test_closing_ends_the_thread_and_a_later_question_starts_anew(make_model):
    model = make_model()
    before = num_workers()
    first = await texts(model)
    await model.aclose()
    assert num_workers() == before
    assert await texts(model) == first


async def test_closing_stops_an_answer_in_the_making(make_model):
    model = make_model()
    await model.load()
    asked = asyncio.create_task(model.generate(QUESTIONS[0], Generation(max_tokens=480, temperature=1.0)))
    await asyncio.sleep(0.02)
    await model.aclose()
    with pytest.raises(EndpointError, match="closed"):
        await asked


async def test_closing_what_was_never_asked_is_nothing(make_model):
    await make_model().aclose()


def test_one_model_serves_one_event_loop_after_another(folder):
    from evalscope.config import ModelArgs
    from evalscope.models.checkpoint import Checkpoint

    model = Checkpoint(folder=folder, name="tiny", args=ModelArgs(), batch_size=2, seed=0)
    first = asyncio.run(asyncio.wait_for(texts(model), timeout=30))
    assert asyncio.run(asyncio.wait_for(texts(model), timeout=30)) == first
    asyncio.run(model.aclose())


def test_importing_the_package_imports_neither_torch_nor_transformers():
    program = "import sys, evalscope.models.checkpoint; print({'torch', 'transformers'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_process_that_never_closes_its_model_ends_cleanly(folder):
    program = f"""
import asyncio, pathlib
from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.models.checkpoint import Checkpoint
model = Checkpoint(folder=pathlib.Path({str(folder)!r}), name="t", args=ModelArgs(), batch_size=1, seed=0)
print(asyncio.run(model.generate([Message("user", "Hi")], Generation(max_tokens=2, temperature=0.0))).stop_reason)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "length\n", "")


async def test_without_a_size_the_memory_decides_how_much_it_wants(make_model):
    model = make_model(batch_size=None)
    assert model.concurrency == 2 * WANTED_AT_FIRST
    await model.load()
    assert model.concurrency == 2 * MOST_ROWS_ON_CPU
    assert len(set(await texts(model))) > 1
