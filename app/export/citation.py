"""Citations, file names and archives of a view's exports."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution, version
from json import loads
from pathlib import Path
from typing import Any

from app.export import code_snippets
from app.export import tables as numbers
from app.jobs.tasks import Task
from app.panels import text
from app.plotting.model import Gallery, PanelContent
from app.state import permalink, problems
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.paper import published
from landscape_core.study.result import collect_versions


def format_bibtex(key: str, **fields: object) -> str:
    """Format a BibTeX entry; a value in braces of its own keeps its capitals."""
    width = max(map(len, fields))
    lines = [f"  {name:{width}} = {{{value}}}," for name, value in fields.items()]
    return "\n".join((f"@misc{{{key},", *lines, "}"))


PAPER = format_bibtex(
    "kafka-wilke-2019",
    title=f"{{{published.TITLE}}}",
    author="Kafka, Dominic and Wilke, Daniel N.",
    year=2019,
    eprint=published.ARXIV,
    archivePrefix="arXiv",
    note="Version 1",
    url=f"https://arxiv.org/abs/{published.ARXIV}",
)
"""The paper's BibTeX entry."""

README = "README.txt"

OLDEST = (1980, 1, 1, 0, 0, 0)
"""Modification time of every file in an archive: the same view gives the same bytes."""


def read_link(query: object, dtype: str) -> ViewState:
    """Read a link into the state that the page would show.

    Raises:
        SpecError: The link cannot be followed.
    """
    asked = permalink.parse(query)
    spec = VIEWS[asked.view].study(asked.spec).replace(dtype=dtype)
    return ViewState.from_dict({**asked.to_dict(), "spec": spec.model_dump()})


def find_place(public_url: str | None) -> str:
    """Find what stands before a cited link: the public address, or else the version with which anyone can open it.

    The address in the browser would often be that of one computer, which leads nobody else anywhere.
    """
    return public_url or f"Batchscape {version('batchscape')} · "


def name_file(state: ViewState, panel: str = "", title: str = "") -> str:
    """Return a file name without its extension: view, panel, activation and seed; frontend/src/export names files alike."""
    of_paper = re.match(r"Fig\. (\d+)\((\w)\)", title)
    what = f"figure-{of_paper[1]}{of_paper[2]}" if of_paper else "-".join(filter(None, (state.view, panel)))
    return f"batchscape-{what}-{state.spec.activation}-seed{state.spec.seed}"


def write_csv_files(state: ViewState, drawn: Mapping[str, PanelContent | Gallery]) -> dict[str, str]:
    """Write the numbers of panels as CSV, one file a table, and a README of what is in them."""
    files, told = {}, []
    for name, panel in drawn.items():
        tables = numbers.list_tables(panel)
        for table in tables:
            file = name_table(state, name, panel.title, table.name, len(tables))
            files[file] = numbers.to_csv(table)
            told += [file, f"  {panel.title}", f"  Columns: {', '.join(table.columns)}"]
            told += [f"  {key}: {meaning}" for key, meaning in table.meanings if meaning] + [""]
    return {**files, README: "\n".join(told)}


def name_table(state: ViewState, panel: str, title: str, table: str, count: int) -> str:
    """Name the file of one of a panel's tables."""
    return f"{name_file(state, panel, title)}{f'-{table}' if count > 1 else ''}.csv"


def zip_files(files: Mapping[str, str]) -> bytes:
    """Pack files into a .zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, OLDEST), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def find_commit() -> str | None:
    """Return the commit that is running, or None if this is neither a checkout nor installed from one."""
    root = Path(__file__).resolve().parents[2]
    if (root / ".git").exists():
        try:
            found = subprocess.run(
                ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
                capture_output=True,
                text=True,
                timeout=5,
                check=True,
            )
            return found.stdout.strip() or None
        except (OSError, subprocess.SubprocessError):
            return None
    try:
        record = distribution("batchscape").read_text("direct_url.json")
        return str(loads(record or "{}")["vcs_info"]["commit_id"])
    except (PackageNotFoundError, KeyError, ValueError):
        return None


def write_citation(state: ViewState, where: str, results: Mapping[Task, Any]) -> str:
    """Write what somebody else needs to reproduce a picture.

    Args:
        state: What is shown.
        where: What `find_place` finds, and its link.
        results: Those that are in the cache; they tell with which device and versions they were computed.
    """
    spec = state.spec
    made = next(iter(results.values()), None)
    versions = collect_versions() if made is None else made.versions
    running = find_commit()
    digest = problems.hash_data(spec)
    lines = [
        f"Batchscape {versions['batchscape']}" + (f", commit {running}" if running else ""),
        f"Link: {where}",
        f"Seeds: start point and directions {spec.seed}; mini-batches {spec.batch_seed}",
        f"{_name_data(spec)}; SHA-256 of inputs and targets (float64): {digest}",
        "Made with: "
        + ", ".join(f"{name} {version}" for name, version in versions.items() if name != "batchscape")
        + (f", on {made.device}" if made is not None else ""),
    ]
    return "\n".join(lines) + f"\n\n{PAPER}\n\n{_bibtex(state, where, versions['batchscape'], running, digest)}\n"


def _name_data(spec: StudySpec) -> str:
    """What the data are."""
    if problems.is_papers(spec):
        return f"Data: {spec.dataset}, scaling {spec.scaling}"
    return f"Problem: {spec.problem}, {problems.name_problem(spec)}; data: {spec.samples:,} samples"


def _bibtex(state: ViewState, where: str, release: str, running: str | None, digest: str) -> str:
    name = VIEWS[state.view].title
    size = text.size_phrase(state.spec, "mini-batches of")
    title = f"{name}: {text.setting(state.spec)}, {size}".replace("±", r"$\pm$")
    if state.view == "figures":
        title = f"After Fig. {state.figure}({state.panel}) of Kafka and Wilke (2019): {title}"
    code = f"version {release}" + (f", commit {running}" if running else "")
    return format_bibtex(
        f"batchscape-{state.view}-{sha256(where.encode()).hexdigest()[:8]}",
        title=title,
        author="{Batchscape}",
        year=datetime.now(UTC).year,
        **({"url": where} if where.startswith("http") else {"howpublished": re.sub("([&_#%])", r"\\\1", where)}),
        note=f"{code}; data SHA-256 {digest[:16]}",
    )


def write_about(state: ViewState, where: str, results: Mapping[Task, Any]) -> str:
    """Write the text file of an archive: citation, Python and command."""
    ours = code_snippets.write_command(state)
    return (
        write_citation(state, where, results)
        + f"\nPython code that computes these numbers:\n\n{code_snippets.write_python(state)}"
        + (f"\nThe same on the command line:\n\n{ours}\n" if ours else "")
    )
