"""The demo's tiny model, trained from nothing on questions that this script makes itself.

python demo/train.py            makes demo/data and demo/checkpoint
python demo/train.py --check    measures the checkpoint that is there
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Muon, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from evalscope.core.benchmark import Benchmark
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark

HERE = Path(__file__).resolve().parent

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
MAX_LENGTH = 8192
MAX_NEW_TOKENS = 16
SURE_GAP = 0.025
"""Logits that differ by so much are a thousand times further apart than two machines' rounding moves them."""

WORDS: Mapping[str, str] = {
    "an animal": (
        "dog cat horse cow sheep goat pig rabbit fox wolf bear lion tiger zebra giraffe elephant monkey mouse squirrel "
        "otter whale dolphin shark eagle sparrow owl penguin frog snake lizard"
    ),
    "a plant": (
        "apple pear banana cherry grape lemon melon peach mango strawberry carrot potato tomato onion garlic cabbage "
        "spinach lettuce cucumber pumpkin pepper bean pea celery radish broccoli raspberry apricot fig coconut"
    ),
    "a tool": (
        "hammer saw drill wrench pliers screwdriver chisel axe shovel rake spade ladder nail screw clamp anvil crowbar "
        "scissors knife tweezers broom mop bucket hoe sickle trowel mallet spanner hatchet pickaxe"
    ),
    "a garment": (
        "shirt trousers skirt dress coat jacket hat cap scarf glove mitten sock shoe boot sandal slipper belt tie "
        "sweater vest shorts pyjamas apron blouse cardigan hoodie jeans gown robe cloak"
    ),
}
NUM_UNSEEN_WORDS = 6
"""Of each kind, so many words are never trained on; whether they are an animal is then a guess from their spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One of the two data sets.

    Attributes:
        name: the benchmark's.
        tests: the records that are asked, by subset.
        shots: records for solved examples, by subset; none of them is asked.
        draw: a record to train on, none of them asked. How far the training is, in [0, 1), may decide which kinds come.
    """

    name: str
    tests: Mapping[str, Sequence[Record]]
    shots: Mapping[str, Sequence[Record]]
    draw: Callable[[float], Record]

    @property
    def benchmark(self) -> Benchmark:
        """The benchmark that asks these records."""
        return find_benchmark(str(HERE / f"{self.name}.py"))


class Example(NamedTuple):
    """Tokens to train on.

    Attributes:
        tokens: the prompt, the answer, and the end of the turn.
        answer_start: where the answer begins.
    """

    tokens: list[int]
    answer_start: int


class Reply(NamedTuple):
    """What the model said.

    Attributes:
        text: without the end of the turn.
        gap: the smallest difference of the two best logits over its tokens.
    """

    text: str
    gap: float


def make_arithmetic(rng: random.Random) -> Task:
    """Six kinds of question; of each, some are put aside for the test before any is drawn to train on."""
    pools = [list(pool) for pool in _arithmetic_pools()]
    for pool in pools:
        rng.shuffle(pool)
    asked = [[pool.pop() for _ in range(num)] for pool, num in zip(pools, (40, 40, 20, 35, 35, 30), strict=True)]
    shots = [pool[:2] for pool in pools]
    return Task(
        name="arithmetic",
        tests={"easy": list(chain(*asked[:3])), "hard": list(chain(*asked[3:]))},
        shots={"easy": list(chain(*shots[:3])), "hard": list(chain(*shots[3:]))},
        draw=lambda _: rng.choice(rng.choices(pools, weights=(1, 1, 2, 3, 3, 2))[0]),
    )


def _arithmetic_pools() -> Iterator[Iterator[Record]]:
    """All questions of each kind: sums, differences and products, first easy ones, then hard ones."""
    one_digit, two_digits = range(1, 10), range(10, 100)
    yield (_arithmetic_record(f"{a} plus {b}", a + b) for a in range(1, 100) for b in one_digit)
    yield (_arithmetic_record(f"{a} minus {b}", a - b) for a in range(1, 100) for b in one_digit if a >= b)
    yield (_arithmetic_record(f"{a} times {b}", a * b) for a in range(2, 41) for b in range(2, 10))
    yield (_arithmetic_record(f"{a} plus {b}", a + b) for a in two_digits for b in two_digits)
    yield (_arithmetic_record(f"{a} minus {b}", a - b) for a in two_digits for b in two_digits if a >= b)
    yield (_arithmetic_record(f"{a} times {b}", a * b) for a in range(41, 100) for b in range(2, 10))


def _arithmetic_record(expression: str, value: int) -> Record:
    return {"question": f"What is {expression}?", "answer": str(value)}


def make_odd_one_out(rng: random.Random) -> Task:
    """Test questions may hold any word; training questions hold none of the unseen ones, and no tested set of words."""
    words = {kind: rng.sample(names.split(), len(names.split())) for kind, names in WORDS.items()}
    seen = {kind: names[NUM_UNSEEN_WORDS:] for kind, names in words.items()}
    asked = [_odd_record(rng, words, f"test-{row}") for row in range(200)]
    asked_sets = {frozenset(record["choices"]["text"]) for record in asked}

    def draw(progress: float) -> Record:
        # one kind of few words first: what a choice is gets learned much sooner after how to point at one
        num_kinds, num_words = 1 + int(8 * progress), 3 + int(100 * progress)
        known = {kind: names[:num_words] for kind, names in seen.items()}
        while True:
            record = _odd_record(rng, known, "train", tuple(WORDS)[:num_kinds])
            if frozenset(record["choices"]["text"]) not in asked_sets:
                return record

    shots = [{**draw(0.5), "id": f"train-{row}"} for row in range(6)]
    return Task(name="odd_one_out", tests={"": asked}, shots={"": shots}, draw=draw)


def _odd_record(
    rng: random.Random, words: Mapping[str, Sequence[str]], name: str, kinds: Sequence[str] = tuple(WORDS)
) -> Record:
    kind = rng.choice(kinds)
    other = rng.choice([each for each in words if each != kind])
    place = rng.randrange(4)
    texts = rng.sample(words[kind], 3)
    texts.insert(place, rng.choice(words[other]))
    choices = {"text": texts, "label": list(LETTERS[:4])}
    return {"id": name, "question": f"Which is not {kind}?", "choices": choices, "answerKey": LETTERS[place]}


def write_records(task: Task) -> None:
    """demo/data/<name>/<subset>/{test,train}.jsonl."""
    for split, records in (("test", task.tests), ("train", task.shots)):
        for subset, rows in records.items():
            path = HERE / "data" / task.name / subset / f"{split}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def make_tokenizer() -> PreTrainedTokenizerBase:
    """One token a byte, so that any text can be read; three special ones."""
    vocabulary = {char: token for token, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[START, END],
        padding_side="left",
        model_max_length=MAX_LENGTH,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )


def make_model(tokenizer: PreTrainedTokenizerBase) -> LlamaForCausalLM:
    """Less than half a million parameters, at random."""
    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=MAX_LENGTH,
        tie_word_embeddings=True,
        initializer_range=0.1,  # so narrow a model starts too quietly at the usual 0.02
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=end, pad_token_id=pad)
    return model


def render(task: Task, tokenizer: PreTrainedTokenizerBase) -> Callable[[Sample], str]:
    """What puts a sample as evalscope puts it: the benchmark's prompt within the chat template."""
    benchmark = task.benchmark
    prompter = make_prompter(benchmark, (), template=benchmark.prompt, system_prompt=benchmark.system_prompt)

    def render_sample(sample: Sample) -> str:
        messages = [{"role": message.role, "content": message.content} for message in prompter(sample)]
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)

    return render_sample


def make_batches(
    task: Task, tokenizer: PreTrainedTokenizerBase, num_steps: int, size: int
) -> Iterator[Sequence[Example]]:
    """A batch a step, without end: after num_steps the questions are as hard as they get."""
    benchmark, render_sample = task.benchmark, render(task, tokenizer)
    assert benchmark.few_shot is not None
    for step in count():
        samples = [benchmark.to_sample(task.draw(step / num_steps)) for _ in range(size)]
        prompts = tokenizer([render_sample(sample) for sample in samples])["input_ids"]
        answers = tokenizer([f"{benchmark.few_shot.answer(sample)}{END}" for sample in samples])["input_ids"]
        yield [Example(prompt + answer, len(prompt)) for prompt, answer in zip(prompts, answers, strict=True)]


def answer_loss(model: LlamaForCausalLM, examples: Sequence[Example]) -> torch.Tensor:
    """The mean cross-entropy of the answers' tokens, in nats."""
    longest = max(len(example.tokens) for example in examples)
    tokens = torch.zeros(len(examples), longest, dtype=torch.long)  # what pads on the right is never attended to
    is_answer = torch.zeros(len(examples), longest, dtype=torch.bool)
    for row, example in enumerate(examples):
        tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
        is_answer[row, example.answer_start : len(example.tokens)] = True
    hidden = model.model(input_ids=tokens[:, :-1], use_cache=False).last_hidden_state
    return cross_entropy(model.lm_head(hidden[is_answer[:, 1:]]), tokens[:, 1:][is_answer[:, 1:]])


def train(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, tasks: Sequence[Task], options: argparse.Namespace
) -> None:
    """Trains for the given steps, then on and on until every answer is sure enough to repeat, right or wrong."""
    optimizers = make_optimizers(model, options.learning_rate)
    schedules = [LambdaLR(each, lambda step: rate_at(step / options.steps)) for each in optimizers]
    batches = zip(*(make_batches(task, tokenizer, options.steps, options.batch_size) for task in tasks), strict=True)
    start = time.monotonic()
    for step, examples in enumerate(batches):
        losses = [answer_loss(model, batch) for batch in examples]
        torch.stack(losses).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for each in (*optimizers, *schedules):
            each.step()
        model.zero_grad()
        if step % 50 == 49:
            shown = ", ".join(f"{task.name} {loss.item():.3f}" for task, loss in zip(tasks, losses, strict=True))
            print(f"step {step + 1:5} after {time.monotonic() - start:4.0f} s, loss: {shown}", flush=True)
        if step >= options.steps and step % 20 == 0:
            gap = min(reply.gap for task in tasks for replies in ask_all(task, model, tokenizer) for reply in replies)
            print(f"step {step:5}: smallest gap {gap:.4f}", flush=True)
            if gap > SURE_GAP:
                return


def make_optimizers(model: LlamaForCausalLM, rate: float) -> tuple[Optimizer, Optimizer]:
    """Muon for the matrices of the layers, AdamW for embeddings and norms."""
    matrices = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    others = [model.model.embed_tokens.weight, *(weight for weight in model.parameters() if weight.ndim == 1)]
    return (
        Muon(matrices, lr=rate, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
        AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    )


def rate_at(progress: float) -> float:
    """The share of the learning rate: up within 2 % of the way, down over the second half, never below 3 %."""
    return max(0.03, min(1.0, 50 * progress, 2 * (1 - progress)))


@torch.inference_mode()
def ask(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str], batch_size: int
) -> list[Reply]:
    """Greedy replies, in the order of the prompts."""
    replies = []
    for start in range(0, len(prompts), batch_size):
        inputs = tokenizer(list(prompts[start : start + batch_size]), return_tensors="pt", padding=True)
        outputs = model.generate(
            **inputs, max_new_tokens=MAX_NEW_TOKENS, return_dict_in_generate=True, output_logits=True
        )
        best, second = torch.stack(outputs.logits, dim=1).topk(2).values.unbind(-1)  # (batch, new tokens)
        said = outputs.sequences[:, inputs["input_ids"].shape[1] :]
        for tokens, gaps in zip(said, best - second, strict=True):
            is_end = (tokens == tokenizer.eos_token_id).nonzero()
            num = int(is_end[0]) + 1 if len(is_end) else len(tokens)
            text = tokenizer.decode(tokens[:num], skip_special_tokens=True)
            replies.append(Reply(text, gaps[:num].min().item()))
    return replies


def ask_all(
    task: Task, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, *, batch_size: int = 8
) -> list[list[Reply]]:
    """Replies to the questions of each subset."""
    to_sample, render_sample = task.benchmark.to_sample, render(task, tokenizer)
    prompts = [[render_sample(to_sample(record)) for record in records] for records in task.tests.values()]
    return [ask(model, tokenizer, subset, batch_size) for subset in prompts]


def check(tasks: Sequence[Task], folder: Path) -> None:
    """Prints what the stored model is, how it scores, and how sure its answers are to repeat."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)
    size_bytes = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{model.num_parameters()} parameters in {model.dtype}, {size_bytes / 1e6:.2f} MB")
    for task in tasks:
        alone, together = (ask_all(task, model, tokenizer, batch_size=batch_size) for batch_size in (1, 8))
        for subset, one, other in zip(task.tests, alone, together, strict=True):
            num_right = sum(map(partial(_is_right, task.benchmark), one, task.tests[subset]))
            num_same = sum(left.text == right.text for left, right in zip(one, other, strict=True))
            gap = min(reply.gap for reply in (*one, *other))
            print(
                f"{task.name} {subset}: {num_right} of {len(one)} right, {num_same} the same in a batch of 8; "
                f"smallest gap between the two best logits {gap:.4f}"
            )


def _is_right(benchmark: Benchmark, reply: Reply, record: Record) -> bool:
    sample = benchmark.to_sample(record)
    return benchmark.scorer(benchmark.extract(reply.text, sample), sample).values["acc"] == 1.0


def parse_arguments() -> argparse.Namespace:
    """The options; those that are not given are the ones that the stored checkpoint was made with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="train nothing")
    parser.add_argument("--checkpoint", type=Path, default=HERE / "checkpoint", help="where the model lies")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch-size", type=int, default=48, help="questions of each data set in one step")
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    """Makes the questions; then trains, unless told not to; then measures."""
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tasks = (make_arithmetic(random.Random(options.seed)), make_odd_one_out(random.Random(options.seed)))
    if not options.check:
        tokenizer = make_tokenizer()
        model = make_model(tokenizer)
        train(model, tokenizer, tasks, options)
        model.save_pretrained(options.checkpoint)
        make_tokenizer().save_pretrained(options.checkpoint)  # a fresh one: in use it takes on a padding
        for task in tasks:
            write_records(task)
    check(tasks, options.checkpoint)


if __name__ == "__main__":
    main()
