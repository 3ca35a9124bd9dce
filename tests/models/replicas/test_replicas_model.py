"""Many replicas as one model, with replicas that do what a test tells them to."""

import asyncio
import logging

import pytest

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.errors import ConfigError, EndpointError, ModelError, PromptTooLong
from evalscope.models.replicas import crew
from evalscope.models.replicas.handle import ReplicaLost
from evalscope.models.replicas.model import Replicas
from tests.models.replicas.fakes import VERSIONS, FakeCluster, FakeFace, FakeLife


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(crew, "PAUSE_S", 0.0)
    monkeypatch.setattr("evalscope.models.replicas.model.versions", lambda: VERSIONS)


@pytest.fixture
async def make_model():
    """Makes models of prepared lives, and closes them in the end."""
    made = []

    def make(*lives, num=2, patience_s=60.0, nodes=("a",)):
        cluster = FakeCluster(lives, nodes)
        made.append(Replicas(face=FakeFace(), num=num, grounds=cluster, patience_s=patience_s))
        return made[-1], cluster

    yield make
    for model in made:
        await model.aclose()


async def ask(model, text):
    return (await model.generate((Message("user", text),), Generation())).text


async def ask_all(model, texts, **more):
    return await asyncio.wait_for(asyncio.gather(*(ask(model, text) for text in texts), **more), 20)


async def until(is_so):
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0)


async def test_it_is_one_model_with_the_identity_of_a_single_copy(make_model):
    model, _ = make_model(FakeLife(), FakeLife())
    assert isinstance(model, Model)
    assert (model.name, model.identity, model.is_base_model) == ("fake", {"kind": "fake"}, True)


async def test_nothing_is_started_before_the_first_question(make_model):
    model, cluster = make_model(FakeLife(), FakeLife())
    assert model.concurrency == 2 * FakeFace.concurrency
    assert cluster.launched == []
    await ask(model, "x")
    assert len(cluster.launched) == 2


async def test_each_question_goes_to_the_shortest_queue_and_none_over_what_a_replica_wants(make_model):
    lives = FakeLife(wants=3), FakeLife(wants=3)
    model, _ = make_model(*lives)
    texts = [str(number) for number in range(40)]
    assert await ask_all(model, texts) == texts
    assert sorted(text for life in lives for text in life.asked) == sorted(texts)
    assert [life.most_in_hand for life in lives] == [3, 3]
    assert abs(len(lives[0].asked) - len(lives[1].asked)) <= 3


async def test_concurrency_is_the_sum_of_what_replicas_want_at_the_moment(make_model):
    late = FakeLife(wants=5, is_crowded=True)
    model, _ = make_model(FakeLife(wants=3), late)
    await ask(model, "x")
    assert model.concurrency == 3
    late.has_room.set()
    await until(lambda: model.concurrency == 8)
    late.wants = 1
    await ask_all(model, "abcd")
    assert model.concurrency == 4
    late.kill()
    await until(lambda: model.concurrency == 3)


async def test_log_likelihoods_are_asked_in_the_same_way(make_model):
    model, _ = make_model(FakeLife(answer=lambda context: (-1.0, -2.0)), num=1)
    assert await model.loglikelihood("context", ("a", "b")) == (-1.0, -2.0)


async def test_what_a_lost_replica_had_in_hand_is_asked_elsewhere_and_another_one_is_started(make_model):
    unlucky, spare = FakeLife(), FakeLife()

    def dies(text):
        unlucky.kill()
        return text

    unlucky.answer = dies
    other = FakeLife()
    model, cluster = make_model(unlucky, other, spare)
    texts = [str(number) for number in range(12)]
    assert await ask_all(model, texts) == texts
    assert unlucky.asked
    assert {*unlucky.asked} <= {*other.asked, *spare.asked}
    assert len(cluster.launched) == 3


async def test_a_replica_whose_device_failed_is_ended_and_its_question_asked_elsewhere(make_model):
    def fails(text):
        raise EndpointError("the device failed")

    broken = FakeLife(answer=fails)
    model, cluster = make_model(broken, FakeLife(), num=1)
    assert await ask(model, "x") == "x"
    assert broken.ended.is_set()
    assert len(cluster.launched) == 2


async def test_a_question_that_kills_replicas_is_given_up_and_those_beside_it_are_answered(make_model):
    def life():
        made = FakeLife(wants=4)

        async def answer(text):
            if text == "poison":
                await asyncio.sleep(0)
                made.kill()
            else:
                for _ in range(4):
                    await asyncio.sleep(0)
            return text

        made.answer = answer
        return made

    lives = [life() for _ in range(12)]
    model, _ = make_model(*lives, num=1)
    texts = ["1", "2", "poison", "3", "4", "5", "6"]
    answers = await ask_all(model, texts, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, str)] == ["1", "2", "3", "4", "5", "6"]
    assert type(answers[2]) is ModelError
    assert "3 replicas were lost while they had this question in hand" in str(answers[2])
    assert sum("poison" in life.asked for life in lives) == 3
    last = [life for life in lives if "poison" in life.asked][-1]
    assert last.asked.index("poison") == len(last.asked) - 1


async def test_errors_of_a_single_copy_come_back_as_themselves(make_model):
    def refuses(text):
        error = PromptTooLong("4 tokens, 3 fit")
        error.num_tokens = 4
        raise error

    model, _ = make_model(FakeLife(answer=refuses), num=1)
    with pytest.raises(PromptTooLong, match="4 tokens, 3 fit") as caught:
        await ask(model, "x")
    assert caught.value.num_tokens == 4


async def test_a_cancelled_question_frees_its_place(make_model):
    blocked = asyncio.Event()

    async def waits(text):
        if text == "slow":
            await blocked.wait()
        return text

    life = FakeLife(answer=waits, wants=1)
    model, _ = make_model(life, num=1)
    slow = asyncio.create_task(ask(model, "slow"))
    await until(lambda: life.num_in_hand == 1)
    waiting = asyncio.create_task(ask(model, "never"))
    await asyncio.sleep(0)
    waiting.cancel()
    slow.cancel()
    assert await asyncio.wait_for(ask(model, "next"), 20) == "next"
    assert life.asked == ["slow", "next"]


async def test_a_model_that_cannot_be_loaded_anywhere_is_the_loading_error_itself_at_once(make_model):
    fault = ConfigError("node a.lan: no config.json")
    model, cluster = make_model(FakeLife(loading=fault), FakeLife(loading=fault))
    answers = await ask_all(model, "xyz", return_exceptions=True)
    assert [(type(answer), str(answer)) for answer in answers] == [(ConfigError, str(fault))] * 3
    assert len({id(answer) for answer in answers}) == 3
    assert len(cluster.launched) == 2
    with pytest.raises(ConfigError):
        await ask(model, "later")


async def test_a_node_that_lacks_the_model_is_named_and_left_alone(make_model, caplog):
    lacking = FakeLife(node="b", loading=ConfigError("node b.lan: --model '/m' does not exist"))
    model, cluster = make_model(FakeLife(), lacking, FakeLife(), nodes=("a", "b"))
    await ask(model, "x")
    await until(lambda: len(cluster.launched) == 3)
    assert cluster.barred == [frozenset(), frozenset(), frozenset({"b"})]
    assert caplog.messages == ["no replica can run on this node: node b.lan: --model '/m' does not exist"]


async def test_a_node_with_another_release_is_named_and_left_alone(make_model):
    model, _ = make_model(FakeLife(versions={"evalscope": "0"}), num=1)
    with pytest.raises(ConfigError, match=r"node a.lan has evalscope 0, and 1 runs here; install the same version"):
        await ask(model, "x")


async def test_other_versions_of_libraries_are_told(make_model, caplog, monkeypatch):
    ours = {**VERSIONS, "torch": "2"}
    monkeypatch.setattr("evalscope.models.replicas.model.versions", lambda: ours)
    model, _ = make_model(FakeLife(versions={**VERSIONS, "torch": "1"}), num=1)
    await ask(model, "x")
    assert caplog.messages == [f"node a.lan has {{'torch': '1'}}; answers may differ from those of {ours}"]


async def test_replicas_that_are_always_lost_while_loading_are_given_up(make_model, caplog):
    caplog.set_level(logging.CRITICAL)
    lives = [FakeLife(loading=ReplicaLost("out of memory")) for _ in range(7)]
    model, cluster = make_model(*lives)
    with pytest.raises(EndpointError, match=r"a replica on node a.lan was lost before it was loaded: out of memory"):
        await ask(model, "x")
    assert len(cluster.launched) == 2 * crew.MOST_STILLBORN


async def test_a_node_that_has_served_before_gets_another_chance(make_model):
    first, full = FakeLife(), FakeLife(loading=EndpointError("node a.lan: it does not fit"))
    model, _ = make_model(first, full, FakeLife(), num=1)
    await ask(model, "x")
    first.kill()
    assert await ask(model, "y") == "y"


async def test_without_room_for_any_replica_questions_fail_with_advice_and_later_ones_wait_anew(make_model):
    model, cluster = make_model(num=1, patience_s=0.05)
    answers = await ask_all(model, "xy", return_exceptions=True)
    message = "no replica of the model is left, and none found room within 0.05 s; add nodes"
    assert [(type(answer), str(answer)) for answer in answers] == [(EndpointError, message)] * 2
    waiting = asyncio.create_task(ask(model, "z"))
    await asyncio.sleep(0)
    cluster.launched[0].has_room.set()
    assert await asyncio.wait_for(waiting, 20) == "z"


async def test_those_who_want_a_replica_alone_are_failed_together_too(make_model):
    def life():
        made = FakeLife(wants=4)

        async def answer(text):
            await asyncio.sleep(0)
            made.kill()
            return text

        made.answer = answer
        return made

    model, _ = make_model(life(), life(), num=1, patience_s=0.05)
    answers = await ask_all(model, "abcd", return_exceptions=True)
    assert [type(answer) for answer in answers] == [EndpointError] * 4


async def test_loading_takes_as_long_as_it_takes(make_model):
    slow = FakeLife()
    load = slow.load

    async def long_load(identity):
        await asyncio.sleep(0.2)
        return await load(identity)

    slow.load = long_load
    model, _ = make_model(slow, num=1, patience_s=0.05)
    assert await ask(model, "x") == "x"


async def test_a_closed_model_ends_its_replicas_and_refuses_who_waits_and_starts_again(make_model):
    stuck = FakeLife(answer=lambda text: asyncio.Event().wait(), wants=1)
    model, cluster = make_model(stuck, FakeLife(), num=1)
    asked = [asyncio.create_task(ask(model, text)) for text in "xy"]
    await until(lambda: stuck.num_in_hand == 1)
    await model.aclose()
    assert stuck.ended.is_set()
    assert cluster.is_closed
    with pytest.raises(EndpointError, match="closed"):
        await asked[1]
    asked[0].cancel()
    assert await ask(model, "z") == "z"


async def test_what_nobody_expects_in_a_keeper_fails_the_questions_instead_of_leaving_them_waiting(make_model):
    odd = FakeLife()

    async def place():
        raise RuntimeError("odd")

    odd.place = place
    model, _ = make_model(odd, num=1)
    with pytest.raises(EndpointError, match="RuntimeError: odd"):
        await asyncio.wait_for(ask(model, "x"), 20)
