"""The documents, held against the code."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import landscape_core
from app.settings import Settings
from landscape_core import load, storage
from landscape_core.paper import published

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVING = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
)


@pytest.mark.slow
def test_snippet_and_command_give_the_numbers_that_the_readme_prints(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.S)
    (comment,) = re.findall(r"print\(.*\)  # (.*)", snippet)
    (command,) = re.findall(r"```sh\n(batchscape study .*?)\n```", README, re.S)
    by_snippet, by_command = tmp_path / "snippet", tmp_path / "command"
    by_snippet.mkdir()
    by_command.mkdir()
    done = subprocess.run([sys.executable, "-c", snippet], cwd=by_snippet, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == comment
    subprocess.run(
        [sys.executable, "-m", "app", *shlex.split(command)[1:]], cwd=by_command, capture_output=True, check=True
    )
    one, other = load(by_snippet / "relu.npz"), load(by_command / "relu.npz")
    assert storage.to_bytes(one) == storage.to_bytes(other)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    field = Settings.model_fields[name]
    (row,) = re.findall(rf"^\| `BATCHSCAPE_{name.upper()}` \| (.*) \| (.*) \|$", SERVING, re.M)
    default = "the user's cache directory" if name == "cache_dir" else f"`{field.default}`"
    assert row == (default, field.description)


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link.strip() for link in re.findall(r"\]\(\s*([^)#]+?)\s*\)", text)]
    missing = [
        link for link in links if not link.startswith("http") and not ((ROOT / page).parent / link).resolve().exists()
    ]
    assert missing == []


@pytest.mark.parametrize(
    "page", [*PAGES, *sorted(f"docs/decisions/{p.name}" for p in ROOT.glob("docs/decisions/*.md"))]
)
def test_files_that_are_named_exist(page: str) -> None:
    trees = "app|landscape_core|frontend|assets|tests|benchmarks|tools|docs"
    named = re.findall(rf"`((?:{trees})/[\w./-]+\.[a-z]+)`", (ROOT / page).read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("page", "command"),
    [
        ("README.md", r"^make (\w+)"),
        ("CONTRIBUTING.md", r"`make (\w+)`"),
        (".ci/run", r"^make (\w+)"),
        (".github/workflows/ci.yml", r"run: make (\w+)"),
        (".pre-commit-config.yaml", r"entry: make (\w+)"),
    ],
)
def test_commands_are_in_the_makefile(page: str, command: str) -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(command, (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert targets
    assert set(targets) <= set(re.findall(r"^  (\w+) ", listed, re.M))


def test_continuous_integration_runs_what_a_clean_checkout_runs_on_every_supported_python() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"run: (make \w+)", workflow) == re.findall(r"^make \w+", run, re.M) == ["make lint", "make test"]
    lowest, above = map(
        int, re.findall(r"3\.(\d+)", re.findall(r"requires-python = .*", (ROOT / "pyproject.toml").read_text())[0])
    )
    matrix = yaml.safe_load(workflow)["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert matrix == [f"3.{minor}" for minor in range(lowest, above)]


def test_the_readme_is_short_and_states_that_there_is_no_licence() -> None:
    assert README.count("\n") <= 150
    assert "**Licence.** None has been chosen yet" in README
    assert not list(ROOT.glob("LICEN[CS]E*"))


def test_all_documents_name_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = re.findall(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    released = re.findall(r"^## \[(\d.*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert cited == [project["version"]]
    assert released[0] == project["version"]


def test_every_module_of_the_engine_is_on_the_map() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    modules = {path.stem for path in (ROOT / "landscape_core").glob("*.py")} - {"__init__"}
    assert modules == {name for name in modules if f"`{name}`" in drawn}


def test_names_of_code_in_the_theory_exist() -> None:
    owners: dict[str, object] = {}
    for path in pkgutil.walk_packages(landscape_core.__path__, "landscape_core."):
        module = importlib.import_module(path.name)
        owners |= {name: value for name, value in vars(module).items() if isinstance(value, type)}
        owners[path.name.rsplit(".", 1)[1]] = module
    named = re.findall(r"`(\w+)\.(\w+)[\w.]*`", (ROOT / "docs" / "theory.md").read_text(encoding="utf-8"))
    assert named
    fields = {name: {*dir(owner), *getattr(owner, "__annotations__", {})} for name, owner in owners.items()}
    assert [f"{owner}.{name}" for owner, name in named if name not in fields.get(owner, ())] == []


def test_choices_and_misprints_stand_in_the_theory_as_in_the_report() -> None:
    theory = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    _, choices, misprints, _ = re.split(r"\n## (?:11|12|13)\. .*\n\n", theory)
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", choices, re.M)[1:]
    assert rows == [(choice.open, choice.ours, choice.reason) for choice in published.CHOICES]
    assert misprints.split("\n") == [f"- {misprint}" for misprint in published.MISPRINTS] + [""]
