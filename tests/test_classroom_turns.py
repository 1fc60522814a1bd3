"""Whose turn it is in the class server, step by step: nothing here waits, and the clock is ours."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.turns import LineFull, Ticket, Turns


class Clock:
    """Tells the time that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def working(turns: Turns) -> list[str]:
    return [ticket.name for ticket in turns.working]


def one_by_one(turns: Turns) -> list[str]:
    """End whatever works, the oldest first, and return who worked, in order."""
    order = []
    while turns.working:
        order.append(turns.working[0].name)
        turns.leave(turns.working[0])
    return order


def test_a_question_works_at_once_where_there_is_room():
    turns = Turns(slots=2, each=2)
    assert turns.enter("Ada").works and turns.enter("Bo").works
    assert not turns.enter("Cleo").works
    assert [ticket.name for ticket in turns.waiting] == ["Cleo"]


def test_everybody_in_rotation_however_many_questions_one_has():
    turns = Turns(slots=1, each=1)
    for name in ["Ada", *["Ada"] * 4, "Bo", "Bo", "Cleo"]:
        turns.enter(name)
    assert one_by_one(turns) == ["Ada", "Bo", "Cleo", "Ada", "Bo", "Ada", "Ada", "Ada"]


def test_two_hundred_questions_of_one_let_another_wait_for_one_turn():
    turns = Turns(slots=4, each=2, line_each=200)
    hers = [turns.enter("Ada") for _ in range(200)]
    assert working(turns) == ["Ada", "Ada"], "two slots stay free for others"
    assert turns.enter("Bo").works and turns.enter("Cleo").works
    late = turns.enter("Dan")
    turns.leave(hers[0])
    assert late.works and not hers[2].works


def test_a_slot_that_is_free_is_given_to_who_may_have_it():
    turns = Turns(slots=3, each=1)
    first, second = turns.enter("Ada"), turns.enter("Ada")
    assert not second.works, "one at once for each"
    other = turns.enter("Bo")
    assert other.works, "who has enough at work keeps nobody else waiting"
    turns.leave(first)
    assert second.works


def test_who_leaves_the_line_is_forgotten():
    turns = Turns(slots=1, each=1)
    first, gone, last = turns.enter("Ada"), turns.enter("Bo"), turns.enter("Cleo")
    turns.leave(gone)
    turns.leave(gone)
    assert [ticket.name for ticket in turns.waiting] == ["Cleo"]
    turns.leave(first)
    assert last.works and not gone.works
    turns.leave(last)
    assert not turns.working and not turns.waiting


def test_a_question_with_several_replies_takes_several_slots():
    turns = Turns(slots=4, each=2)
    three, two = turns.enter("Ada", places=3), turns.enter("Bo", places=2)
    assert three.works, "more than a share, but she has no other"
    assert not two.works
    small = turns.enter("Cleo")
    assert not small.works, "a large question is not overtaken for ever"
    turns.leave(three)
    assert two.works and small.works


def test_more_replies_than_slots_take_all_of_them():
    turns = Turns(slots=2, each=2)
    assert turns.enter("Ada", places=4).works


def test_the_line_has_an_end_for_each():
    clock = Clock()
    turns = Turns(slots=1, each=1, line=100, line_each=2, clock=clock)
    for _ in range(3):
        turns.enter("Ada")
    with pytest.raises(LineFull) as full:
        turns.enter("Ada")
    assert not full.value.whole and full.value.retry_after == 2, "two turns of a second"
    assert turns.enter("Bo"), "others still find a place"


def test_the_line_has_an_end_for_all_and_yet_a_place_for_everybody():
    turns = Turns(slots=1, each=1, line=3, line_each=10)
    for name in ["Ada", "Ada", "Ada", "Bo"]:
        turns.enter(name)
    with pytest.raises(LineFull) as full:
        turns.enter("Ada")
    assert full.value.whole
    assert turns.enter("Cleo"), "she has none in line"
    with pytest.raises(LineFull):
        turns.enter("Cleo")


@pytest.mark.parametrize(("took", "said"), [(0.01, 2), (10, 6), (1000, 30)])
def test_retry_after_follows_what_a_turn_takes(took, said):
    clock = Clock()
    turns = Turns(slots=1, each=1, line_each=2, clock=clock)
    first = turns.enter("Ada")
    clock.now += took
    turns.leave(first)
    for _ in range(3):
        turns.enter("Ada")
    with pytest.raises(LineFull) as full:
        turns.enter("Ada")
    assert full.value.retry_after == said


def test_waiting_for_a_turn_ends_with_the_turn():
    async def wait() -> bool:
        turns = Turns(slots=1, each=1)
        first, second = turns.enter("Ada"), turns.enter("Bo")
        await first.turn()
        waits = asyncio.create_task(second.turn())
        await asyncio.sleep(0)
        assert not waits.done()
        turns.leave(first)
        await waits
        return second.works

    assert asyncio.run(wait())


steps = st.lists(
    st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, 4), st.integers(1, 5)),
    max_size=80,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(1, 4), st.integers(1, 3), steps)
def test_whatever_happens_nobody_gets_too_much_and_no_slot_is_idle(slots, each, steps):
    turns, tickets = Turns(slots, each, line=6, line_each=3), []
    for what, who, places in steps:
        if what == "enter":
            try:
                tickets.append(turns.enter(f"learner {who}", places))
            except LineFull as full:
                assert 1 <= full.retry_after <= 30
        elif tickets:
            turns.leave(tickets.pop(who * len(tickets) // 5))
        check(turns, tickets, slots, each)


def check(turns: Turns, tickets: list[Ticket], slots: int, each: int) -> None:
    taken = Counter()
    for ticket in turns.working:
        taken[ticket.name] += ticket.places
    assert taken.total() <= slots
    alone = Counter(ticket.name for ticket in turns.working)
    assert all(taken[name] <= each or alone[name] == 1 for name in taken)
    assert sorted(map(id, [*turns.working, *turns.waiting])) == sorted(map(id, tickets))
    for ticket in turns.waiting:  # who waits does so for a reason
        has_enough = taken[ticket.name] and taken[ticket.name] + ticket.places > each
        assert has_enough or taken.total() + max(t.places for t in turns.waiting) > slots
