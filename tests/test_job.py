"""Jobs in parts: the same bytes however often they are stopped, and nothing lost on the way."""

import dataclasses
import json
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import InputError
from data.formats import jsonl
from data.schema import Article, DataError
from data.stream import Source
from model import engines, outputs
from model.forms import CSV, HTML, JSONL, PARQUET, Form
from model.job import JOB_FILE, ArticleReader, Counts, Job, check_apart, side_file
from model.tagger import Tagger
from tests.conftest import make_articles

BROKEN = '{"id": "x", "text": "cut off'


@pytest.fixture(scope="module")
def tagger(run: Path) -> Tagger:
    return engines.load(run, engines.TORCH, device="cpu")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Twelve records, of which the third and the eighth are broken."""
    lines = jsonl.render(make_articles(10)).splitlines()
    lines[2:2] = [BROKEN]
    lines[7:7] = ['{"id": "no text"}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    return Source([tmp_path / "in.jsonl"])


def begin(
    source: Source, folder: Path, name: str = JSONL, run: str = "r", part_size: int = 5, strict: bool = False
) -> Job:
    return Job.begin(source, folder, Form(name), run=run, engine="torch", part_size=part_size, strict=strict)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_broken_records_go_aside_with_their_reasons(source: Source, tmp_path: Path) -> None:
    reading = ArticleReader(source.records(), "2022-02-12", strict=False)
    articles = list(reading)
    assert [article.id for article in articles] == [article.id for article in make_articles(10)]
    assert {article.date for article in articles} == {"2022-02-12"}
    assert (reading.counts().articles, reading.counts().broken) == (10, 2)
    reading.write_broken(tmp_path / "aside")
    first, second = map(json.loads, (tmp_path / "aside").read_text().splitlines())
    assert (first["number"], first["record"]) == (3, BROKEN)
    assert f"{tmp_path / 'in.jsonl'}:3: broken JSON" in first["reason"]
    assert second["number"] == 8
    assert "'text'" in second["reason"]
    ArticleReader([], None, strict=False).write_broken(tmp_path / "aside")
    assert not (tmp_path / "aside").exists()


def test_strict_stops_at_the_first(source: Source) -> None:
    with pytest.raises(DataError, match=r"in.jsonl:3: broken JSON"):
        list(ArticleReader(source.records(), None, strict=True))


def test_an_id_twice_is_a_broken_record_where_it_must_be_unique(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(jsonl.render([*make_articles(2), *make_articles(1)]))
    source = Source([tmp_path / "in.jsonl"])
    assert len(list(ArticleReader(source.records(), None, strict=True))) == 3
    with pytest.raises(DataError, match=r"in.jsonl:3: the id 'article-000' is given to two"):
        list(ArticleReader(source.records(), None, strict=True, unique=True))
    reading = ArticleReader(source.records(), None, strict=False, unique=True)
    assert len(list(reading)) == 2
    assert reading.counts() == Counts(2, 1)


def test_a_date_is_for_articles_that_bring_none(tmp_path: Path) -> None:
    named = {
        "field": ("Oslo, 3 May 2024 — x", "2020-01-01"),
        "head": ("Oslo, 3 May 2024 — x", None),
        "none": ("x", None),
    }
    lines = [Article(id, text, (), date) for id, (text, date) in named.items()]
    (tmp_path / "in.jsonl").write_text(jsonl.render(lines), encoding="utf-8")
    reading = ArticleReader(Source([tmp_path / "in.jsonl"]).records(), "2024-09-03", strict=True)
    assert [one.date for one in reading] == ["2020-01-01", "2024-05-03", "2024-09-03"]


@pytest.mark.parametrize("name", [JSONL, CSV, PARQUET])
def test_parts_hold_what_one_result_holds(source: Source, tmp_path: Path, tagger: Tagger, name: str) -> None:
    job = begin(source, tmp_path / "out", name)
    assert job.missing() == [0, 1, 2]
    assert [dataclasses.astuple(job.run_part(number, tagger)) for number in job.missing()] == [(4, 1), (4, 1), (2, 0)]
    assert job.missing() == []
    suffix = {JSONL: ".jsonl", CSV: ".csv", PARQUET: ".parquet"}[name]
    parts = [f"part-0000{number}{suffix}" for number in range(3)]
    assert sorted(contents(tmp_path / "out")) == sorted(
        [JOB_FILE, *parts, *(f"_{one}.broken.jsonl" for one in parts[:2])]
    )
    if name == JSONL:
        whole = b"".join(outputs.write(tagger, ArticleReader(source.records(), None, strict=False), Form(JSONL)))
        assert b"".join((tmp_path / "out" / part).read_bytes() for part in parts) == whole
        assert whole.count(b"\n") == 10


def test_a_job_goes_on_with_what_is_missing(source: Source, tmp_path: Path, tagger: Tagger) -> None:
    job = begin(source, tmp_path / "out")
    for number in job.missing():
        job.run_part(number, tagger)
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "part-00001.jsonl").unlink()
    # What a killed process leaves: its unfinished file, and a side file that nobody vouches for.
    (tmp_path / "out" / ".part-00001.jsonl.x7").write_text("half")
    (tmp_path / "out" / "_part-00001.jsonl.broken.jsonl").write_text("half")
    again = pickle.loads(pickle.dumps(begin(source, tmp_path / "out")))
    assert again.missing() == [1]
    again.run_part(1, tagger)
    assert {name: content for name, content in contents(tmp_path / "out").items() if name[0] != "."} == whole


def test_a_part_is_written_whole_or_not_at_all(source: Source, tmp_path: Path, tagger: Tagger) -> None:
    job = begin(source, tmp_path / "out", strict=True)
    with pytest.raises(DataError, match=r"in.jsonl:3"):
        job.run_part(0, tagger)
    assert list(contents(tmp_path / "out")) == [JOB_FILE]


def test_another_job_is_not_mixed_in(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    begin(source, folder)
    before = contents(folder)
    with pytest.raises(InputError, match="a job with another run"):
        begin(source, folder, run="other")
    with pytest.raises(InputError, match="a job with another form, part_size"):
        begin(source, folder, CSV, part_size=6)
    with pytest.raises(InputError, match="a job with another thresholds"):
        Job.begin(source, folder, Form(JSONL), run="r", engine="torch", part_size=5, thresholds={"DATE": 0.2})
    with (tmp_path / "in.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(InputError, match="a job with another input"):
        begin(Source([tmp_path / "in.jsonl"]), folder)
    (folder / JOB_FILE).write_text("{")
    with pytest.raises(InputError, match="is broken"):
        begin(source, folder)
    assert set(before) == {JOB_FILE}


def test_folders_and_inputs_that_do_not_do(source: Source, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(InputError, match=r"holds no job of predict.py"):
        begin(source, tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"notes.txt": b"keep me"}
    with pytest.raises(InputError, match="html cannot be written in parts"):
        begin(source, tmp_path / "out", HTML)
    with pytest.raises(InputError, match="at least 1"):
        begin(source, tmp_path / "out", part_size=0)
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(InputError, match="no article"):
        begin(Source([tmp_path / "empty.jsonl"]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.jsonl"
    path.write_text(jsonl.render(make_articles(400, sentences=20)))
    return path


def test_killed_and_started_again_it_ends_the_same(exported: Path, many: Path, tmp_path: Path) -> None:
    command = [sys.executable, "predict.py", str(exported), str(many), "--format", "jsonl", "--part-size", "40"]
    subprocess.run([*command, f"--output={tmp_path}/whole/"], check=True, capture_output=True)
    killed = 0
    for parts in _growing(tmp_path / "killed"):
        process = subprocess.Popen([*command, f"--output={tmp_path}/killed/"], stderr=subprocess.PIPE)
        while process.poll() is None and len(list((tmp_path / "killed").glob("part-*"))) < parts:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
    assert killed > 0
    done = subprocess.run([*command, f"--output={tmp_path}/killed/"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = {name: content for name, content in contents(tmp_path / "killed").items() if name[0] != "."}
    assert left == contents(tmp_path / "whole")


def _growing(folder: Path) -> Iterator[int]:
    """Numbers of parts at which to kill: two more than there are, twice."""
    for _ in range(2):
        yield len(list(folder.glob("part-*"))) + 2


def test_the_side_file_stands_beside_the_result() -> None:
    assert side_file(Path("a/out.jsonl")) == Path("a/out.jsonl.broken.jsonl")


def test_a_result_takes_no_inputs_place(source: Source, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is the input itself"):
        check_apart(tmp_path / "x" / ".." / "in.jsonl", source)
    check_apart(tmp_path / "out.jsonl", source)
    with pytest.raises(InputError, match=r"lies in the input .*name another"):
        begin(Source([tmp_path]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_job_sees_that_a_text_was_changed(source: Source, tmp_path: Path) -> None:
    begin(source, tmp_path / "out")
    text = (tmp_path / "in.jsonl").read_text()
    (tmp_path / "in.jsonl").write_text(text.replace("article-000", "article-999"))
    with pytest.raises(InputError, match="a job with another input"):
        begin(Source([tmp_path / "in.jsonl"]), tmp_path / "out")


def test_what_a_killed_job_was_writing_goes(source: Source, tmp_path: Path) -> None:
    begin(source, tmp_path / "out")
    (tmp_path / "out" / ".part-00003.jsonl.86addd88").write_text("half")
    begin(source, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [JOB_FILE]
