import asyncio
import logging
import threading
from dataclasses import dataclass, field

import pytest

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.errors import EndpointError, ModelError, PromptTooLong
from evalscope.models.checkpoint.batching import Worker
from evalscope.models.checkpoint.questions import Conversation
from evalscope.models.checkpoint.schedule import Room


@dataclass(eq=False)
class Said:
    """A prompt with one token a character."""

    text: str
    way: object
    is_wanted: object

    num_left: int = 0

    @property
    def num_tokens(self):
        return len(self.text)


@dataclass
class Echo:
    """A backend whose answer is the prompt; where rows may join, each step ends the shortest that run."""

    fails: object = None
    joins: bool = False
    room: Room | None = None
    batches: list = field(default_factory=list)
    running: list = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    is_closed: bool = False
    num_dropped: int = 0

    def __post_init__(self):
        self.gate.set()

    def prepare(self, question, is_wanted):
        text = question.messages[0].content
        if text == "too long":
            raise PromptTooLong(text)
        return Said(text, question.generation.max_tokens, is_wanted)

    def is_joinable(self, prompt):
        return self.joins

    def begin(self, prompts):
        self.running += prompts

    def advance(self):
        texts = [prompt.text for prompt in self.running]
        self.batches.append(texts)
        assert self.gate.wait(timeout=60)
        if self.fails is not None and (error := self.fails(texts)):
            raise error
        shortest = min(map(len, texts))
        ended = [prompt for prompt in self.running if not self.joins or prompt.num_tokens == shortest]
        self.running = [prompt for prompt in self.running if prompt not in ended]
        return [
            (prompt, Completion(text=prompt.text, stop_reason="stop") if prompt.is_wanted() else None)
            for prompt in ended
        ]

    def drop(self):
        self.num_dropped += 1
        self.running = []

    def is_out_of_memory(self, error):
        return isinstance(error, MemoryError)

    def explain(self, error, num_tokens):
        return ModelError(f"{error} ({num_tokens} tokens)")

    def close(self):
        self.is_closed = True


@pytest.fixture
async def start():
    """Starts workers on a backend, and closes them in the end."""
    workers = []

    def make(backend, batch_size=4):
        workers.append(Worker(lambda: backend, batch_size))
        return workers[-1]

    yield make
    for worker in workers:
        await worker.close()


def ask(worker, text, **settings):
    return worker.ask(Conversation(messages=(Message("user", text),), generation=Generation(**settings)))


async def texts_of(worker, asked, **settings):
    return [completion.text for completion in await asyncio.gather(*(ask(worker, text, **settings) for text in asked))]


async def until(statement):
    for _ in range(2000):
        if statement():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


async def test_questions_of_ready_tasks_come_into_one_batch(start):
    backend = Echo()
    assert await texts_of(start(backend), "abcd") == list("abcd")
    assert [sorted(batch) for batch in backend.batches] == [list("abcd")]


async def test_no_batch_is_larger_than_asked_for(start):
    backend = Echo()
    assert await texts_of(start(backend, batch_size=3), "abcdefgh") == list("abcdefgh")
    assert sorted(map(len, backend.batches)) == [2, 3, 3]


async def test_without_a_batch_size_the_backend_tells_how_much_fits(start):
    backend = Echo(room=Room(most_at_once=3, most_tokens=20))
    asked = ["a" * 9, "b" * 9, "c" * 9, "d", "e", "f", "g"]
    assert await texts_of(start(backend, batch_size=None), asked) == asked
    assert sorted(map(len, backend.batches)) == [2, 2, 3]


async def test_single_question_is_not_kept_waiting_for_others(start):
    backend = Echo()
    worker = start(backend)
    assert await asyncio.wait_for(texts_of(worker, "a"), timeout=30) == ["a"]


async def test_what_arrives_during_a_batch_makes_up_the_next_one(start):
    backend = Echo()
    backend.gate.clear()
    worker = start(backend)
    first = asyncio.create_task(ask(worker, "a"))
    await until(lambda: backend.batches)
    others = [asyncio.create_task(ask(worker, text)) for text in "bcd"]
    await asyncio.sleep(0)
    backend.gate.set()
    await asyncio.gather(first, *others)
    assert [sorted(batch) for batch in backend.batches] == [["a"], ["b", "c", "d"]]


async def test_long_prompts_share_a_batch_and_so_do_short_ones(start):
    backend = Echo()
    await texts_of(start(backend, batch_size=2), ["a", "b" * 90, "cc", "d" * 80])
    assert backend.batches == [["cc", "a"], ["b" * 90, "d" * 80]]


async def test_oldest_question_is_never_overtaken_for_its_length(start):
    backend = Echo()
    await texts_of(start(backend, batch_size=2), ["a" * 50, "b", "c", "d", "e"])
    assert "a" * 50 in backend.batches[0]


async def test_different_ways_never_share_a_batch(start):
    backend = Echo()
    worker = start(backend)
    await asyncio.gather(*(ask(worker, text, max_tokens=1 + place % 2) for place, text in enumerate("abcd")))
    assert [sorted(batch) for batch in backend.batches] == [["a", "c"], ["b", "d"]]


async def test_question_that_cannot_be_prepared_fails_alone(start):
    worker = start(Echo())
    outcomes = await asyncio.gather(*(ask(worker, text) for text in ("a", "too long", "b")), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Completion, PromptTooLong, Completion]


async def test_failing_row_does_not_take_its_neighbours_along(start):
    backend = Echo(fails=lambda texts: ValueError("bad row") if "b" in texts else None)
    worker = start(backend)
    outcomes = await asyncio.gather(*(ask(worker, text) for text in "abc"), return_exceptions=True)
    assert [str(outcome) if isinstance(outcome, ModelError) else outcome.text for outcome in outcomes] == [
        "a",
        "bad row (1 tokens)",
        "c",
    ]


async def test_lack_of_memory_halves_the_batch_and_is_remembered(start, caplog):
    backend = Echo(fails=lambda texts: MemoryError() if len(texts) > 2 else None)
    worker = start(backend, batch_size=8)
    with caplog.at_level(logging.INFO):
        assert await texts_of(worker, "abcdefgh") == list("abcdefgh")
        assert await texts_of(worker, "ijkl") == list("ijkl")
    assert list(map(len, backend.batches)) == [8, 4, 2, 2, 2, 2, 2, 2]
    assert [record.getMessage() for record in caplog.records] == [
        "8 prompts at once do not fit into memory; going on with 4",
        "4 prompts at once do not fit into memory; going on with 2",
    ]


async def test_memory_is_reclaimed_before_a_batch_is_tried_again(start):
    backend = Echo(fails=lambda texts: MemoryError() if len(texts) > 1 else None)
    await texts_of(start(backend), "ab")
    assert backend.num_dropped == 1


async def test_single_row_without_memory_fails_alone(start):
    backend = Echo(fails=lambda texts: MemoryError("full") if "b" in texts else None)
    worker = start(backend, batch_size=2)
    outcomes = await asyncio.gather(*(ask(worker, text) for text in "ab"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Completion, ModelError]


async def test_single_row_is_tried_again_with_the_memory_that_was_given_back(start):
    errors = [MemoryError()]
    backend = Echo(fails=lambda texts: errors.pop() if errors else None)
    assert await texts_of(start(backend), "a") == ["a"]
    assert backend.num_dropped == 1


async def test_waiting_question_takes_the_place_of_one_that_has_ended(start):
    backend = Echo(joins=True)
    worker = start(backend, batch_size=2)
    assert await texts_of(worker, ["a" * 9, "b", "c" * 5]) == ["a" * 9, "b", "c" * 5]
    assert [sorted(map(len, batch)) for batch in backend.batches] == [[5, 9], [1, 9], [9]]


async def test_answers_are_handed_over_as_they_end(start):
    let_go = threading.Event()
    worker = start(Echo(joins=True, fails=lambda texts: len(texts) == 1 and not let_go.wait(timeout=60)))
    long, short = (asyncio.create_task(ask(worker, text)) for text in ("a" * 9, "b"))
    assert (await asyncio.wait_for(short, timeout=30)).text == "b"
    assert not long.done()
    let_go.set()
    await long


async def test_what_ran_when_memory_ended_is_begun_again_and_nothing_is_lost(start):
    backend = Echo(joins=True, fails=lambda texts: MemoryError() if len(texts) > 2 else None)
    worker = start(backend, batch_size=4)
    asked = ["a" * 4, "b" * 3, "c" * 2, "d", "e"]
    assert await texts_of(worker, asked) == asked
    assert max(map(len, backend.batches[1:])) == 2


async def test_failure_to_open_is_told_to_everybody_and_not_tried_again():
    tries = []

    def fail():
        tries.append(1)
        raise EndpointError("torn weights")

    worker = Worker(fail, 4)
    outcomes = await asyncio.gather(*(ask(worker, text) for text in "abc"), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["torn weights"] * 3
    with pytest.raises(EndpointError, match="torn weights"):
        await worker.load()
    assert len(tries) == 1
    await worker.close()


async def test_closing_stops_what_runs_refuses_what_waits_and_lets_go():
    backend = Echo()
    backend.gate.clear()
    worker = Worker(lambda: backend, 1)
    tasks = [asyncio.create_task(ask(worker, text)) for text in "ab"]
    await until(lambda: backend.batches)
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0.01)
    backend.gate.set()
    await closing
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [EndpointError, EndpointError]
    assert backend.is_closed
    assert backend.batches == [["a"]]
    with pytest.raises(EndpointError, match="closed"):
        await ask(worker, "c")


async def test_cancelled_question_is_not_asked(start):
    backend = Echo()
    backend.gate.clear()
    worker = start(backend)
    first = asyncio.create_task(ask(worker, "a"))
    await until(lambda: backend.batches)
    second, third = (asyncio.create_task(ask(worker, text)) for text in "bc")
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    backend.gate.set()
    await asyncio.gather(first, third)
    assert backend.batches == [["a"], ["c"]]


def test_one_worker_serves_one_event_loop_after_another():
    backend = Echo()
    worker = Worker(lambda: backend, 4)
    for text in "abc":
        assert asyncio.run(asyncio.wait_for(texts_of(worker, text), timeout=30)) == [text]
    asyncio.run(worker.close())


def test_answer_to_a_loop_that_is_gone_harms_nobody():
    backend = Echo()
    backend.gate.clear()
    worker = Worker(lambda: backend, 4)

    async def leave():
        asyncio.get_running_loop().create_task(ask(worker, "a"))
        await until(lambda: backend.batches)

    asyncio.run(leave())
    backend.gate.set()
    assert asyncio.run(asyncio.wait_for(texts_of(worker, "b"), timeout=30)) == ["b"]
    asyncio.run(worker.close())
