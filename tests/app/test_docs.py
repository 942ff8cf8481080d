"""The documents, held against the code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from landscape_core import load, paper, storage

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
def test_every_setting_stands_in_the_readme(name: str) -> None:
    field = Settings.model_fields[name]
    (row,) = re.findall(rf"^\| `BATCHSCAPE_{name.upper()}` \| (.*) \| (.*) \|$", README, re.M)
    default = "the user's cache directory" if name == "cache_dir" else f"`{field.default}`"
    assert row == (default, field.description)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "benchmarks/README.md"])
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link.strip() for link in re.findall(r"\]\(\s*([^)#]+?)\s*\)", text)]
    missing = [
        link for link in links if not link.startswith("http") and not ((ROOT / page).parent / link).resolve().exists()
    ]
    assert missing == []


def test_commands_of_the_readme_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


def test_every_module_of_the_engine_is_on_the_map() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    modules = {path.stem for path in (ROOT / "landscape_core").glob("*.py")} - {"__init__"}
    assert modules == {name for name in modules if f"`{name}`" in drawn}


def test_choices_and_misprints_stand_in_the_theory_as_in_the_report() -> None:
    theory = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    _, choices, misprints, _ = re.split(r"\n## (?:11|12|13)\. .*\n\n", theory)
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", choices, re.M)[1:]
    assert rows == [(choice.open, choice.ours, choice.reason) for choice in paper.CHOICES]
    assert misprints.split("\n") == [f"- {misprint}" for misprint in paper.MISPRINTS] + [""]
