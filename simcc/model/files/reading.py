"""Bytes from disk to plain data, with a clear refusal of whatever cannot be read."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from simcc.model.messages import shown

MEGABYTE = 2**20
LARGEST_FILE = 64 * MEGABYTE
LARGEST_TOML = 2 * MEGABYTE  # the TOML parser takes seconds beyond that
MOST_PARTS = 8  # of a dotted key; the TOML parser takes quadratic time in them

_TEXT_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+')
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PLACE_IN_TOML = re.compile(r"(.*) \(at (line \d+, column \d+)\)", re.DOTALL)


class Unreadable(Exception):
    """A file cannot be read.

    Parameters
    ----------
    message : str
        What is wrong with it.
    place : str, default ""
        Where in the file.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.message, self.place = message, place


def read_text(path: Path, largest: int = LARGEST_FILE) -> str:
    """Text of a regular file in UTF-8 (with or without byte-order mark).

    Raises
    ------
    Unreadable
        If there is no such file, it is no regular file, has more than ``largest`` bytes, is not
        UTF-8, or has a zero byte.
    """
    data = _read_bytes(path, largest)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        message = f"has the byte 0x{byte:02x}, which is not UTF-8 text; save the file as UTF-8"
        raise Unreadable(message, f"line {line}") from None
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        raise Unreadable("has a zero byte; must be plain text in UTF-8", f"line {line}")
    return text


def _read_bytes(path: Path, largest: int) -> bytes:
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable("is a folder; must be a file")
        if not stat.S_ISREG(mode):  # opening a named pipe would wait for its writer
            raise Unreadable("is a device or a pipe; must be a regular file")
        with open(path, "rb") as file:
            data = file.read(largest + 1)
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a zero character or half a surrogate pair in the name
        raise Unreadable("is not a possible file name") from None
    if len(data) > largest:
        raise Unreadable(f"is larger than {largest // MEGABYTE} MB")
    return data


def parse_toml(text: str) -> dict[str, Any]:
    """The top-level table of a TOML text."""
    if _LONG_KEY.search(_TEXT_OR_COMMENT.sub("_", text)):
        raise Unreadable(f"has a dotted key of more than {MOST_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE_IN_TOML.fullmatch(str(error))
        message, place = found.groups() if found else (str(error), "")
        raise Unreadable(f"is not valid TOML: {message}", place) from None
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError:
        raise Unreadable("has a number of thousands of digits") from None


def parse_json(text: str) -> dict[str, Any]:
    """The top-level object of a JSON text, as :meth:`simcc.model.Scenario.to_dict` makes it."""
    try:
        found = json.loads(text, object_pairs_hook=_object)
        if _SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"is not valid JSON: {error.msg}", place) from None
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except UnicodeEncodeError:
        raise Unreadable("has half a surrogate pair, which is no character") from None
    except ValueError:
        raise Unreadable("has a number of thousands of digits") from None
    if not isinstance(found, dict):
        raise Unreadable("is not a scenario: the outermost JSON value must be an object")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Unreadable(f"is not valid: one object has the field {shown(name)} twice")
        found[name] = value
    return found


def number(text: str) -> float | None:
    """The finite number that a text writes, with a decimal point; None if it is none.

    Examples
    --------
    >>> number("12.5"), number("1e3"), number("1,5"), number("nan"), number("")
    (12.5, 1000.0, None, None, None)
    """
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        return None
    found = float(text)
    return found if math.isfinite(found) else None


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
