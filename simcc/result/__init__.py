"""The result of a run, its tables, and Erlang's formulas beside it."""

from simcc.result.files import output_folder
from simcc.result.result import Result

__all__ = ["Result", "output_folder"]
