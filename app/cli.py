"""The command line: batchscape serve, worker, study, figure, tables, race and report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_options import (
    BatchSeed,
    CommonScales,
    Device,
    NoNotes,
    NoTitle,
    OwnDevice,
    Seed,
    Seeds,
    StartPoints,
    Style,
    Width,
)
from app.cli_problems import CHECK_SECONDS, CheckSeconds, OwnFile, check, problems, serve_problem
from app.cli_studies import race, study
from app.terminal import (
    ERR,
    OUT,
    Refused,
    check_folder,
    loading,
    print_tables,
    progress_bars,
    read_settings,
    refuse_failures,
    writing,
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Loss landscapes as mini-batches see them.",
)


app.command()(problems)
app.command()(check)


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        typer.echo(f"batchscape {version('batchscape')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Loss landscapes as mini-batches see them."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 accepts other machines.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    device: OwnDevice = None,
    problem: OwnFile = None,
    check_seconds: CheckSeconds = CHECK_SECONDS,
) -> None:
    """Serve the dashboard. Other settings come from BATCHSCAPE_… variables."""
    from app import server

    server.stop_while_starting()
    settings = read_settings(host=host, port=port, device=device)
    serve_problem(problem, check_seconds)
    with refuse_failures():
        server.serve(settings, lambda address: OUT.print(f"Batchscape is at [bold]{address}[/bold]  (Ctrl-C stops it)"))


@app.command()
def worker(
    concurrency: Annotated[
        int | None, typer.Option(help="Tasks computed at the same time, each in a process of its own.")
    ] = None,
    device: OwnDevice = None,
    problem: OwnFile = None,
    check_seconds: CheckSeconds = CHECK_SECONDS,
) -> None:
    """Compute the tasks of servers with the same BATCHSCAPE_REDIS_URL. Other settings: BATCHSCAPE_… variables."""
    from app import server

    server.stop_while_starting()
    settings = read_settings(workers=concurrency, device=device)
    if settings.redis_url is None:
        raise Refused("BATCHSCAPE_REDIS_URL is not set; give the one of the server: redis://:password@host:6379/0")
    try:
        from app.jobs.celery_worker import work
    except ModuleNotFoundError as error:
        raise Refused(f"a worker needs {error.name}; install it: pip install 'batchscape[workers]'") from None
    serve_problem(problem, check_seconds)
    with refuse_failures():
        work(settings)


@app.command()
def warm(device: OwnDevice = None) -> None:
    """Compute all presets of the dashboard into its cache, and stop: for a container image."""
    with loading():
        from secrets import token_hex

        from pydantic import SecretStr

        from app import create_app, precompute
        from app.http.compression import Compression

    settings = read_settings(warm=False, device=device)
    with refuse_failures():
        service = precompute.create_service(settings)
        with progress_bars() as report:
            count, computed = precompute.compute_presets(service, report)
        with ERR.status("Compressing files"):
            # a temporary secret: one in the image would be shared by all of its servers
            passing = settings.model_copy(update={"secret": SecretStr(token_hex())})
            Compression(service.cache).compress_files(create_app(passing).server)
    size = service.cache.nbytes
    service.close()
    OUT.print(f"{count} presets are at hand, {computed} of them computed now; the cache holds {size / 2**20:.0f} MiB.")


app.command()(study)


@app.command()
def figure(
    number: Annotated[int | None, typer.Argument(help="Number of the figure, 1 to 18; 19: Section 5.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .png, .svg, .pdf or .html; with --all the folder.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="Letter of one panel; all of them without it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every figure, into a folder with an index page.")] = False,
    kind: Annotated[str, typer.Option("--format", help="Format of --all: png, svg, pdf or html.")] = "png",
    common_scales: CommonScales = False,
    width: Width = None,
    no_title: NoTitle = False,
    no_notes: NoNotes = False,
    style: Style = "colour",
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
) -> None:
    """Make a figure of the paper, or all of them."""
    if out is None:
        raise Refused("out: none was given; allowed: a file, or with --all a folder, as in --out fig3.png")
    if every == (number is not None):
        raise Refused("figure: give the number of one figure, or --all")
    if every and panel is not None:
        raise Refused("panel: got one with --all; allowed: only with the number of a figure")
    with loading():
        from app.export import paper_figures
        from landscape_core.paper import published as paper

    chosen = list(paper.FIGURES.values()) if every else [paper.find_figure(number)]
    if not every:
        check_folder(out)
    options = paper_figures.parse_print(
        Path(f"figure.{kind}") if every else out, width=width, title=not no_title, notes=not no_notes, style=style
    )
    with writing(out), progress_bars() as report:
        if every:
            out.mkdir(parents=True, exist_ok=True)
        entries = []
        studies = paper_figures.Studies(device, report)
        for one in chosen:
            shown = one.panels if panel is None else (one.panel(panel),)
            base = one.base.replace(seed=seed, batch_seed=batch_seed)
            path = out / f"figure-{one.number:02}.{kind}" if every else out
            drawn = paper_figures.draw_panels(one, shown, base, studies, common=common_scales)
            paper_figures.write(one, drawn, base, path, options)
            entries.append((one, path))
            ERR.print(f"Saved {path}", highlight=False)
        if every:
            (out / "index.html").write_text(paper_figures.fill_index(entries), encoding="utf-8")
            ERR.print(f"Saved {out / 'index.html'}", highlight=False)


@app.command()
def tables(
    start_points: StartPoints = 200,
    seeds: Seeds = None,
    seed: Annotated[int, typer.Option(help="Seed of the start point that is shown.")] = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV: the counts, then the observations.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Tables 1 and 2 of the paper beside ours, with how typical they are, and its observations as checked claims."""
    if as_json + as_csv + as_markdown > 1:
        raise Refused("tables: got several of --json, --csv and --markdown; allowed: one of them")
    with loading():
        from app.panels import tables as panels
        from landscape_core.paper import published as paper
        from landscape_core.paper.replication import run_replication
        from landscape_core.paper.replication_spec import ReplicationSpec

    compared = start_points if seeds is None else seeds
    specs = [
        ReplicationSpec(domain=domain, seeds=compared, seed=seed, batch_seed=batch_seed)
        for domain in paper.DOMAIN_TABLE
    ]
    results = []
    for spec in specs:
        with progress_bars() as report:
            results.append(run_replication(spec, device=device, progress=report))
    shown = [panel for result in results for panel in (panels.counts(result), panels.claims(result))]
    if as_markdown:
        typer.echo(panels.to_markdown(shown), nl=False)
    else:
        print_tables(shown, [panels.to_record(result) for result in results], as_json=as_json, as_csv=as_csv)


app.command()(race)


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="Folder for the page and its data.")] = Path("report"),
    start_points: StartPoints = 200,
    seeds: Seeds = None,
    seed: Annotated[int, typer.Option(help="Seed of the start point that is shown.")] = 12735,
    batch_seed: BatchSeed = 0,
    device: Device = "auto",
) -> None:
    """Compute the whole paper again, as one page with every figure and table, and the data beside it."""
    if out.exists() and not out.is_dir():
        raise Refused(f"out: {out} is a file; give a folder, which is made if it is not there")
    with loading():
        from app.export.report import Order, write

    order = Order(seeds=start_points if seeds is None else seeds, seed=seed, batch_seed=batch_seed, device=device)
    with writing(out), progress_bars() as progress:
        page, *data = write(order, out, progress=progress)
    ERR.print(f"Saved {page} and {len(data)} .npz files beside it", highlight=False)


def main() -> None:
    """Run the command line: bad values end with one line and exit code 2."""
    command = typer.main.get_command(app)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except Refused as error:
        _exit_with(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from landscape_core.errors import LandscapeError  # here, since it takes seconds

        if isinstance(error, LandscapeError):
            _exit_with(str(error))
        if not hasattr(error, "format_message"):  # typer's own errors have one
            raise
        _exit_with(error.format_message())


def _exit_with(message: str) -> None:
    if message:  # there is none after the help that a command without arguments prints
        typer.echo(f"batchscape: {' '.join(message.split())}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
