"""Files that cannot be read, or should not be, are refused in a moment."""

import os
import time
from pathlib import Path

import pytest
from center_files import FILES, TOML, Center

import simcc
from simcc.model.files import reading, table


def message(path: Path) -> str:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.load(path)
    assert caught.value.source == str(path)
    return "\n".join(str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "contact_types: is missing"),
        (b"name = [", "is not valid TOML: Invalid value (at end of document)"),
        (b"\nname = 3\nname = 4", "is not valid TOML: Cannot overwrite a value (at end of docume"),
        (
            b"[horizon]\nstart = 2024-02-30",
            "line 2, column 9: is not valid TOML: Invalid date or d",
        ),
        (b"\x00", "line 1: has a zero byte; must be plain text in UTF-8"),
        (b"a = 1\nb = '\xe9'", "line 2: has the byte 0xe9, which is not UTF-8 text; save the file"),
        (
            TOML.encode("utf-16"),
            "line 1: has the byte 0xff, which is not UTF-8 text; save the file",
        ),
        (b"a = " + b"[" * 100_000, "is nested too deeply"),
        (b"a = " + b"{a=" * 100_000, "is nested too deeply"),
        (b"a" + b".a" * 100_000 + b" = 1", "has a dotted key of more than 8 parts"),
        (b"a = 1" + b"0" * 5000, "has a number of thousands of digits"),
        (b"a = " + b"1" * (reading.LARGEST_TOML + 1), "is larger than 2 MB"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
)
def test_toml_that_cannot_be_read(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    began = time.perf_counter()
    assert message(path).startswith(expected)
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "line 1, column 1: is not valid JSON: Expecting value"),
        ("{}", "contact_types: is missing"),
        ("[1, 2]", "is not a scenario: the outermost JSON value must be an object"),
        ('{"a": 1,\n "a": 2}', 'is not valid: one object has the field "a" twice'),
        ("[" * 100_000, "is nested too deeply"),
        ('{"lines": 1' + "0" * 5000 + "}", "has a number of thousands of digits"),
        ('{"lines": NaN}', "contact_types: is missing"),
        ('{"name": "\\ud800"}', "has half a surrogate pair, which is no character"),
        ('{"name": "\\ud83d\\ude00"}', "contact_types: is missing"),
    ],
    ids=lambda value: value[:20],
)
def test_json_that_cannot_be_read(content: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(content)
    assert expected in message(path)


def test_messages_have_one_plain_line_each(center: Center) -> None:
    """Whatever is in a file, a terminal shows it as text."""
    center.change("center.toml", '"sales"', '"sa\\nles\\u001b[31m"')
    center.change("volumes.csv", "sales", "sa\u202eles")
    for problem in center.problems():
        assert problem.isprintable()


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_marks_and_line_ends(bom: str, end: str, center: Center) -> None:
    expected = center.load()
    for name, text in FILES.items():
        center.write(name, bom + text.replace("\n", end))
    assert center.load() == expected


def test_paths_of_any_kind(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = center.load()
    monkeypatch.chdir(center.folder)
    for path in ("center.toml", Path("center.toml"), os.fsencode(center.path), str(center.path)):
        assert simcc.load(path) == expected
    with pytest.raises(TypeError):
        simcc.load(3)


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    assert message(tmp_path / "none.toml") == "there is no such file"
    assert message(tmp_path) == "is a folder; must be a file"
    assert "too long" in message(tmp_path / ("x" * 1000 + ".toml"))
    with pytest.raises(simcc.ScenarioError, match="is not a possible file name"):
        simcc.load("a\0b.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_are_not_waited_for(center: Center) -> None:
    os.mkfifo(center.folder / "pipe.toml")
    assert message(center.folder / "pipe.toml") == "is a device or a pipe; must be a regular file"
    (center.folder / "talk.csv").unlink()
    os.mkfifo(center.folder / "talk.csv")
    assert center.problems() == ["talk.csv: is a device or a pipe; must be a regular file"]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
def test_devices(center: Center) -> None:
    assert message(Path("/dev/zero")) == "is a device or a pipe; must be a regular file"
    (center.folder / "talk.csv").unlink()
    (center.folder / "talk.csv").symlink_to("/dev/zero")
    (problem,) = center.problems()
    assert "must lie in the scenario's folder" in problem


@pytest.mark.parametrize("name", ["../talk.csv", "/etc/passwd", "a/../../talk.csv", "link.csv"])
def test_tables_lie_in_the_folder_or_below(name: str, tmp_path: Path) -> None:
    """A scenario file that somebody sends reads nothing else."""
    (tmp_path / "talk.csv").write_text(FILES["talk.csv"])
    folder = tmp_path / "folder"
    (folder / "a").mkdir(parents=True)
    center = Center(folder)
    (folder / "link.csv").symlink_to(tmp_path / "talk.csv")
    center.change("center.toml", "talk.csv", name)
    assert center.problems() == [
        f'contact_types["service"].talk_time.sample: is "{name}"; '
        "must lie in the scenario's folder or below it"
    ]


@pytest.mark.parametrize("name", ["tables/talk.csv", "./tables/../tables/talk.csv", "near.csv"])
def test_tables_below_the_folder(name: str, center: Center) -> None:
    expected = center.load()
    (center.folder / "tables").mkdir()
    (center.folder / "talk.csv").rename(center.folder / "tables" / "talk.csv")
    (center.folder / "near.csv").symlink_to("tables/talk.csv")
    center.change("center.toml", "talk.csv", name)
    assert center.load() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('"none.csv"', "none.csv: there is no such file"),
        ('"."', ".: is a folder; must be a file"),
        ('"talk.csv/x"', "talk.csv/x: cannot be read: Not a directory"),
        ('"a\\u0000b"', "a\\x00b: is not a possible file name"),
        ('""', 'contact_types["service"].talk_time.sample: is ""; must be the name of a CSV file'),
        ("3", 'contact_types["service"].talk_time.sample: is 3; must be the name of a CSV file'),
        (f'"{"x" * 300}"', f"{'x' * 300}: cannot be read: File name too long"),
    ],
)
def test_tables_that_cannot_be_read(name: str, expected: str, center: Center) -> None:
    center.change("center.toml", '"talk.csv"', name)
    assert center.problems() == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"s\n1\n\xe9\n", "talk.csv, line 3: has the byte 0xe9, which is not UTF-8 text; save"),
        (b"s\n1\n\x00\n", "talk.csv, line 3: has a zero byte; must be plain text in UTF-8"),
        (b"s" + b",s" * 1000, "talk.csv, line 1: has more than 1000 columns"),
        (b"s\n" + b"1" * 200_000, 'talk.csv, line 2, column s: is "1111111111'),
        (b's\n"' + b"1" * 200_000 + b'"', "talk.csv, line 2: cannot be read as CSV: field larger"),
    ],
    ids=["not UTF-8", "zero byte", "columns", "long cell", "long quoted cell"],
)
def test_tables_with_odd_content(content: bytes, expected: str, center: Center) -> None:
    center.write("talk.csv", content)
    assert center.problems()[0].startswith(expected)


def test_a_table_with_too_many_lines(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_LINES", 1000)
    center.write("talk.csv", "s\n" + "1\n" * 999)
    assert len(center.load().contact_types[0].talk_time.values) == 999
    center.write("talk.csv", "s\n" + "1\n" * 999 + "\n")
    assert center.problems() == ["talk.csv: has more than 1,000 lines"]


def test_a_table_that_is_too_large(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MEGABYTE", 1)
    with open(center.folder / "talk.csv", "wb") as file:
        file.truncate(reading.LARGEST_FILE + 1)  # a sparse file: it takes no room
    assert center.problems() == [f"talk.csv: is larger than {reading.LARGEST_FILE} MB"]
