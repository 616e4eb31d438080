"""The command line: ``simcc demo``, ``run``, ``check`` and ``schema``.

Heavy imports wait inside the commands, so that ``simcc --help`` answers at once. Bad input ends
with one message and exit code 2 before anything is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simcc.errors import OutputError, SimccError

if TYPE_CHECKING:
    from simcc.model import Scenario
    from simcc.result import Result

REFUSED = 2
INTERRUPTED = 130
SCENARIO_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Commands(click.Group):
    """Turns the library's errors and Ctrl-C into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SimccError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(REFUSED)
        except KeyboardInterrupt:
            click.echo("Interrupted: no results were written.", err=True)
            ctx.exit(INTERRUPTED)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from simcc import __version__

        click.echo(f"simcc {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Simulate a contact center, event by event, with honest intervals."""


def _run_options(replications: int | None, seed: int | None, out: str | None) -> Callable[..., Any]:
    """The options that ``demo`` and ``run`` share; None means required (seed: drawn fresh)."""
    options = (
        click.option(
            "--replications",
            type=click.IntRange(1, 10_000_000),
            default=replications,
            required=replications is None,
            show_default=replications is not None,
            help="Days (horizons) to simulate.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            default=seed,
            show_default=True if seed is not None else "drawn fresh, and written to run.json",
            help="Whole number >= 0; the same seed gives the same results.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            default=out,
            required=out is None,
            show_default=out is not None,
            help="Folder for the results; made if absent, must be empty.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            default=2,
            show_default=True,
            help="Threads; the results do not depend on their number.",
        ),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@main.command()
@_run_options(replications=200, seed=1, out="simcc-demo")
def demo(replications: int, seed: int, out: Path, workers: int) -> None:
    """Simulate the packaged real center and compare it with what was observed."""
    from simcc.cli.tables import observed_beside_simulated

    with as_file(files("simcc") / "examples" / "real_center") as example:
        scenario = _load(example / "real_center.toml")
        folder = _make_folder(out)
        result = _simulate(scenario, replications, seed, workers, None)
        comparison = observed_beside_simulated(example / "observed.csv", result)
    _save(folder, result, None)
    _show(result)
    click.echo(f"\nObserved and simulated\n\n{comparison}")
    _show_folder(folder)


@main.command()
@click.argument("file", type=SCENARIO_FILE)
@_run_options(replications=None, seed=None, out=None)
@click.option(
    "--record", type=click.Choice(["contacts"]), help="Also write the log of every contact."
)
def run(
    file: Path, replications: int, seed: int | None, out: Path, workers: int, record: str | None
) -> None:
    """Simulate the scenario of FILE.

    FILE is a scenario file (TOML), or the scenario.json of an earlier run.
    """
    scenario = _load(file)
    folder = _make_folder(out)
    result = _simulate(scenario, replications, seed, workers, record)
    _save(folder, result, record)
    _show(result)
    _show_folder(folder)


@main.command()
@click.argument("file", type=SCENARIO_FILE)
def check(file: Path) -> None:
    """Validate FILE, naming every problem, without simulating."""
    scenario = _load(file)
    click.echo(
        f"{file}: no problem found ({len(scenario.contact_types)} contact types, "
        f"{len(scenario.agent_groups)} agent groups, {len(scenario.bots)} bots)"
    )


@main.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    import json

    from simcc.model import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _load(file: Path) -> Scenario:
    from simcc.model import load

    return load(file)


def _make_folder(out: Path) -> Path:
    """Make the folder before the simulation: better to learn now that it cannot be written."""
    from simcc.result import check_output_folder

    try:
        check_output_folder(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror or error}") from error
    return out


def _simulate(
    scenario: Scenario, replications: int, seed: int | None, workers: int, record: Any
) -> Result:
    from simcc.simulate import simulate

    return simulate(
        scenario,
        replications=replications,
        seed=seed,
        workers=workers,
        record=record,
        progress=True,
    )


def _save(folder: Path, result: Result, record: str | None) -> None:
    """Tables, scenario and seed; the figure of the day; the contact log if it was recorded."""
    from matplotlib.figure import Figure

    result.save(folder)
    figure = Figure(figsize=(10, 6), layout="constrained")  # pixels only, no window
    result.plot.day(ax=figure.subplots())
    try:
        figure.savefig(folder / "day.png", dpi=130)
        if record == "contacts":
            result.contacts().to_parquet(folder / "contacts.parquet", index=False)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror or error}") from error


def _show(result: Result) -> None:
    from simcc.cli.tables import headline

    click.echo(headline(result))


def _show_folder(folder: Path) -> None:
    names = ", ".join(sorted(path.name for path in folder.iterdir()))
    click.echo(f"\nWritten to {folder}: {names}")
