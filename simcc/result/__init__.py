"""The result of a run, its tables, and Erlang's formulas beside it."""

from simcc.result.result import Result, check_output_folder

__all__ = ["Result", "check_output_folder"]
