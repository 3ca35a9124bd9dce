"""Who is computed next."""

from dataclasses import dataclass

import pytest

from evalscope.models.checkpoint.schedule import Room, Schedule


@dataclass(eq=False)
class Held:
    """One that waits, and its own prompt."""

    num_tokens: int
    way: str = "together"
    num_left: int = 0
    is_it_wanted: bool = True

    @property
    def prompt(self):
        return self

    def is_wanted(self):
        return self.is_it_wanted


def waiting(*held, most_at_once=4, most_tokens=None):
    schedule = Schedule(Room(most_at_once=most_at_once, most_tokens=most_tokens))
    for one in held:
        schedule.add(one)
    return schedule


def lengths(held):
    return sorted(one.num_tokens for one in held)


def test_oldest_is_taken_with_those_closest_in_length():
    schedule = waiting(*map(Held, (50, 10, 90, 49, 53, 11)), most_at_once=3)
    assert lengths(schedule.next([], is_joinable=False)) == [49, 50, 53]
    assert lengths(schedule.next([], is_joinable=False)) == [10, 11, 90]


def test_nobody_joins_what_cannot_be_joined():
    schedule = waiting(Held(1))
    assert schedule.next([Held(1)], is_joinable=False) == []
    assert len(schedule) == 1


def test_free_places_are_filled():
    schedule = waiting(Held(1), Held(2), Held(3))
    assert lengths(schedule.next([Held(1), Held(1)], is_joinable=True)) == [1, 2]


def test_single_free_place_of_many_waits_for_others():
    schedule = waiting(Held(1), most_at_once=16)
    assert schedule.next([Held(1)] * 15, is_joinable=True) == []
    assert lengths(schedule.next([Held(1)] * 14, is_joinable=True)) == [1]


def test_another_way_waits_until_all_have_ended_and_is_not_overtaken():
    schedule = waiting(Held(1, way="plain"), Held(2))
    assert schedule.next([Held(1)], is_joinable=True) == []
    assert [one.way for one in schedule.next([], is_joinable=True)] == ["plain"]


@pytest.mark.parametrize(
    ("running", "expected"),
    [((), [10, 10]), ((10,), [10]), ((10, 10), []), ((25,), []), ((5,), [10])],
    ids=["none runs", "one runs", "two run", "a long one runs", "a short one runs"],
)
def test_no_more_are_begun_than_there_is_memory_for(running, expected):
    schedule = waiting(*map(Held, (10, 10, 10)), most_tokens=20)
    assert lengths(schedule.next([Held(length) for length in running], is_joinable=True)) == expected


def test_memory_counts_what_is_still_to_be_said():
    schedule = waiting(Held(5, num_left=5), Held(5, num_left=5), Held(5, num_left=5), most_tokens=20)
    assert len(schedule.next([], is_joinable=True)) == 2


def test_prompt_that_is_too_long_for_the_memory_is_tried_alone():
    schedule = waiting(Held(100), Held(100), most_tokens=20)
    assert lengths(schedule.next([], is_joinable=True)) == [100]


def test_suspects_are_computed_alone():
    first, second, third = Held(1), Held(1), Held(1)
    schedule = waiting(third)
    schedule.give_back([first, second])
    schedule.suspect([first, second])
    assert schedule.next([], is_joinable=True) == [first]
    assert schedule.next([first], is_joinable=True) == []
    assert schedule.next([], is_joinable=True) == [second]
    assert schedule.next([], is_joinable=True) == [third]


def test_cleared_suspect_is_like_any_other():
    first, second = Held(1), Held(1)
    schedule = waiting(first, second)
    schedule.suspect([first])
    schedule.clear_of_suspicion(first)
    assert len(schedule.next([], is_joinable=True)) == 2


def test_what_nobody_waits_for_is_dropped():
    schedule = waiting(Held(1), Held(2, is_it_wanted=False))
    schedule.drop_unwanted()
    assert lengths(schedule.take_all()) == [1]
