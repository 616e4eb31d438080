"""Clock times, dates and seconds in tables, over several days and over changes of the clock."""

import pytest
from center_files import Center

SPRING = "2024-03-31"  # Amsterdam's clocks go from 02:00 to 03:00
AUTUMN = "2024-10-27"  # and from 03:00 back to 02:00


def night(center: Center, day: str, hours: int, rows: str) -> None:
    """The volumes of a night by the hour, nobody but service calling."""
    head, groups = (center.folder / "center.toml").read_text().split("[[agent_groups]]", 1)
    head = head.replace("2024-03-04T08:00:00", f"{day}T00:00:00")
    head = head.replace('"2h"', f'"{hours}h"\ninterval = "1h"')
    sales = head.index('[[contact_types]]\nname = "sales"')
    head += "[[agent_groups]]" + groups.replace('["service", "sales"]', '["service"]')
    head = head[:sales] + head[head.index("[[agent_groups]]") :]
    center.write("center.toml", head.replace('{ csv = "heads.csv" }', "3"))
    center.write("volumes.csv", "interval,type,volume\n" + rows)
    center.change("roster.csv", "08:00,10:00,09:00-09:15", "00:00,02:00,")
    center.change("roster.csv", "08:30,12:00,09:15-09:30;11:00-11:10", "00:00,02:00,")


def rates(center: Center) -> tuple[float, ...]:
    return center.load().contact_types[0].arrivals.rates_per_hour


def rows(*pairs: tuple[str, int]) -> str:
    return "".join(f"{text},service,{volume}\n" for text, volume in pairs)


CLOCK = rows(("00:00", 1), ("01:00", 2), ("02:00", 3), ("03:00", 4))


def test_in_spring_the_skipped_hour_has_no_interval(center: Center) -> None:
    night(center, SPRING, 3, CLOCK)
    assert rates(center) == (1, 2, 4)


def test_in_autumn_the_hour_that_comes_twice_has_two(center: Center) -> None:
    night(center, AUTUMN, 5, CLOCK)
    assert rates(center) == (1, 2, 3, 3, 4)


def test_in_autumn_dates_need_the_offset(center: Center) -> None:
    day = [(f"{AUTUMN} 00:00", 1), (f"{AUTUMN} 01:00", 2), (f"{AUTUMN} 03:00", 5)]
    night(center, AUTUMN, 5, rows(*day, (f"{AUTUMN} 02:00", 3)))
    assert center.problems() == [
        f'volumes.csv, line 5, column interval: is "{AUTUMN} 02:00"; must be one moment: '
        "the clock shows it twice on that day, so add the offset from UTC (+01:00)"
    ]
    both = (f"{AUTUMN} 02:00+01:00", 4), (f"{AUTUMN}T02:00:00+02:00", 3)
    night_rows = rows(*day, *both)
    center.write("volumes.csv", "interval,type,volume\n" + night_rows)
    assert rates(center) == (1, 2, 3, 4, 5)


def test_in_spring_dates_that_are_skipped_are_refused(center: Center) -> None:
    day = [(f"{SPRING} 0{hour}:00", hour) for hour in range(4)]
    night(center, SPRING, 3, rows(*day))
    assert center.problems() == [
        f'volumes.csv, line 4, column interval: is "{SPRING} 02:00"; must be a time that the '
        "clock shows: it is skipped on that day"
    ]


def test_clock_times_repeat_on_each_day(center: Center) -> None:
    hours = [(f"{hour:02d}:00", hour) for hour in range(24)]
    night(center, "2024-06-01", 48, rows(*hours))
    assert rates(center) == tuple(range(24)) * 2


@pytest.mark.parametrize("style", ["{0} {1:02d}:00", "{0}T{1:02d}:00:00", "{2}"])
def test_dates_and_seconds_are_single_instants(style: str, center: Center) -> None:
    times = [
        style.format(day, hour, 3600 * (24 * k + hour))
        for k, day in enumerate(("2024-06-01", "2024-06-02"))
        for hour in range(24)
    ]
    night(center, "2024-06-01", 48, rows(*((text, k) for k, text in enumerate(times))))
    assert rates(center) == tuple(range(48))
    missing = rows(*((text, k) for k, text in enumerate(times) if k != 25))
    center.write("volumes.csv", "interval,type,volume\n" + missing)
    (problem,) = center.problems()
    assert problem.startswith('volumes.csv: has no row of type "service" for 2024-06-02 01:00;')


@pytest.mark.parametrize("off", ["2024-06-01 00:30", "2024-05-31 23:30", "2024-06-01 01:00:01"])
def test_dates_off_the_grid(off: str, center: Center) -> None:
    """An interval that only overlaps the horizon's is refused; others are left out."""
    day = [(f"2024-06-01 0{hour}:00", hour) for hour in range(3)]
    night(center, "2024-06-01", 3, rows(*day, (off, 9)))
    (problem,) = center.problems()
    assert problem.startswith(f'volumes.csv, line 5, column interval: is "{off}"; must be the')
    outside = [("2024-05-31 23:00", 9), ("2024-06-01 03:00", 9), ("2025-06-01 00:00", 9)]
    center.write("volumes.csv", "interval,type,volume\n" + rows(*day, *outside))
    assert rates(center) == (0, 1, 2)


@pytest.mark.parametrize("off", ["1", "1800", "3599", "7201"])
def test_seconds_off_the_grid(off: str, center: Center) -> None:
    night(center, "2024-06-01", 3, rows(("0", 1), ("3600", 2), ("7200", 3), (off, 4)))
    (problem,) = center.problems()
    assert problem.startswith(f'volumes.csv, line 5, column interval: is "{off}"; must be the')


def test_an_interval_over_midnight(center: Center) -> None:
    """The horizon need not begin at midnight, nor its intervals divide the day."""
    hours = [(f"{(22 + hour) % 24:02d}:00", hour) for hour in range(4)]
    night(center, "2024-06-01", 4, rows(*hours))
    center.change("center.toml", "2024-06-01T00:00:00", "2024-06-01T22:00:00")
    center.change("roster.csv", "00:00,02:00", "22:00,24:00")
    assert rates(center) == (0, 1, 2, 3)


def test_intervals_that_are_not_whole_seconds(center: Center) -> None:
    night(center, "2024-06-01", 1, rows(*((f"{k / 10:.1f}", k) for k in range(20))))
    center.change("center.toml", 'length = "1h"', "length = 2")
    center.change("center.toml", 'interval = "1h"', "interval = 0.1")
    assert rates(center) == tuple(k * 36000.0 for k in range(20))


def trace(center: Center, *times: str) -> None:
    center.write("trace.csv", "at\n" + "".join(f"{text}\n" for text in times))
    text = (center.folder / "center.toml").read_text()
    text = text.replace('csv = "volumes.csv" }', 'times_csv = "trace.csv", column = "at" }', 1)
    center.write("center.toml", text)


def test_a_trace_in_local_time(center: Center) -> None:
    trace(center, "2024-03-04 08:00", "2024-03-04T08:00:01.5", "2024-03-04 09:30:00+01:00")
    assert center.load().contact_types[0].arrivals.times == (0, 1.5, 5400)


IN_HORIZON = "must be in the horizon, from 08:00 to before 10:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("7200", f'is "7200"; {IN_HORIZON}'),
        ("4", 'is "4"; must be in order of time: line 2 is later'),
        ("-1", 'is "-1"; must be seconds from the start or a local date and time such as '),
        ("08:30", 'is "08:30"; must be seconds from the start or a local date and time such as '),
        ("2024-03-04 08:30", "must be seconds from the start, as on line 2"),
        ("", "is empty; must be seconds from the start or a local date and time such as "),
        ("1 000", 'is "1 000"; must be seconds from the start or a local date and time such as '),
    ],
)
def test_a_trace_with_a_bad_cell(text: str, message: str, center: Center) -> None:
    trace(center, "5", text or '""', "10") if text else trace(center, "5")
    if not text:
        center.write("trace.csv", "at,more\n5,1\n,1\n")
    (problem,) = center.problems()
    assert problem.startswith("trace.csv, line 3, column at: ")
    assert message in problem


@pytest.mark.parametrize("day", ["2024-03-03 09:00", "2024-03-04 10:00"])
def test_a_trace_of_another_time(day: str, center: Center) -> None:
    trace(center, day)
    assert center.problems() == [f'trace.csv, line 2, column at: is "{day}"; {IN_HORIZON}']
