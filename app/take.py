"""What a view can be taken away as: its study, its numbers, its Python, and what to cite."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from json import loads
from pathlib import Path
from typing import Any

import numpy as np

from app import links, numbers, snippets, text
from app.pictures import Drawn, Gallery
from app.state import Request, Task
from app.views import VIEWS
from landscape_core import StudySpec, problem, study

PAPER = """@misc{kafka-wilke-2019,
  author = {Kafka, D. and Wilke, D. N.},
  title  = {Visual interpretation of the robustness of {Non-Negative Associative Gradient Projection Points} over
            function minimizers in mini-batch sampled loss functions},
  year   = {2019},
  note   = {arXiv 1903.08552},
  url    = {https://arxiv.org/abs/1903.08552}
}"""

OLDEST = (1980, 1, 1, 0, 0, 0)
"""Files in an archive have no time of their own, so that the same view gives the same bytes."""


def shown(query: object, dtype: str) -> Request:
    """What the page shows for a link, as the controls would ask for it.

    Raises:
        SpecError: The link cannot be followed.
    """
    asked = links.parse(query)
    spec = asked.spec.replace(dtype=dtype, **({} if VIEWS[asked.view].sampled else {"draws": 0}))
    return Request.from_dict({**asked.to_dict(), "spec": spec.model_dump()})


def stem(request: Request, panel: str = "", title: str = "") -> str:
    """A file's name without its ending: view, panel, activation and seed. assets/take.js makes the same for pictures."""
    of_paper = re.match(r"Fig\. (\d+)\((\w)\)", title)
    what = f"figure-{of_paper[1]}{of_paper[2]}" if of_paper else "-".join(filter(None, (request.view, panel)))
    return f"batchscape-{what}-{request.spec.activation}-seed{request.spec.seed}"


def stem_of(task: Task) -> str:
    """As `stem`, for what a task gives."""
    base = task if isinstance(task, StudySpec) else task.base
    kind = type(task).__name__.removesuffix("Spec").lower()
    what = f"{base.activation}-{base.domain}" if isinstance(task, StudySpec) else base.domain
    return f"batchscape-{kind}-{what}-seed{base.seed}"


def csv_files(request: Request, drawn: Mapping[str, Drawn | Gallery]) -> dict[str, str]:
    """The numbers of panels, each table as a file of its own: what several tables in one CSV would be, nothing reads."""
    files = {}
    for name, panel in drawn.items():
        tables = numbers.tables(panel)
        for table in tables:
            end = f"-{table.name}" if len(tables) > 1 else ""
            files[f"{stem(request, name, panel.title)}{end}.csv"] = numbers.to_csv(table)
    return files


def archive(files: Mapping[str, str]) -> bytes:
    """Files as one .zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, OLDEST), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def data_hash(spec: StudySpec) -> str:
    """SHA-256 of the scaled inputs and then the targets, as little-endian float64 in C order."""
    found = sha256()
    for array in problem.data(spec):
        found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return found.hexdigest()


@lru_cache(maxsize=1)
def commit() -> str | None:
    """The commit that is running, if this is a checkout or was installed from one."""
    root = Path(__file__).resolve().parent.parent
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


def citation(request: Request, where: str, results: Mapping[Task, Any]) -> str:
    """What somebody else needs in order to see the same picture.

    Args:
        request: What is shown.
        where: Its full link.
        results: What it is drawn from, as far as it is at hand; they say where and with what they were computed.
    """
    spec = request.spec
    made = next(iter(results.values()), None)
    versions = study.versions() if made is None else made.versions
    running = commit()
    digest = data_hash(spec)
    lines = [
        f"Batchscape {versions['batchscape']}" + (f", commit {running}" if running else ""),
        f"Link: {where}",
        f"Seeds: start point and directions {spec.seed}; mini-batches {spec.batch_seed}",
        f"Data: {spec.dataset}, scaling {spec.scaling}; SHA-256 of inputs and targets (float64): {digest}",
        "Made with: "
        + ", ".join(f"{name} {version}" for name, version in versions.items() if name != "batchscape")
        + (f", on {made.device}" if made is not None else ""),
    ]
    return "\n".join(lines) + f"\n\n{PAPER}\n\n{_bibtex(request, where, versions['batchscape'], running, digest)}\n"


def _bibtex(request: Request, where: str, version: str, running: str | None, digest: str) -> str:
    name = VIEWS[request.view].label
    title = f"{name}: {text.setting(request.spec)}, mini-batches of {request.spec.batch_size}".replace("±", r"$\pm$")
    if request.view == "figures":
        title = f"After Fig. {request.figure}({request.panel}) of Kafka and Wilke (2019): {title}"
    code = f"version {version}" + (f", commit {running}" if running else "")
    return "\n".join(
        (
            f"@misc{{batchscape-{request.view}-{sha256(where.encode()).hexdigest()[:8]},",
            f"  title = {{{title}}},",
            "  author = {{Batchscape}},",
            f"  year  = {{{datetime.now(UTC).year}}},",
            f"  url   = {{{where}}},",
            f"  note  = {{{code}; data SHA-256 {digest[:16]}}}",
            "}",
        )
    )


def about(request: Request, where: str, results: Mapping[Task, Any]) -> str:
    """What lies beside numbers in an archive."""
    ours = snippets.command(request)
    return (
        citation(request, where, results)
        + f"\nThe Python that makes these numbers:\n\n{snippets.python(request)}"
        + (f"\nThe same by the command line:\n\n{ours}\n" if ours else "")
    )
