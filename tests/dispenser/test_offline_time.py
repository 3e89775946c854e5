"""Real ages on boards whose clocks are wrong (J8): the order always holds, the age as far as anybody can know it."""

from hypothesis import given
from hypothesis import strategies as st

from ticket_dispenser.offline.time import HallTime, Stamp, Taken, ages_ms, boot_stamp


def test_within_one_boot_the_age_is_exact() -> None:
    taken = [Taken(Stamp("a", 1_000), None), Taken(Stamp("a", 61_000), None)]
    assert ages_ms(taken, Stamp("a", 121_000), None) == [120_000, 60_000]


def test_across_boots_the_halls_time_says_it() -> None:
    assert ages_ms([Taken(Stamp("a", 1_000), 500_000)], Stamp("b", 7_000), 800_000) == [300_000]


def test_without_any_clock_what_is_certain_counts() -> None:
    taken = [Taken(Stamp("a", 1_000), None), Taken(Stamp("a", 9_000), None), Taken(Stamp("b", 2_000), None)]
    assert ages_ms(taken, Stamp("b", 5_000), None) == [13_000, 5_000, 3_000]


boots = st.lists(
    st.tuples(
        st.integers(0, 3_600_000).map(abs),
        st.booleans(),
        st.lists(st.integers(0, 600_000), max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@given(boots=boots, hears_now=st.booleans())
def test_ages_keep_the_order_and_never_exceed_the_truth_by_a_clock_jump(
    boots: list[tuple[int, bool, list[int]]], hears_now: bool
) -> None:
    """Boots with a pause before each; in some the hall has been heard. The wall clock is never asked."""
    real, taken, real_at = 0, [], []
    for number, (off_ms, heard, gaps) in enumerate(boots):
        real += off_ms
        since = 0
        for gap in gaps:
            since, real = since + gap, real + gap
            taken.append(Taken(Stamp(str(number), since), 10_000_000 + real if heard else None))
            real_at.append(real)
        last = Stamp(str(number), since)
    ages = ages_ms(taken, last, 10_000_000 + real if hears_now else None)
    assert ages == sorted(ages, reverse=True)
    for age, at in zip(ages, real_at, strict=True):
        assert 0 <= age <= real - at


def test_the_halls_time_is_carried_on_within_a_boot_only() -> None:
    now = Stamp("a", 5_000)
    hall = HallTime(lambda: now)
    assert (hall.ms(), hall.local()) == (None, "")
    hall.hear("2026-06-03T10:42:07+08:00")
    heard = hall.ms()
    now = Stamp("a", 65_000)
    assert hall.ms() == (heard or 0) + 60_000
    assert hall.local() == "2026-06-03 10:43"
    now = Stamp("b", 65_000)
    assert (hall.ms(), hall.local()) == (None, "")


def test_a_boards_own_stamp_moves_on() -> None:
    first, second = boot_stamp(), boot_stamp()
    assert first.boot == second.boot
    assert second.ms >= first.ms > 0
