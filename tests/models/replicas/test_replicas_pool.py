"""Who is asked next, seat by seat."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from evalscope.errors import EndpointError
from evalscope.models.replicas.pool import Pool, Seat
from tests.models.replicas.fakes import FakeLife


def seated(pool, *wants) -> list[Seat]:
    seats = [Seat(handle=FakeLife(), node_name="a", wants=number) for number in wants]
    for seat in seats:
        pool.add(seat)
    return seats


async def test_the_seat_with_the_fewest_in_hand_is_next():
    pool = Pool()
    one, other = seated(pool, 4, 4)
    one.num_in_hand = 2
    async with pool.seat() as first, pool.seat() as second, pool.seat() as third, pool.seat() as fourth:
        assert [first, second] == [other, other]
        assert {id(third), id(fourth)} == {id(one), id(other)}
    assert (one.num_in_hand, other.num_in_hand) == (2, 0)


async def test_who_was_asked_before_is_first_in_the_line():
    pool = Pool()
    seated(pool, 1)
    served = []

    async def wait(name, *, first):
        async with pool.seat(first=first):
            served.append(name)

    async with pool.seat():
        waiting = [asyncio.create_task(wait("new", first=False)), asyncio.create_task(wait("again", first=True))]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert served == ["again", "new"]


async def test_a_place_given_to_one_who_was_cancelled_in_the_same_moment_is_free_again():
    pool = Pool()
    (seat,) = seated(pool, 1)

    async def wait():
        async with pool.seat():
            pass

    async with pool.seat():
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
    waiting.cancel()  # the place is his, but he has not heard of it
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seat.num_in_hand == 0


async def test_a_seat_is_lent_alone_once_it_is_empty_and_others_go_on_at_the_next():
    pool = Pool()
    one, other = seated(pool, 2, 2)
    other.num_in_hand = 1
    async with AsyncExitStack() as held:
        assert await held.enter_async_context(pool.seat()) is one
        one_alone = asyncio.create_task(pool.seat_alone().__aenter__())
        await asyncio.sleep(0)
        assert await held.enter_async_context(pool.seat()) is other
        assert not one_alone.done()
    assert await one_alone is one
    async with pool.seat() as seat:
        assert seat is other


async def test_a_seat_lent_alone_is_open_to_all_afterwards():
    pool = Pool()
    (seat,) = seated(pool, 2)
    async with pool.seat_alone():
        beside = asyncio.create_task(pool.seat().__aenter__())
        await asyncio.sleep(0)
        assert not beside.done()
    assert await beside is seat


async def test_a_reserved_seat_that_goes_is_replaced_by_another():
    pool = Pool()
    one, other = seated(pool, 2, 2)
    other.num_in_hand = 1
    one.num_in_hand = 1
    alone = asyncio.create_task(pool.seat_alone().__aenter__())
    await asyncio.sleep(0)
    pool.remove(one)
    other.num_in_hand = 0
    pool.remove(one)
    assert await asyncio.wait_for(alone, 20) is other


async def test_those_who_wait_are_turned_away_each_with_an_error_of_his_own():
    pool = Pool()
    waiting = [asyncio.create_task(pool.seat().__aenter__()), asyncio.create_task(pool.seat_alone().__aenter__())]
    await asyncio.sleep(0)
    pool.turn_away(EndpointError("gone"), for_good=True)
    errors = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(error) for error in errors] == ["gone", "gone"]
    assert errors[0] is not errors[1]
    with pytest.raises(EndpointError, match="gone"):
        await pool.seat().__aenter__()
