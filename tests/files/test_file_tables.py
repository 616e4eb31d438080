"""A table that is wrong is refused with one message that names its line and column."""

import time

import pytest
from center_files import FILES, Center

CONTACTS = "must be a number of at least 0 (unit: contacts)"
AGENTS = "must be a whole number of at least 0 (unit: agents)"
SECONDS = "must be a number of at least 0 (unit: seconds)"
TIME = (
    "must be a clock time such as 08:30, a local date and time such as 2024-03-04 08:30 "
    "or seconds from the start"
)
START = "must be the start of an interval of the horizon: every 30min from 08:00"
TYPE = "must be the name of a contact type of the scenario"
GROUP = "must be the name of a group of the scenario"
EACH = "must have one for each interval of 30min"
ROW = "08:30,service,52\n"

# file: (old text, new text, the one message), for the first place of the old text
WRONG = {
    "volumes.csv": [
        ("52", "x", f', line 3, column volume: is "x"; {CONTACTS}'),
        ("52", "-1", f', line 3, column volume: is "-1"; {CONTACTS}'),
        ("52", "", f", line 3, column volume: is empty; {CONTACTS}"),
        ("52", "nan", f', line 3, column volume: is "nan"; {CONTACTS}'),
        ("52", "inf", f', line 3, column volume: is "inf"; {CONTACTS}'),
        ("52", "1e999", f', line 3, column volume: is "1e999"; {CONTACTS}'),
        ("52", "1_0", f', line 3, column volume: is "1_0"; {CONTACTS}'),
        ("52", "٣", f', line 3, column volume: is "٣"; {CONTACTS}'),
        (
            "52",
            "6e8",
            ', line 3, column volume: is "6e8"; must be a number of at most 500000000 '
            "(unit: contacts)",
        ),
        (
            "52",
            '"1,5"',
            ', line 3, column volume: is "1,5"; must be a number of at least 0, '
            "with a decimal point, not a comma (unit: contacts)",
        ),
        (
            "52",
            "1,5",
            ", line 3: has 4 cells, the header has 3; decimals need a point, not a comma",
        ),
        ("service,52", "52", ", line 3: has 2 cells, the header has 3"),
        ("08:30", "", f", line 3, column interval: is empty; {TIME}"),
        ("08:30", "8h30", f', line 3, column interval: is "8h30"; {TIME}'),
        ("08:30", "24:00", f', line 3, column interval: is "24:00"; {TIME}'),
        ("08:30", "08:60", f', line 3, column interval: is "08:60"; {TIME}'),
        ("08:30", "-1800", f', line 3, column interval: is "-1800"; {TIME}'),
        ("08:30", "2024-02-30", f', line 3, column interval: is "2024-02-30"; {TIME}'),
        (
            "08:30",
            "1800",
            ', line 3, column interval: is "1800"; must be a clock time, as on line 2',
        ),
        ("08:30", "08:45", f', line 3, column interval: is "08:45"; {START}'),
        ("09:30", "09:59:59", f', line 5, column interval: is "09:59:59"; {START}'),
        ("08:30", "07:45", f', line 3, column interval: is "07:45"; {START}'),
        (
            "service,52",
            "servise,52",
            f', line 3, column type: is "servise"; {TYPE}; did you mean "service"?',
        ),
        (
            "service,52",
            "mail,52",
            f', line 3, column type: is "mail"; {TYPE}; allowed: service, sales',
        ),
        ("service,52", ",52", f", line 3, column type: is empty; {TYPE}"),
        (ROW, "", f': has no row of type "service" for 08:30; {EACH}'),
        (ROW, ROW + ROW, ', line 4: repeats 08:30 of type "service", which is on line 3'),
        (
            ROW,
            f"{ROW}8:30:00,service,1\n",
            ', line 4: repeats 8:30:00 of type "service", which is on line 3',
        ),
        (
            "08:30",
            '"08:30',
            ", line 3: cannot be read as CSV: a quoted cell does not end on its line",
        ),
        ("08:30", '"08:30"x', ", line 3: cannot be read as CSV: ',' expected after '\"'"),
    ],
    "heads.csv": [
        ("11", "1.5", f', line 3, column agents: is "1.5"; {AGENTS}'),
        ("11", "-1", f', line 3, column agents: is "-1"; {AGENTS}'),
        (
            "11",
            "1e7",
            ', line 3, column agents: is "1e7"; must be a whole number of at most 1000000 '
            "(unit: agents)",
        ),
        (
            "front,11",
            "frnt,11",
            f', line 3, column group: is "frnt"; {GROUP}; did you mean "front"?',
        ),
        ("08:30,front,11\n", "", f': has no row of group "front" for 08:30; {EACH}'),
        ("front,11", "back,11", f': has no row of group "front" for 08:30; {EACH}'),
    ],
    "talk.csv": [
        ("220.5", "", f", line 3, column s: is empty; {SECONDS}"),
        ("220.5", "-1", f', line 3, column s: is "-1"; {SECONDS}'),
        ("220.5", "2min", f', line 3, column s: is "2min"; {SECONDS}'),
        ("s,queue", "t,queue", ', line 1: has no column "s"; its columns: "t", "queue"'),
        ("s,queue", "s,s", ", line 1, column s: is given twice"),
        ("s,queue", "s,", ", line 1: column 2 has no name"),
    ],
    "patience.csv": [
        (
            "60,0.9",
            "60,1.2",
            ', line 3, column survival: is "1.2"; must be a number from 0 to 1 '
            "(unit: a probability or share)",
        ),
        (
            "60,0.9",
            "60,0.7",
            ', line 4, column survival: is "0.75"; must be at most the level before it, 0.7',
        ),
        (
            "60,0.9",
            "240,0.9",
            ', line 4, column time: is "240"; must be more than the time before it, 240 '
            "(unit: seconds)",
        ),
        (
            "0,1",
            "0,0.95",
            ', line 2, column survival: is "0.95"; must be 1 at time 0; '
            "who does not wait at all is balking",
        ),
        ("0,1", "-1,1", f', line 2, column time: is "-1"; {SECONDS}'),
    ],
}
CASES = [(name, *case) for name, cases in WRONG.items() for case in cases]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    CASES,
    ids=[f"{name}: {old!r} to {new!r}" for name, old, new, _ in CASES],
)
def test_one_problem(name: str, old: str, new: str, message: str, center: Center) -> None:
    center.change(name, old, new, 1)
    assert center.problems() == [name + message]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Interval,type,volume", "line 1, column Interval: is not a column here; did you mean"),
        ("interval,type,volumes", 'line 1: has no column "volume"; its columns: "interval", "typ'),
        ("interval,type,type", "line 1, column type: is given twice"),
        ("interval,type,", "line 1: column 3 has no name"),
        ("interval;type;volume", 'line 1: is "interval;type;volume"; columns must be separated'),
        ("interval\ttype\tvolume", "line 1: is "),
        ("interval,type,volume,AHT", "line 1, column AHT: is not a column here; allowed: interval"),
        ("08:00,service,40", "line 1, column 08:00: is not a column here; allowed: interval"),
    ],
)
def test_headers(header: str, message: str, center: Center) -> None:
    center.change("volumes.csv", "interval,type,volume", header)
    problems = center.problems()
    assert any(problem.startswith(f"volumes.csv, {message}") for problem in problems), problems
    assert all(problem.startswith("volumes.csv, ") for problem in problems)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".csv")])
@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_empty_tables(name: str, end: str, center: Center) -> None:
    header = FILES[name].partition("\n")[0]
    center.write(name, header + end)
    assert center.problems() == [f"{name}: has no rows"]
    center.write(name, end)
    (problem,) = center.problems()
    assert problem.startswith(f"{name}: is empty; its first line must name {header.split(',')[0]}")


def test_all_rows_of_a_type_missing(center: Center) -> None:
    lines = FILES["volumes.csv"].splitlines(keepends=True)
    center.write("volumes.csv", "".join(line for line in lines if "sales" not in line))
    assert center.problems() == ['volumes.csv: has no row of type "sales"']


def test_many_missing_intervals_are_counted(center: Center) -> None:
    center.change("center.toml", '"2h"', '"10h"')
    left = "must have one for each interval of 30min"
    missing = "10:00, 10:30, 11:00, 11:30, 12:00 and 11 more"
    assert center.problems() == [
        f'volumes.csv: has no row of type "service" for {missing}; {left}',
        f'volumes.csv: has no row of type "sales" for {missing}; {left}',
        f'heads.csv: has no row of group "front" for {missing}; {left}',
    ]


def test_all_problems_of_all_files_at_once(center: Center) -> None:
    center.change("center.toml", 'skills = ["service"', 'skills = ["servise"')
    center.change("center.toml", "cv = 0.1", "cv = -0.1")
    center.change("center.toml", '"3min"', '"3 parsecs"')
    center.change("volumes.csv", "52", "x")
    center.change("volumes.csv", "08:00,sales,6\n", "")
    center.change("heads.csv", "11", "-4")
    center.change("roster.csv", "08:00,10:00", "10:00,08:00")
    center.change("talk.csv", "100", "soon")
    center.change("patience.csv", "0.9", "9")
    found = "\n".join(center.problems())
    for words in (
        'agent_groups["front"].skills: is "servise"',
        'contact_types["sales"].arrivals.busyness.cv: is -0.1',
        'contact_types["sales"].talk_time: "3 parsecs"',
        "volumes.csv, line 3, column volume",
        'volumes.csv: has no row of type "sales" for 08:00',
        "heads.csv, line 3, column agents",
        "roster.csv, line 2, column end",
        "talk.csv, line 2, column s",
        "patience.csv, line 3, column survival",
    ):
        assert words in found
    assert len(center.problems()) == 9


def test_tables_are_checked_where_the_horizon_is_wrong(center: Center) -> None:
    center.change("center.toml", '"2h"', '"2 parsecs"')
    center.change("volumes.csv", "52", "x")
    center.change("roster.csv", "08:00,10:00", "10:00,08:00")
    horizon, *tables = center.problems()
    assert horizon.startswith("horizon.length")
    assert [problem.partition(":")[0] for problem in tables] == [
        "volumes.csv, line 3, column volume",
        "roster.csv, line 2, column end",
    ]


def test_a_table_with_very_many_problems_does_not_hide_the_others(center: Center) -> None:
    center.write("talk.csv", "s\n" + "soon\n" * 1000)
    center.change("heads.csv", "11", "x")
    problems = center.problems()
    assert len(problems) == 22
    assert "talk.csv: has 980 more problems" in problems
    assert any(problem.startswith("heads.csv") for problem in problems)


def with_ahts(center: Center, *ahts: str, volume: str = "5") -> None:
    clocks = ("08:00", "08:30", "09:00", "09:30")
    rows = [f"{c},service,{volume},{aht}\n" for c, aht in zip(clocks, ahts, strict=True)]
    rows += [f"{clock},sales,5,\n" for clock in clocks]
    center.write("volumes.csv", "interval,type,volume,aht\n" + "".join(rows))


@pytest.mark.parametrize(
    ("aht", "message"),
    [
        ("", f"is empty; {SECONDS}"),
        ("x", f'is "x"; {SECONDS}'),
        ("-5", f'is "-5"; {SECONDS}'),
        ("0", 'is "0"; must be a number of more than 0 (unit: seconds)'),
        ("25", 'is "25"; must be more than 30, the mean of after_call_work (unit: seconds)'),
    ],
)
def test_ahts(aht: str, message: str, center: Center) -> None:
    center.change("center.toml", "patience =", "after_call_work = 30\npatience =")
    with_ahts(center, "240", aht, "300", "250")
    assert center.problems() == [f"volumes.csv, line 3, column aht: {message}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("talk_time_by_group", "{ front = 60, back = 60 }"),
        ("talk_time_by_interval", "[60, 60, 60, 60]"),
    ],
)
def test_ahts_need_a_talk_time_to_scale(field: str, value: str, center: Center) -> None:
    talk = 'talk_time = { sample = "talk.csv", column = "s" }'
    center.change("center.toml", talk, f"{field} = {value}")
    with_ahts(center, "240", "240", "300", "250")
    assert center.problems() == [
        'contact_types["service"].arrivals.csv: has a column aht, whose values scale talk_time: '
        "give talk_time alone, or leave this type's cells of it empty"
    ]
    with_ahts(center, "", "", "", "")
    assert center.load().contact_types[0].talk_scale_by_interval is None


def test_blank_lines_blanks_and_quotes_do_not_matter(center: Center) -> None:
    expected = center.load()
    text = FILES["volumes.csv"]
    quoted = "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
    )
    spaced = text.replace(",", " , ").replace("\n", " \n\n,,\n")
    for same in (quoted, spaced, text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip()):
        assert same != text
        center.write("volumes.csv", same)
        assert center.load() == expected


def test_columns_and_rows_in_any_order(center: Center) -> None:
    expected = center.load()
    header, *rows = (line.split(",") for line in FILES["volumes.csv"].split())
    turned = [header, *sorted(rows, key=lambda row: row[2])]
    center.write("volumes.csv", "\n".join(",".join(row[::-1]) for row in turned))
    assert center.load() == expected


def test_rows_outside_the_horizon_are_left_out(center: Center) -> None:
    """A table may cover more than a scenario; other groups' rows may be in it too."""
    expected = center.load()
    more = "07:30,service,99\n10:00,service,99\n23:30,sales,99\n"
    center.write("volumes.csv", FILES["volumes.csv"] + more)
    center.write("heads.csv", FILES["heads.csv"] + "10:00,front,99\n08:00,back,99\n")
    assert center.load() == expected


def test_a_hundred_thousand_rows(center: Center) -> None:
    """It takes about a second; a slow rule, such as one quadratic in rows, takes minutes."""
    n = 12_500
    center.change("center.toml", '"2h"', f'"{n * 15}min"\ninterval = "15min"')
    rows = "".join(
        f"{900 * k},{name},{k % 7}\n" for k in range(n) for name in ("service", "sales") * 4
    )
    center.write("volumes.csv", "interval,type,volume\n" + rows)
    heads = "".join(f"{900 * k},front,{k % 5}\n" for k in range(n))
    center.write("heads.csv", "interval,group,agents\n" + heads)
    began = time.perf_counter()
    problems = center.problems()
    assert time.perf_counter() - began < 15
    assert problems[-1] == f"volumes.csv: has {6 * n - 20} more problems"
    kept = rows.splitlines(keepends=True)
    once = [line for k in range(0, 8 * n, 8) for line in kept[k : k + 2]]
    center.write("volumes.csv", "interval,type,volume\n" + "".join(once))
    began = time.perf_counter()
    assert len(center.load().contact_types[0].arrivals.rates_per_hour) == n
    assert time.perf_counter() - began < 15
