"""Citations, links and names of files."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest

from app.callbacks.choice import choose
from app.export import citation, tables
from app.jobs import tasks
from app.jobs.service import Service
from app.page import ids
from app.page.rail.parts import FIELDS, VIEW_DEFAULTS
from app.state import permalink
from app.state.view_state import VIEW_FIELDS, ViewState
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.study.plane import hash_data
from landscape_core.study.result import collect_versions

PAGE = "https://somewhere.example/lab/"
START = {name: getattr(StudySpec(), name) for name in FIELDS}


LINKS = [
    "",
    "?activation=relu&seed=5&v=1",
    "?view=moments&draws=7&v=1",
    "?view=explore&field=negative&at_d1=2&angle=30&v=1",
    "?view=explore&camera=1,1,1,0,0,0&hide=seed&v=1",
    "?view=variance&line=d2&v=1",
    "?view=static&source=full&v=1",
    "?figure=3&panel=b",
    "?figure=9&panel=g&seed=4&v=1",
    "?table=2",
    "?view=gallery&v=1",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_taken_as_the_page_shows_it(service: Service, link: str) -> None:
    answer = choose(service, ids.ADDRESS, START, {**VIEW_DEFAULTS, "figure": 1, "panel": "a"}, link)
    assert answer["message"] == ""
    assert citation.read_link(link, "float64") == answer["request"]
    side = re.search("camera=[^&]*&", link)  # the page knows it itself
    cited = permalink.write_cited_link(link)
    assert (cited.replace(side[0], "") if side else cited) == answer["cited"]
    assert permalink.parse(cited) == permalink.parse(link)
    assert {"seed", "batch_seed", "batch_size"} <= {part.split("=")[0] for part in cited[1:].split("&")}


def test_the_citation_says_all_that_is_needed(result: Any) -> None:
    request = ViewState(result.spec, "moments")
    words = citation.write_citation(request, f"{PAGE}?view=moments&v=1", {result.spec: result})
    assert f"Link: {PAGE}?view=moments&v=1\n" in words
    assert "Seeds: start point and directions 12735; mini-batches 0" in words
    arrays = result.inputs.astype("<f8").tobytes() + result.targets.astype("<f8").tobytes()
    assert sha256(arrays).hexdigest() in words
    for name, version in collect_versions().items():
        assert version in words, name
    assert citation.find_commit() is None or f"commit {citation.find_commit()}" in words
    assert words.count("@misc{") == 2
    assert "1903.08552" in words
    for entry in re.findall(r"@misc\{.*?\n\}", words, re.S):
        assert entry.count("{") == entry.count("}")
    assert "±" not in words.split("@misc")[2]


def test_another_scaling_is_other_data() -> None:
    assert hash_data(StudySpec()) != hash_data(StudySpec(scaling="raw"))
    assert hash_data(StudySpec()) == hash_data(StudySpec(seed=3, activation="relu"))


def test_an_unknown_commit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citation, "find_commit", lambda: None)
    assert "commit" not in citation.write_citation(ViewState(StudySpec()), PAGE, {})


def test_names_of_files_hold_no_sign_that_a_file_system_refuses() -> None:
    for view in VIEWS:
        assert re.fullmatch(r"[a-z0-9_-]+", citation.name_file(ViewState(StudySpec(), view), "loss"))  # type: ignore[arg-type]
    assert tasks.stem(ReplicationSpec()) == "batchscape-typical-global-seed12735"


def test_links_and_looks_are_what_the_tests_think() -> None:
    assert set(VIEW_FIELDS) >= {"view", "source"}
    assert permalink.write(ViewState(StudySpec())) == ""
    assert tables.MOST_ROWS == 400
