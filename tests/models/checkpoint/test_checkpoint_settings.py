import pytest

from evalscope.core.generation import Generation
from evalscope.errors import PromptTooLong
from evalscope.models.checkpoint.settings import Defaults, Settings, allowance, settle

SHIPPED = Defaults(temperature=0.7, top_p=0.8, top_k=20, min_p=0.05, repetition_penalty=1.05, stop=("END",))


def test_user_who_says_nothing_gets_the_checkpoints_own_settings():
    assert settle(Generation(), SHIPPED, 5) == Settings(
        max_new_tokens=5, temperature=0.7, top_p=0.8, top_k=20, min_p=0.05, repetition_penalty=1.05, stop=("END",)
    )


def test_checkpoint_without_settings_is_greedy():
    assert settle(Generation(), Defaults(), 5) == Settings(max_new_tokens=5)


def test_greedy_run_is_free_of_the_checkpoints_sampling():
    greedy = settle(Generation(temperature=0.0), SHIPPED, 5)
    assert greedy == Settings(max_new_tokens=5, repetition_penalty=1.05, stop=("END",))


def test_users_settings_win_key_by_key():
    settings = settle(Generation(temperature=1.5, top_k=3, repetition_penalty=1.0), SHIPPED, 5)
    assert (settings.temperature, settings.top_k, settings.top_p, settings.repetition_penalty) == (1.5, 3, 0.8, 1.0)


@pytest.mark.parametrize("top_k", [-1, 0])
def test_top_k_can_be_switched_off(top_k):
    assert settle(Generation(temperature=1.0, top_k=top_k), SHIPPED, 5).top_k == 0


def test_empty_and_repeated_stops_are_dropped():
    assert settle(Generation(stop=("", "a", "END", "a")), SHIPPED, 5).stop == ("a", "END")


@pytest.mark.parametrize(
    ("num_prompt", "asked", "context", "allowed"),
    [
        (10, 5, 100, 5),
        (98, 5, 100, 2),
        (99, 5, 100, 1),
        (10, None, 100, 90),
        (10, None, 100_000, 2048),
        (10, 4096, 100_000, 4096),
        (10, None, None, 2048),
    ],
)
def test_allowance_is_what_was_asked_for_within_the_context(num_prompt, asked, context, allowed):
    assert allowance([0] * num_prompt, asked, context) == allowed


@pytest.mark.parametrize("num_prompt", [100, 150])
def test_prompt_that_leaves_no_room_is_refused_with_both_numbers(num_prompt):
    with pytest.raises(PromptTooLong, match=f"{num_prompt} tokens .* 100,"):
        allowance([0] * num_prompt, 5, 100)
