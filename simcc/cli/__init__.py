"""The command line: ``simcc demo``, ``run``, ``compare``, ``stress``, ``check``, ``schema``.

Heavy imports wait inside the commands, so that ``simcc --help`` answers at once. Bad input ends
with one message and exit code 2 before anything is simulated.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from simcc.errors import OutputError, SimccError

if TYPE_CHECKING:
    import pandas as pd

    from simcc.model import Scenario
    from simcc.result import EventLogFormat, Result

REFUSED = 2
INTERRUPTED = 130
SCENARIO_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STORE = click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps what is finished: a run that was killed goes on from there.",
)


class _Commands(click.Group):
    """Turns the library's errors and Ctrl-C into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OutputError as error:
            message, code = f"Error: --out: {error}", REFUSED
        except SimccError as error:
            message, code = f"Error: {error}", REFUSED
        except MemoryError:
            message, code = "Error: not enough memory; try fewer --replications", REFUSED
        except KeyboardInterrupt:
            message, code = "Interrupted: no results were written.", INTERRUPTED
        click.echo(message, err=True)
        return ctx.exit(code)


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


def _run_options(**defaults: Any) -> Callable[..., Any]:
    """The options that ``demo`` and ``run`` share, with defaults or required (seed: fresh)."""

    def default(name: str) -> dict[str, Any]:
        if name in defaults:
            return {"default": defaults[name], "show_default": True}
        return {"required": True}

    seed = default("seed") if defaults else {"show_default": "drawn fresh, kept in run.json"}
    options = (
        click.option(
            "--replications",
            type=click.IntRange(1, 10_000_000),
            **default("replications"),
            help="Days (horizons) to simulate.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            **seed,
            help="Whole number >= 0; the same seed gives the same results.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            **default("out"),
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
    from simcc.cli.comparison import observed_beside_simulated

    with as_file(files("simcc") / "examples" / "real_center") as example:
        scenario = _load(example / "real_center.toml")
        observed = _observed(example / "observed.csv")
        why = (example / "differences.txt").read_text(encoding="utf-8")
    result = _simulate_into(out, scenario, replications, seed, workers, observed=observed)
    click.echo(f"{result}\n\n{observed_beside_simulated(observed, result)}\n\n{why}")
    _show_folder(out)


@main.command()
@click.argument("file", type=SCENARIO_FILE)
@_run_options()
@click.option(
    "--record",
    type=click.Choice(["contacts"]),
    help="Also write the log of every contact, and of the agents.",
)
@click.option(
    "--event-log",
    type=click.Choice(["csv", "xes", "ocel"]),
    help="Also write an event log for process mining; needs --record contacts.",
)
@STORE
def run(
    file: Path,
    replications: int,
    seed: int | None,
    out: Path,
    workers: int,
    record: Literal["contacts"] | None,
    event_log: EventLogFormat | None,
    store: Path | None,
) -> None:
    """Simulate the scenario of FILE.

    FILE is a scenario file (TOML), or the scenario.json of an earlier run.
    """
    if event_log and not record:
        raise click.UsageError("--event-log needs --record contacts")
    if store and record:
        raise click.UsageError("--store keeps no logs, it does not go with --record")
    result = _simulate_into(
        out, _load(file), replications, seed, workers,
        record=record, event_log=event_log, store=store,
    )  # fmt: skip
    click.echo(f"{result}\n")
    _show_folder(out)


@main.command()
@click.argument("files", type=SCENARIO_FILE, nargs=-1, required=True)
@_run_options()
@click.option("--baseline", help="Name of the scenario that the others are compared with.")
@click.option(
    "--method",
    type=click.Choice(["bonferroni", "tukey"]),
    default="bonferroni",
    show_default=True,
    help="How intervals hold for all comparisons at once.",
)
@STORE
def compare(
    files: tuple[Path, ...],
    replications: int,
    seed: int | None,
    out: Path,
    workers: int,
    baseline: str | None,
    method: Literal["bonferroni", "tukey"],
    store: Path | None,
) -> None:
    """Compare the scenarios of FILES on the same customers.

    Each is named after its file, without the ending if that is enough. By default each is compared
    with all that come before it.
    """
    from simcc.experiments import compare
    from simcc.result import output_folder

    scenarios = {name: _load(file) for name, file in _named(files).items()}
    with output_folder(out):
        comparison = compare(
            scenarios, replications=replications, seed=seed, baseline=baseline, method=method,
            workers=workers, store=store, progress=True,
        )  # fmt: skip
        comparison.save(out)
    click.echo(f"{comparison}\n")
    _show_folder(out)


@main.command()
@click.argument("file", type=SCENARIO_FILE)
@click.argument("shocks", type=SCENARIO_FILE)
@_run_options()
@click.option("--both-ways", is_flag=True, help="Also turn each shock round, where it can be.")
@click.option("--breaking", is_flag=True, help="Also search the sizes that break the targets.")
def stress(
    file: Path,
    shocks: Path,
    replications: int,
    seed: int | None,
    out: Path,
    workers: int,
    both_ways: bool,
    breaking: bool,
) -> None:
    """Apply the shocks of SHOCKS to the scenario of FILE: what breaks first?

    SHOCKS is a TOML file with a table [[shocks]] for each.
    """
    from simcc.experiments import stress
    from simcc.result import output_folder
    from simcc.shocks import load_shocks

    scenario, found = _load(file), load_shocks(shocks)
    with output_folder(out):
        result = stress(
            scenario, found, replications=replications, seed=seed, both_ways=both_ways,
            breaking=breaking, workers=workers, progress=True,
        )  # fmt: skip
        result.save(out)
    click.echo(f"{result}\n")
    _show_folder(out)


def _named(files: tuple[Path, ...]) -> dict[str, Path]:
    """Files by the shortest names that tell them apart."""
    names = [file.stem for file in files]
    if len(set(names)) < len(names):
        whole = [file.resolve() for file in files]
        folder = os.path.commonpath([file.parent for file in whole])
        names = [file.relative_to(folder).as_posix() for file in whole]
    if len(set(names)) < len(names):
        raise click.UsageError("a file is named twice")
    return dict(zip(names, files, strict=True))


@main.command()
@click.argument("file", type=SCENARIO_FILE)
def check(file: Path) -> None:
    """Validate FILE, naming every problem, without simulating."""
    scenario = _load(file)
    parts = (
        (len(scenario.contact_types), "contact type"),
        (len(scenario.agent_groups), "agent group"),
        (len(scenario.bots), "bot"),
    )
    found = ", ".join(f"{n} {name}{'s' * (n != 1)}" for n, name in parts)
    click.echo(f"{file}: no problem found ({found})")


@main.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    import json

    from simcc.model import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _load(file: Path) -> Scenario:
    from simcc.model import load

    return load(file)


def _observed(file: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(file, dtype={"interval": "str"})


def _simulate_into(
    out: Path,
    scenario: Scenario,
    replications: int,
    seed: int | None,
    workers: int,
    *,
    record: Literal["contacts"] | None = None,
    observed: pd.DataFrame | None = None,
    event_log: EventLogFormat | None = None,
    store: Path | None = None,
) -> Result:
    """Simulate and write; the folder is made first: better to learn now that it cannot be."""
    from simcc.result import output_folder

    with output_folder(out):
        result = _simulate(scenario, replications, seed, workers, record, store)
        result.save(out, observed=observed, event_log=event_log)
    return result


def _simulate(
    scenario: Scenario,
    replications: int,
    seed: int | None,
    workers: int,
    record: Literal["contacts"] | None,
    store: Path | None,
) -> Result:
    from simcc.replicate import simulate

    return simulate(
        scenario,
        replications=replications,
        seed=seed,
        workers=workers,
        record=record,
        progress=True,
        store=store,
    )


def _show_folder(folder: Path) -> None:
    names = ", ".join(sorted(path.name for path in folder.iterdir()))
    click.echo(f"Written to {folder}: {names}")
