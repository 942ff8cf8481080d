"""The command line: batchscape serve, worker, study, figure, tables, race and report."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.console import Console

if TYPE_CHECKING:
    from app.settings import Settings

# options that several commands have; a test holds names against the registries, which take seconds to import
Activation = Annotated[str, typer.Option(help="sigmoid, tanh, softsign, relu, leaky_relu or elu.")]
Domain = Annotated[str, typer.Option(help="global: two random directions; local: steepest descent and a random one.")]
Range = Annotated[
    float | None, typer.Option("--range", help="Half-width of the plane.", show_default="20 global, 2 local")
]
BatchSize = Annotated[int, typer.Option(help="Samples in a mini-batch, 1 to 150.")]
Seed = Annotated[int, typer.Option(help="Seed of start point and directions.")]
BatchSeed = Annotated[int, typer.Option(help="Seed of the mini-batches.")]
Scaling = Annotated[str, typer.Option(help="authors, min-max, standardised or raw.")]
OutputActivation = Annotated[str, typer.Option(help="same or linear.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")]
Saved = Annotated[Path | None, typer.Option(help="Write every number to this .npz file.")]

OUT, ERR = Console(), Console(stderr=True)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Loss landscapes as mini-batches see them.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"batchscape {version('batchscape')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Loss landscapes as mini-batches see them."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")] = None,
) -> None:
    """Serve the dashboard. Other settings come from BATCHSCAPE_… variables."""
    from app import server

    server.stop_while_starting()
    settings = _settings(host=host, port=port, device=device)
    try:
        server.serve(settings, lambda address: OUT.print(f"Batchscape is at [bold]{address}[/bold]  (Ctrl-C stops it)"))
    except OSError as problem:
        raise _Refused(problem.strerror or str(problem)) from None


@app.command()
def worker(
    concurrency: Annotated[
        int | None, typer.Option(help="Tasks computed at the same time, each in a process of its own.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")] = None,
) -> None:
    """Compute what servers with the same BATCHSCAPE_REDIS_URL are asked for. Other settings: BATCHSCAPE_… variables."""
    from app import server

    server.stop_while_starting()
    settings = _settings(workers=concurrency, device=device)
    if settings.redis_url is None:
        raise _Refused("BATCHSCAPE_REDIS_URL is not set; give the one of the server: redis://:password@host:6379/0")
    try:
        from app.worker import work
    except ModuleNotFoundError as problem:
        raise _Refused(f"a worker needs {problem.name}; install it: pip install 'batchscape[workers]'") from None
    try:
        work(settings)
    except OSError as problem:
        raise _Refused(problem.strerror or str(problem)) from None


@app.command()
def warm(
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")] = None,
) -> None:
    """Compute all presets of the dashboard into its cache, and stop: for the image of a container."""
    with ERR.status("Loading"):
        from secrets import token_hex

        import torch
        from pydantic import SecretStr

        from app import create_app
        from app import warm as presets
        from app.delivery import Delivery

    torch.set_num_threads(1)
    settings = _settings(warm=False, device=device)
    try:
        service = presets.own_service(settings)
        with _progress() as report:
            count, made = presets.warm(service, report)
        with ERR.status("Compressing files"):
            # a secret for this moment: one in the image would be that of every server that is made of it
            passing = settings.model_copy(update={"secret": SecretStr(token_hex())})
            Delivery(service.cache).prepare(create_app(passing).server)
    except OSError as problem:
        raise _Refused(problem.strerror or str(problem)) from None
    size = service.cache.nbytes
    service.close()
    OUT.print(f"{count} presets are at hand, {made} of them computed now; the cache holds {size / 2**20:.0f} MiB.")


@app.command()
def study(
    activation: Activation = "sigmoid",
    domain: Domain = "global",
    range_: Range = None,
    resolution: Annotated[int, typer.Option(help="Points along each side of the plane.")] = 100,
    line_points: Annotated[int, typer.Option(help="Points along each of the four lines.")] = 100,
    batch_size: BatchSize = 10,
    draws: Annotated[int, typer.Option(help="Sampled draws at each point; 0 leaves only the exact moments.")] = 50,
    slope_angle: Annotated[
        float, typer.Option(help="Slope direction in degrees from d1; 45 is the paper's Eq. 7.")
    ] = 45,
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    scaling: Scaling = "authors",
    output_activation: OutputActivation = "same",
    dtype: Annotated[str, typer.Option(help="float64 or float32.")] = "float64",
    device: Device = "auto",
    out: Saved = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts and locations as JSON.")] = False,
) -> None:
    """Compute one study, print what was found on the lines, and save it."""
    with ERR.status("Loading"):
        import torch

        from landscape_core import StudySpec, run, save

    torch.set_num_threads(1)
    spec = StudySpec(
        activation=activation,
        domain=domain,
        range=range_,
        resolution=resolution,
        line_points=line_points,
        batch_size=batch_size,
        draws=draws,
        slope_angle=slope_angle,
        seed=seed,
        batch_seed=batch_seed,
        scaling=scaling,
        output_activation=output_activation,
        dtype=dtype,
    )
    if out is not None:
        _needs_folder(out)
    with _progress() as report:
        result = run(spec, device=device, progress=report)
    if out is not None:
        try:
            written = save(result, out)
        except OSError as problem:
            raise _Refused(f"out: {out} cannot be written: {problem.strerror or problem}") from None
        ERR.print(f"Saved {written}", highlight=False)
    summary = result.summary()
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        _print(summary)


@app.command()
def figure(
    number: Annotated[int | None, typer.Argument(help="Number of the paper's figure, 1 to 18.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .png, .svg, .pdf or .html; with --all the folder.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="Letter of one panel; all of them without it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every figure, into a folder with an index page.")] = False,
    kind: Annotated[str, typer.Option("--format", help="Format of --all: png, svg, pdf or html.")] = "png",
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
) -> None:
    """Make a figure of the paper, or all of them."""
    if out is None:
        raise _Refused("out: none was given; allowed: a file, or with --all a folder, as in --out fig3.png")
    if every == (number is not None):
        raise _Refused("figure: give the number of one figure, or --all")
    if every and panel is not None:
        raise _Refused("panel: got one with --all; allowed: only with the number of a figure")
    with ERR.status("Loading"):
        import torch

        from app import export
        from landscape_core import paper

    torch.set_num_threads(1)
    if every:
        export.kind_of(Path(f"figure.{kind}"))
        chosen = list(paper.FIGURES.values())
    else:
        chosen = [paper.figure(number)]
        export.kind_of(out)
        _needs_folder(out)
    try:
        if every:
            out.mkdir(parents=True, exist_ok=True)
        entries = []
        with _progress() as report:
            studies = export.Studies(device, report)
            for one in chosen:
                shown = one.panels if panel is None else (one.panel(panel),)
                base = one.base.replace(seed=seed, batch_seed=batch_seed)
                path = out / f"figure-{one.number:02}.{kind}" if every else out
                export.write(one, export.drawn(one, shown, base, studies), base, path)
                entries.append((one, path))
                ERR.print(f"Saved {path}", highlight=False)
        if every:
            (out / "index.html").write_text(export.index(entries), encoding="utf-8")
            ERR.print(f"Saved {out / 'index.html'}", highlight=False)
    except OSError as problem:
        raise _Refused(f"out: {out} cannot be written: {problem.strerror or problem}") from None


@app.command()
def tables(
    seeds: Annotated[int, typer.Option(help="Start points that are compared, 1 to 10,000.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the start point that is shown.")] = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV: the counts, then the observations.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Tables 1 and 2 of the paper beside ours, with how typical they are, and its observations as checked claims."""
    if as_json + as_csv + as_markdown > 1:
        raise _Refused("tables: got several of --json, --csv and --markdown; allowed: one of them")
    with ERR.status("Loading"):
        import torch

        from app.panels import tables as panels
        from landscape_core import paper
        from landscape_core.typical import run_typical
        from landscape_core.typical_spec import TypicalSpec

    torch.set_num_threads(1)
    specs = [TypicalSpec(domain=domain, seeds=seeds, seed=seed, batch_seed=batch_seed) for domain in paper.DOMAIN_TABLE]
    results = []
    for spec in specs:
        with _progress() as report:
            results.append(run_typical(spec, device=device, progress=report))
    shown = [panel for result in results for panel in (panels.counts(result), panels.claims(result))]
    if as_json:
        typer.echo(json.dumps([panels.to_record(result) for result in results], indent=2))
    elif as_csv:
        typer.echo(panels.to_csv(shown), nl=False)
    elif as_markdown:
        typer.echo(panels.to_markdown(shown), nl=False)
    else:
        _print_tables(shown)


@app.command()
def race(
    activation: Activation = "sigmoid",
    domain: Domain = "global",
    range_: Range = None,
    line: Annotated[
        list[str] | None, typer.Option(help="d1, d2, d1+d2 or d1-d2, also several times.", show_default="all four")
    ] = None,
    budget: Annotated[int, typer.Option(help="Evaluations of a search, 1 to 100.")] = 15,
    races: Annotated[int, typer.Option(help="Races on each line, 1 to 10,000.")] = 500,
    batch_size: BatchSize = 10,
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    scaling: Scaling = "authors",
    output_activation: OutputActivation = "same",
    device: Device = "auto",
    out: Saved = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV: where races end, then who wins.")] = False,
) -> None:
    """Line searches on the same noisy lines with the same mini-batches: where they stop, and who wins how often."""
    if as_json and as_csv:
        raise _Refused("race: got both --json and --csv; allowed: one of them")
    with ERR.status("Loading"):
        import torch

        from app.panels import race as panels
        from app.panels import tables as texts
        from landscape_core import save
        from landscape_core.geometry import LINES
        from landscape_core.race import SCORES, run_race, split
        from landscape_core.race_spec import RaceSpec

    angles = {one.name: one.angle for one in LINES}
    names = tuple(dict.fromkeys(line or angles))
    for name in names:
        if name not in angles:
            raise _Refused(f"line: got {name!r}; allowed: one of {', '.join(angles)}")
    if out is not None:
        _needs_folder(out)
    torch.set_num_threads(1)
    fields: dict[str, Any] = {
        "activation": activation,
        "domain": domain,
        "range": range_,
        "angles": tuple(angles[name] for name in names),
        "budget": budget,
        "races": races,
        "batch_size": batch_size,
        "seed": seed,
        "batch_seed": batch_seed,
        "scaling": scaling,
        "output_activation": output_activation,
    }
    with _progress() as report:
        result = run_race(RaceSpec(**fields), device=device, progress=report)
    if out is not None:
        try:
            written = save(result, out)
        except OSError as problem:
            raise _Refused(f"out: {out} cannot be written: {problem.strerror or problem}") from None
        ERR.print(f"Saved {written}", highlight=False)
    lines = dict(zip(names, split(result), strict=True))
    shown = [panels.to_rows(lines), *(panels.rates(lines, score, names) for score in SCORES)]
    if as_json:
        typer.echo(json.dumps(panels.to_record(result, names), indent=2))
    elif as_csv:
        typer.echo(texts.to_csv(shown), nl=False)
    else:
        _print_tables(shown)


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="Folder for the page and its data.")] = Path("report"),
    seeds: Annotated[int, typer.Option(help="Start points that are compared, 1 to 10,000.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the start point that is shown.")] = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
) -> None:
    """Compute the whole paper again, as one page with every figure and table, and the data beside it."""
    if out.exists() and not out.is_dir():
        raise _Refused(f"out: {out} is a file; give a folder, which is made if it is not there")
    with ERR.status("Loading"):
        import torch

        from app.report import Order, write

    torch.set_num_threads(1)
    order = Order(seeds=seeds, seed=seed, batch_seed=batch_seed, device=device)
    try:
        with _progress() as progress:
            page, *data = write(order, out, progress=progress)
    except OSError as problem:
        raise _Refused(f"out: {out} cannot be written: {problem.strerror or problem}") from None
    ERR.print(f"Saved {page} and {len(data)} .npz files beside it", highlight=False)


def _settings(**given: object) -> Settings:
    """The settings, with what the command line says of them."""
    from pydantic import SecretStr, ValidationError

    from app.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as problem:
        first = problem.errors()[0]
        name = ".".join(map(str, first["loc"]))
        field = Settings.model_fields.get(name)
        hidden = field is not None and SecretStr in get_args(field.annotation)
        got = "what is not shown here" if hidden else repr(first["input"])
        raise _Refused(f"{name}: got {got}; {first['msg']}") from None


class _Refused(Exception):  # noqa: N818  not an error of the program
    """A value that the command line refuses, in one line."""


def _needs_folder(out: Path) -> None:
    folder = out.resolve().parent
    if not folder.is_dir():
        raise _Refused(f"out: {folder} is not a directory; make it first")


def _progress() -> Any:  # noqa: ANN401  a context manager
    from contextlib import contextmanager

    from rich.progress import Progress

    @contextmanager
    def bar() -> Any:  # noqa: ANN401
        with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
            tasks: dict[str, Any] = {}

            def report(share: float, what: str) -> None:
                if what not in tasks:
                    tasks[what] = progress.add_task(what, total=1.0)
                progress.update(tasks[what], completed=share)

            yield report

    return bar()


def _print(summary: dict[str, Any]) -> None:
    from rich.table import Table

    from landscape_core.paper import row
    from landscape_core.study import LINE_DRAWS

    table = Table(
        title=f"{summary['activation']}, {summary['domain']}, ±{summary['range']:g}, |B| = {summary['batch_size']}"
    )
    table.add_column("line")
    for name in ("true minima", "true NN-GPPs", "minima", "NN-GPPs"):
        table.add_column(name, justify="right")
    keys = ("true_minima", "true_nngpps", "minima", "nngpps")
    for line in summary["lines"]:
        table.add_row(line["name"], *(str(len(line[key])) for key in keys))
    table.add_section()
    table.add_row("all four", *(str(summary[key]) for key in keys))
    published = row(summary["domain"], summary["activation"])
    if published is not None:
        true = str(published.true_optima)
        table.add_row("paper (|B| = 10)", true, true, str(published.minima), str(published.nngpps))
    OUT.print(table)
    OUT.print(
        f"Over {LINE_DRAWS:,} draws: {summary['minima_mean']:.1f} ± {summary['minima_sd']:.1f} minima (pure noise gives "
        f"{summary['noise_ceiling']:.1f}), {summary['nngpps_mean']:.1f} ± {summary['nngpps_sd']:.1f} NN-GPPs.",
        highlight=False,
    )


def _print_tables(shown: list[Any]) -> None:
    from rich.table import Table

    for panel in shown:
        table = Table(title=panel.title, caption=panel.note)
        for index, name in enumerate(panel.picture.columns):
            table.add_column(name, justify="right" if index in panel.picture.numeric else "left")
        for row in panel.picture.rows:
            table.add_row(*row)
        OUT.print(table)


def main() -> None:
    """Run the command line: bad values end with one line and exit code 2."""
    command = typer.main.get_command(app)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except _Refused as problem:
        _end(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        from landscape_core.errors import LandscapeError  # here, since it takes seconds

        if isinstance(problem, LandscapeError):
            _end(str(problem))
        if not hasattr(problem, "format_message"):  # typer's own errors have one
            raise
        _end(problem.format_message())


def _end(message: str) -> None:
    if message:  # there is none after the help that a command without arguments prints
        typer.echo(f"batchscape: {' '.join(message.split())}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
