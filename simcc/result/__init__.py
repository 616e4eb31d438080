"""The result of a run, its tables, and Erlang's formulas beside it."""

from simcc.result.event_files import EventLogFormat
from simcc.result.files import output_folder
from simcc.result.result import Result

__all__ = ["EventLogFormat", "Result", "output_folder"]
