"""Rosters: what they mean, and one message with the line for each way to be wrong."""

import pytest
from center_files import FILES, Center

import simcc

TIME = (
    "must be a clock time such as 08:30, a local date and time such as 2024-03-04 08:30 "
    "or seconds from the start"
)
BREAKS = 'must be breaks such as "10:00-10:15;12:00-12:30", written as start and end are'
ANN, BEN = "Ann,back,08:00,10:00,09:00-09:15", "Ben,back,08:30,12:00,09:15-09:30;11:00-11:10"


def shift(agent: str, start: float, end: float, *breaks: tuple[float, float]) -> simcc.Shift:
    return simcc.Shift(agent=agent, start=start, end=end, breaks=breaks)


def shifts(center: Center) -> tuple[simcc.Shift, ...]:
    return center.load().agent_groups[1].staff.shifts


def roster(center: Center, *lines: str) -> None:
    center.write("roster.csv", "agent,group,start,end,breaks\n" + "\n".join(lines))


def days(center: Center, start: str, length: str) -> None:
    """Another horizon, with the tables of volumes and heads left out."""
    center.change("center.toml", "2024-03-04T08:00:00", start)
    center.change("center.toml", '"2h"', f'"{length}"')
    center.change("center.toml", 'csv = "volumes.csv"', "rate_per_hour = 10")
    center.change("center.toml", '{ csv = "heads.csv" }', "3")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "Ann,back,10:00,08:00,",
            ', column end: is "08:00"; must be later than the start, 10:00; '
            "a shift over midnight needs dates",
        ),
        (
            "Ann,back,08:00,08:00,",
            ', column end: is "08:00"; must be later than the start, 08:00; '
            "a shift over midnight needs dates",
        ),
        ("Ann,back,,10:00,", f", column start: is empty; {TIME}"),
        ("Ann,back,08:00,,", f", column end: is empty; {TIME}"),
        ("Ann,back,08:00,25:00,", f', column end: is "25:00"; {TIME}'),
        ("Ann,back,24:00,24:00,", f', column start: is "24:00"; {TIME}'),
        (
            "Ann,back,08:00,7200,",
            ', column end: is "7200"; must be a clock time, as on line 2',
        ),
        (
            "Ann,back,08:00,10:00,7:30-8:15",
            ', column breaks: is "7:30-8:15"; must be breaks within the shift, 08:00 to 10:00',
        ),
        (
            "Ann,back,08:00,10:00,09:45-10:15",
            ', column breaks: is "09:45-10:15"; must be breaks within the shift, 08:00 to 10:00',
        ),
        (
            "Ann,back,08:00,10:00,09:30-09:15",
            ', column breaks: is "09:30-09:15"; must be breaks that end later than they start',
        ),
        (
            "Ann,back,08:00,10:00,09:00-09:15;09:14-09:30",
            ', column breaks: is "09:00-09:15;09:14-09:30"; must be breaks that do not overlap',
        ),
        ("Ann,back,08:00,10:00,09:00", f', column breaks: is "09:00"; {BREAKS}'),
        ("Ann,back,08:00,10:00,09:00-", f', column breaks: is "09:00-"; {BREAKS}'),
        ("Ann,back,08:00,10:00,;", f', column breaks: is ";"; {BREAKS}'),
        (
            "Ann,back,08:00,10:00,lunch",
            f', column breaks: is "lunch"; {BREAKS}',
        ),
        (
            "Ann,back,08:00,10:00,3600-4500",
            ', column breaks: is "3600-4500"; must be a clock time, as on line 2',
        ),
        (",back,08:00,10:00,", ", column agent: is empty; must be the name of an agent"),
        (
            "Ann,bakc,08:00,10:00,",
            ', column group: is "bakc"; must be the name of a group of the scenario; '
            'did you mean "back"?',
        ),
        ("Ann,back,08:00,10:00", ": has 4 cells, the header has 5"),
    ],
)
def test_one_problem(line: str, message: str, center: Center) -> None:
    roster(center, BEN, line)
    assert center.problems() == [f"roster.csv, line 3{message}"]


def test_an_agent_has_one_shift_at_a_time(center: Center) -> None:
    roster(center, BEN, ANN, "Ben,back,07:00,08:31,", "Ben,back,12:00,13:00,")
    assert center.problems() == ["roster.csv, line 4: overlaps the shift of Ben on line 2"]


def test_an_agent_has_one_group(center: Center) -> None:
    roster(center, BEN, ANN, "Ben,front,13:00,14:00,")
    assert center.problems() == [
        'roster.csv, line 4, column group: is "front"; must be "back", the group of Ben on line 2'
    ]


def test_a_group_without_rows(center: Center) -> None:
    roster(center, "Ben,front,13:00,14:00,")
    assert center.problems() == ['roster.csv: has no row of group "back"']


def test_a_group_without_a_shift_in_the_horizon(center: Center) -> None:
    roster(center, "Ben,back,13:00,14:00,", "Ann,back,06:00,08:00,")
    assert center.problems() == ['roster.csv: has no shift of group "back" within the horizon']


@pytest.mark.parametrize("value", ["3", '["roster.csv"]', "{ csv = 'roster.csv' }", "''"])
def test_a_roster_is_named(value: str, center: Center) -> None:
    center.change("center.toml", '"roster.csv"', value)
    (problem,) = center.problems()
    assert problem.startswith('agent_groups["back"].roster: is ')
    assert problem.endswith("; must be the name of a CSV file")


def test_breaks_may_be_left_out(center: Center) -> None:
    center.write("roster.csv", "agent,group,start,end\nAnn,back,08:00,10:00\n")
    assert shifts(center) == (shift("Ann", 0, 7200),)


def test_breaks_in_any_order(center: Center) -> None:
    roster(center, "Ann,back,08:00,10:00, 09:15 - 09:30 ;9:00-9:15")
    assert shifts(center) == (shift("Ann", 0, 7200, (3600, 4500), (4500, 5400)),)


def test_several_groups_share_a_roster(center: Center) -> None:
    center.change("center.toml", 'agents = { csv = "heads.csv" }', 'roster = "roster.csv"')
    roster(center, ANN, "Cem,front,08:00,09:00,")
    groups = center.load().agent_groups
    assert groups[0].staff.shifts == (shift("Cem", 0, 3600),)
    assert groups[1].staff.shifts == (shift("Ann", 0, 7200, (3600, 4500)),)


def test_what_lies_before_the_horizon_is_cut_off(center: Center) -> None:
    """Who is on duty at second 0 is there; what comes after the horizon stays: work drains."""
    roster(center, "Ann,back,06:00,11:00,07:00-07:30;07:45-08:10;10:30-10:45")
    assert shifts(center) == (shift("Ann", 0, 10800, (0, 600), (9000, 9900)),)


def test_clock_times_repeat_on_each_day(center: Center) -> None:
    days(center, "2024-03-04T08:00:00", "48h")
    roster(center, ANN, "Ben,back,20:00,24:00,23:00-24:00")
    day = 86400
    assert shifts(center) == (
        *(shift("Ann", at, at + 7200, (at + 3600, at + 4500)) for at in (0, day)),
        *(shift("Ben", at, at + 14400, (at + 10800, at + 14400)) for at in (43200, 43200 + day)),
    )


def test_a_morning_shift_of_the_second_day(center: Center) -> None:
    """The horizon ends at 08:00 of the second day, on which Ann is there from 06:00 to 10:00."""
    days(center, "2024-03-04T08:00:00", "24h")
    roster(center, "Ann,back,06:00,10:00,")
    assert shifts(center) == (shift("Ann", 0, 7200), shift("Ann", 79200, 93600))


@pytest.mark.parametrize(
    "line",
    [
        "Ann,back,2024-03-04 22:00,2024-03-05 06:00,2024-03-05 01:00-2024-03-05 01:30",
        "Ann,back,2024-03-04T22:00:00+01:00,2024-03-05 05:00Z,2024-03-05 01:00-2024-03-05 01:30",
        "Ann,back,50400,79200,61200-63000",
    ],
)
def test_night_shifts_are_written_with_dates(line: str, center: Center) -> None:
    days(center, "2024-03-04T08:00:00", "48h")
    roster(center, line)
    assert shifts(center) == (shift("Ann", 50400, 79200, (61200, 63000)),)


def test_a_shift_over_the_change_in_spring(center: Center) -> None:
    """From 01:00 to 04:00 are two hours; 02:30 is the moment of the change."""
    days(center, "2024-03-31T00:00:00", "6h")
    roster(
        center, "Ann,back,01:00,04:00,01:30-02:30", "Ben,back,02:30,05:00,", "Cem,back,02:10,02:50,"
    )
    assert shifts(center) == (shift("Ann", 3600, 10800, (5400, 7200)), shift("Ben", 7200, 14400))


def test_a_shift_over_the_change_in_autumn(center: Center) -> None:
    """From 01:00 to 04:00 are four hours; 02:30 is the first one."""
    days(center, "2024-10-27T00:00:00", "6h")
    roster(center, "Ann,back,01:00,04:00,02:30-03:00")
    assert shifts(center) == (shift("Ann", 3600, 18000, (9000, 14400)),)


def test_dates_that_are_skipped_or_come_twice(center: Center) -> None:
    days(center, "2024-10-27T00:00:00", "6h")
    roster(center, "Ann,back,2024-10-27 02:30,2024-10-27 05:00,")
    (problem,) = center.problems()
    assert problem.startswith(
        'roster.csv, line 2, column start: is "2024-10-27 02:30"; must be one'
    )
    days_later = "2024-03-31T00:00:00"
    center.change("center.toml", "2024-10-27T00:00:00", days_later)
    roster(center, "Ann,back,2024-03-31 01:00,2024-03-31 02:30,")
    (problem,) = center.problems()
    assert "line 2, column end" in problem
    assert "skipped" in problem


def test_too_many_shifts(center: Center) -> None:
    days(center, "2024-01-01", "3650d")
    roster(center, *(f"a{i},back,08:00,10:00," for i in range(150)))
    assert center.problems() == [
        "roster.csv: stands for 547500 shifts in the horizon; at most 500000"
    ]


def test_places_of_other_problems_are_the_written_ones(center: Center) -> None:
    """What the scenario itself finds is told with the names of the file's fields."""
    center.change("center.toml", 'agents = { csv = "heads.csv" }', 'roster = "second.csv"')
    center.write("second.csv", FILES["roster.csv"].replace("back", "front"))
    (problem, *_) = center.problems()
    assert problem.startswith('agent_groups["back"].roster.shifts: has the agent "Ann"')
