"""The scripts as a user runs them: what they print, what they write, and how they refuse."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from data.fingerprints import fingerprint, text_hash
from data.formats import jsonl, markup
from data.schema import Article
from model import engines
from model.scoring import score
from tests.conftest import make_articles, parse, torch_network

ARTICLES = make_articles(40, sentences=6)


def call(*arguments: object, stdin: bytes | None = b"", expect: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], input=stdin, capture_output=True, timeout=120, check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"},
    )  # fmt: skip
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == expect, err
    assert "Traceback" not in err, err
    return out, err


def test_prepare_writes_splits_and_statistics(tmp_path: Path) -> None:
    # Made from few sentences, these would all be near-duplicates of one another.
    articles = [Article(f"a{i}", " ".join(f"w{i}x{j}" for j in range(40)) + " left", ()) for i in range(30)]
    articles = [parse(f"[Actor](ACTOR) {a.text}", a.id, meta={"genre": "wire"}) for a in articles]
    jsonl.write(articles, tmp_path / "in.jsonl")
    out, _ = call("prepare.py", tmp_path / "in.jsonl", "--output", tmp_path / "out", "--seed", 3)
    read = {name: jsonl.read(tmp_path / "out" / f"{name}.jsonl") for name in ("train", "dev", "test")}
    assert sorted(a.id for part in read.values() for a in part) == sorted(a.id for a in articles)
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    for name, part in read.items():
        assert statistics[name]["articles"] == len(part)
        assert statistics[name]["labels"]["ACTOR"]["spans"] == len(part)
    assert "Leak check: no two" in out
    assert str(tmp_path / "out") in out.replace("\n", "")


def test_prepare_warns_of_labels_that_train_lacks(tmp_path: Path) -> None:
    texts = [" ".join(f"w{i}x{j}" for j in range(20)) for i in range(12)]
    articles = [parse(f"[Actor](ACTOR) {text}", f"a{i}") for i, text in enumerate(texts)]
    articles.append(parse("[Actor](ACTOR) [here](PLACE) and [there](PLACE)", "b", meta={"split": "test"}))
    jsonl.write(articles, tmp_path / "in.jsonl")
    _, err = call("prepare.py", tmp_path / "in.jsonl", "--output", tmp_path / "out")
    assert "train has no PLACE, of which dev and test have 2" in err


def test_prepare_check_shows_slips(tmp_path: Path) -> None:
    (tmp_path / "a.tagged.txt").write_text(
        "id: a\ndate: 2022-02-12\ntitle: T\n\nOn Monday [the envoys](ACTOR) [said](ACTION) so [on Tuesday](DATE)."
    )
    out, _ = call("prepare.py", "--check", tmp_path)
    for said in (
        "article, demonstrative",
        "plain attribution",
        "preposition stays outside",
        "a time that is not tagged",
        "line 1: On »Monday«",
    ):
        assert said in out
    assert list(tmp_path.iterdir()) == [tmp_path / "a.tagged.txt"]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ('{"id": "a", "text": "x"}\n' * 16 + "{broken", [], "in.jsonl:"),
        (
            '{"id": "a", "text": "abc", "spans": [{"start": 0, "end": 3, "label": "B"}]}',
            ["--labels", "A"],
            "unknown label 'B'",
        ),
        ('{"id": "a", "text": "abc"}', [], "leave dev, test empty"),
        ('{"id": "a", "text": "abc"}', ["--dev", "0.6", "--test", "0.6"], "must be shares"),
        ("", [], "empty"),
    ],
)
def test_prepare_refuses(tmp_path: Path, content: str, options: list[str], said: str) -> None:
    (tmp_path / "in.jsonl").write_text(content)
    _, err = call("prepare.py", tmp_path / "in.jsonl", "--output", tmp_path / "out", *options, expect=2)
    assert said in err
    assert not (tmp_path / "out").exists()


def test_prepare_converts_and_says_what_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a.tagged.txt").write_text(
        "id: a\ndate: 2022-02-12\ntitle:\ngenre: wire\n\n[They](ACTOR) left [now](DATE x).\n"
    )
    out, err = call("prepare.py", tmp_path / "a.tagged.txt", "--convert", "conll-iobes", "--output", tmp_path / "a.txt")
    assert (out, err.splitlines()) == ("", [
        "warning: conll-iobes cannot hold the dates of 1 article",
        "warning: conll-iobes cannot hold the further fields of 1 article",
        "warning: conll-iobes cannot hold the values of 1 span",
        f"1 article: {tmp_path / 'a.txt'}",
    ])  # fmt: skip
    assert "They\t_\tS-ACTOR\n" in (tmp_path / "a.txt").read_text()
    _, err = call(
        "prepare.py", tmp_path / "a.txt", "--format", "conll", "--convert", "jsonl", "--output", tmp_path / "a.jsonl"
    )
    assert "warning" not in err
    assert jsonl.read(tmp_path / "a.jsonl") == [parse("[They](ACTOR) left [now](DATE).", "a")]
    _, err = call("prepare.py", tmp_path / "a.txt", "--convert", "jsonl", expect=2)
    assert "--convert needs --output" in err
    _, err = call(
        "prepare.py", tmp_path / "a.txt", "--format", "jsonl", "--convert", "brat", "--output", tmp_path / "b", expect=2
    )
    assert "a.txt:1: broken JSON" in err
    assert not (tmp_path / "b").exists()


def test_predict_jsonl_keeps_offsets(tmp_path: Path, run: Path) -> None:
    text = "The U.S. envoys’ café\u0301\r\n👩\u200d🚒 must leave by\u00a0Friday. " * 30
    (tmp_path / "news.txt").write_bytes(text.encode())
    out, err = call("predict.py", run, tmp_path / "news.txt", "--format", "jsonl", "--date", "2022-02-12")
    (article,) = jsonl.parse(out, "stdout")
    assert (article.id, article.text, article.date) == ("news", text, "2022-02-12")
    assert article.spans
    assert all(span.score is not None for span in article.spans)
    assert err == ""


def test_predict_reads_what_it_is_given(tmp_path: Path, run: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    jsonl.write([Article("j1", "They left.", date="2020-01-01"), Article("j2", "It ran.")], folder / "a.jsonl")
    markup.write([parse("[They](ACTOR) left.", "m", date="2021-01-01")], folder / "b.tagged.txt")
    (folder / "deep" / "c.txt").write_text("The rebels left on Friday.")
    out, err = call(
        "predict.py", run, folder, "--format=jsonl", "--date=2022-02-12", "--output", tmp_path / "out.jsonl"
    )
    assert out == ""
    assert "4 articles" in err
    dates = {article.id: article.date for article in jsonl.read(tmp_path / "out.jsonl")}
    assert dates == {"j1": "2020-01-01", "j2": "2022-02-12", "m": "2021-01-01", "deep/c": "2022-02-12"}


def test_predict_reads_standard_input(run: Path) -> None:
    out, _ = call("predict.py", run, stdin=b"Norland expelled two envoys.")
    assert "Norland" in out
    assert "\x1b" not in out
    assert "characters" in out
    lines = jsonl.render(ARTICLES[:3]).encode()
    out, _ = call("predict.py", run, "-", "--format", "jsonl", stdin=lines)
    assert [article.id for article in jsonl.parse(out, "stdout")] == [article.id for article in ARTICLES[:3]]


def test_more_is_found_from_a_lower_threshold(tmp_path: Path, run: Path) -> None:
    jsonl.write(ARTICLES[:9], tmp_path / "gold.jsonl")

    def found(*words: str) -> list[str]:
        out, _ = call("predict.py", run, tmp_path / "gold.jsonl", "--format", "jsonl", *words)
        return sorted(span.label for article in jsonl.parse(out, "stdout") for span in article.spans)

    usual, lower = found(), found("--threshold", "DEADLINE=0.02")
    assert lower.count("DEADLINE") > usual.count("DEADLINE")
    assert len(found("--threshold", "0.99", "--threshold", "DEADLINE=0.02")) < len(lower)
    call("evaluate.py", run, "--data", tmp_path / "gold.jsonl", "--output", tmp_path / "report", "--engine", "onnx",
         "--threshold", "DEADLINE=0.02")  # fmt: skip
    content = json.loads((tmp_path / "report" / "report.json").read_text())
    assert content["facts"]["spans are found from a probability of"] == "DEADLINE=0.02"
    assert content["scores"]["strict"]["DEADLINE"]["predicted"] == lower.count("DEADLINE")


def test_predict_html_escapes(tmp_path: Path, run: Path) -> None:
    page = tmp_path / "page.html"
    call("predict.py", run, "--format", "html", "--output", page, stdin=b"<script>alert(1)</script> The rebels left.")
    assert "<script" not in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["{run}", "{tmp}/none.txt"], b"", "no such file or folder"),
        (["{run}", "{tmp}/empty"], b"", "no article in this folder"),
        (["{run}", "{tmp}/void.txt"], b"", "is empty"),
        (["{run}", "{tmp}/bad.jsonl"], b"", "bad.jsonl:1: broken JSON"),
        (["{run}", "{tmp}/latin.txt"], b"", "latin.txt:2: not UTF-8"),
        (["{run}"], b" \n", "standard input: is empty"),
        (["{run}"], b"\xff", "standard input:1: not UTF-8"),
        (["{run}", "--date", "12.2.2022"], b"text", "YYYY-MM-DD"),
        (["{tmp}/norun"], b"text", "no such run"),
        (["{tmp}/empty"], b"text", "no finished run"),
        (["{run}", "--output", "{tmp}/void.txt/x"], b"text", "cannot be written"),
        (["{run}", "--threshold", "DUE=0.2"], b"text", "no label 'DUE', only ACTION, ACTOR, DATE, DEADLINE"),
    ],
)
def test_predict_refuses(tmp_path: Path, run: Path, arguments: list[str], stdin: bytes, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "void.txt").touch()
    (tmp_path / "bad.jsonl").write_text("{")
    (tmp_path / "latin.txt").write_bytes(b"Lom\n\xe9")
    before = sorted(tmp_path.rglob("*"))
    filled = [argument.format(run=run, tmp=tmp_path) for argument in arguments]
    out, err = call("predict.py", *filled, stdin=stdin, expect=2)
    assert said in err
    assert out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_evaluate_writes_three_reports(tmp_path: Path, run: Path) -> None:
    jsonl.write(ARTICLES[:9], tmp_path / "gold.jsonl")
    out, err = call("evaluate.py", run, "--data", tmp_path / "gold.jsonl", "--output", tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["report.html", "report.json", "report.md"]
    assert "| micro |" in out
    assert "report.html" in err
    again, _ = call("evaluate.py", run, "--data", tmp_path / "gold.jsonl", "--output", tmp_path / "again")
    assert again == out


def with_data(run: Path, folder: Path, **parts: list[Article]) -> Path:
    """A copy of a run that says it was trained on these articles, written beside it."""
    copy = folder / f"run-{len(list(folder.iterdir()))}"
    shutil.copytree(run, copy)
    about = json.loads((copy / "run.json").read_text())
    about["data"] = {"files": {}}
    for name, articles in parts.items():
        jsonl.write(articles, folder / f"{name}.jsonl")
        about["data"]["files"][name] = str(folder / f"{name}.jsonl")
        about["data"][name] = fingerprint(articles)
    about["data"]["train"]["texts"] = [text_hash(article) for article in parts["train"]]
    (copy / "run.json").write_text(json.dumps(about))
    return copy


def test_evaluate_uses_what_the_run_was_trained_on(tmp_path: Path, run: Path) -> None:
    mine = with_data(run, tmp_path, train=ARTICLES[:9], dev=ARTICLES[9:14], test=ARTICLES[8:20])
    _, err = call("evaluate.py", mine)
    content = json.loads((mine / "evaluation" / "test" / "report.json").read_text())
    assert "1 of 12 articles were trained on" in err
    assert content["facts"]["thresholds"] == "chosen on 5 dev articles"
    assert content["operating_points"]["micro"][0]["target"] == 0.9
    assert {one["seen"] for one in content["errors"]} == {True, False}
    assert set(content["strata"]["mention"]) == {"seen", "unseen"}
    assert content["facts"]["tokens in the text"] == content["facts"]["tokens read by the model"] != "0"
    predicted = engines.load(mine, device="cpu").predict(ARTICLES[8:20])
    expected = score(ARTICLES[8:20], list(predicted), labels=["DEADLINE"])
    assert content["scores"]["strict"]["micro"] == asdict(expected.scores["strict"]["micro"])

    _, err = call("evaluate.py", mine, "--no-dev")
    content = json.loads((mine / "evaluation" / "test" / "report.json").read_text())
    assert (content["facts"]["thresholds"], content["operating_points"]) == ("none chosen", {})
    _, err = call("evaluate.py", mine, "--split", "dev")
    assert json.loads((mine / "evaluation" / "dev" / "report.json").read_text())["operating_points"] == {}

    jsonl.write(ARTICLES[:3], tmp_path / "dev.jsonl")
    (tmp_path / "train.jsonl").write_text("{broken")
    _, err = call("evaluate.py", mine)
    content = json.loads((mine / "evaluation" / "test" / "report.json").read_text())
    assert "dev.jsonl has changed since the training" in err
    assert "train.jsonl has changed since the training" in err
    assert content["operating_points"] == {}
    assert content["facts"]["strings of mentions in training"] == "unknown"
    assert {one["seen"] for one in content["errors"]} == {None}


def test_predict_puts_broken_records_aside(tmp_path: Path, run: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(jsonl.render(ARTICLES[:2]) + '{"id": "x"\n' + jsonl.render(ARTICLES[2:3]))
    _, err = call("predict.py", run, path, "--format", "jsonl", "--output", tmp_path / "out.jsonl")
    assert "3 articles" in err
    assert "1 record cannot be read" in err
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 3
    aside = json.loads((tmp_path / "out.jsonl.broken.jsonl").read_text())
    assert (aside["number"], aside["record"]) == (3, '{"id": "x"')
    (tmp_path / "out.jsonl").unlink()
    for more in (["--output", tmp_path / "out.jsonl", "--strict"], []):
        _, err = call("predict.py", run, path, "--format", "jsonl", *more, expect=2)
        assert "in.jsonl:3: broken JSON" in err
    assert not (tmp_path / "out.jsonl").exists()


def test_predict_in_parts_and_what_cannot_be(tmp_path: Path, run: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(jsonl.render(ARTICLES[:5]))
    call("predict.py", run, path, "--format", "csv", "--output", f"{tmp_path}/parts/", "--part-size", "2")
    assert sorted(one.name for one in (tmp_path / "parts").iterdir()) == [
        "_job.json", "part-00000.csv", "part-00001.csv", "part-00002.csv"]  # fmt: skip
    _, err = call("predict.py", run, path, "--format", "csv", "--output", f"{tmp_path}/parts", "--part-size", "2")
    assert "3 of 3 parts are there already" in err
    for more, said in (
        (["--format", "csv", "--output", f"{tmp_path}/parts/"], "another part_size"),
        (["--format", "html", "--output", f"{tmp_path}/new/"], "html cannot be written in parts"),
        (["--engine", "ray", "--format", "jsonl"], "name one with --output FOLDER/"),
        (["--uncertain", "3", "--output", f"{tmp_path}/new/"], "name a file"),
    ):
        _, err = call("predict.py", run, path, *more, expect=2)
        assert said in err
    assert not (tmp_path / "new").exists()


def test_evaluate_compares_runs(tmp_path: Path, run: Path) -> None:
    # The first run is right everywhere: what it finds is the gold.
    test = list(engines.load(run, device="cpu").predict(ARTICLES[8:20]))
    first = with_data(run, tmp_path, train=ARTICLES[:9], test=test)
    other = engines.load(first, device="cpu")
    with torch.no_grad():
        torch_network(other).model.get_submodule("classifier").get_parameter("bias").add_(torch.arange(9.0) / 5)
    other.save(tmp_path / "other")
    out, err = call("evaluate.py", first, tmp_path / "other")
    folder = first / "evaluation" / "test-vs-other"
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json", "report.md"]
    assert err.count("1 of 12 articles were trained on") == 2
    content = json.loads((folder / "report.json").read_text())
    assert list(content["runs"]) == [first.name, "other"]
    (contest,) = content["contests"]
    assert contest["right"] == {first.name: len(contest["disagreements"]), "other": 0} != {first.name: 0, "other": 0}
    assert "mention" in contest["strata"]
    micro = contest["differences"]["micro"]
    for name, side in ((first.name, "first"), ("other", "second")):
        assert content["runs"][name]["scores"]["strict"]["micro"]["f1"]["value"] == pytest.approx(micro[side])
    assert f"| micro | {100 * micro['first']:.1f} | {100 * micro['second']:.1f} |" in out
    # Two runs of one name are told apart by their paths; one run is not two.
    (tmp_path / "deep").mkdir()
    shutil.copytree(tmp_path / "other", tmp_path / "deep" / "other")
    call("evaluate.py", tmp_path / "other", tmp_path / "deep" / "other", "--output", tmp_path / "same")
    content = json.loads((tmp_path / "same" / "report.json").read_text())
    assert list(content["runs"]) == [str(tmp_path / "other"), str(tmp_path / "deep" / "other")]
    assert content["contests"][0]["disagreements"] == []
    _, err = call("evaluate.py", first, tmp_path / "deep" / ".." / first.name, expect=2)
    assert "is given twice" in err


def test_evaluate_refuses_other_labels(tmp_path: Path, run: Path) -> None:
    jsonl.write([parse("[x](Weapon) y [z](Weapon)")], tmp_path / "gold.jsonl")
    _, err = call("evaluate.py", run, "--data", tmp_path / "gold.jsonl", "--output", tmp_path / "report", expect=2)
    assert "was trained for none of the data's labels, Weapon" in err
    assert not (tmp_path / "report").exists()
    jsonl.write([parse("[x](Weapon) [y](ACTOR)")], tmp_path / "gold.jsonl")
    _, err = call("evaluate.py", run, "--data", tmp_path / "gold.jsonl", "--output", tmp_path / "report")
    assert "was not trained for labels of the data, which count as missed: Weapon (1 span)" in err
    scores = json.loads((tmp_path / "report" / "report.json").read_text())["scores"]["strict"]
    assert (scores["Weapon"]["gold"], scores["Weapon"]["predicted"]) == (1, 0)
    _, err = call("evaluate.py", run, expect=2)
    assert "names no test data" in err


DATA = ["--data.train=tests/fixtures/one.jsonl", "--data.dev=tests/fixtures/one.jsonl"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--training.lerning_rate", "1"], "did you mean training.learning_rate?"),
        (["--training.learning_rate", "fast"], "training.learning_rate is 'fast'"),
        (["--data.train", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["--resume", "--overwrite"], "contradict"),
        (["--model.backbone", "nobody/has-this", *DATA], "one of minilm-l6, mpnet-base, a local folder"),
        (["--model.backbone", "./nowhere", *DATA], "no such folder"),
    ],
)
def test_train_refuses(tmp_path: Path, options: list[str], said: str) -> None:
    _, err = call("train.py", "configs/default.yaml", f"--training.output_dir={tmp_path / 'run'}", *options, expect=2)
    assert said in err
    assert not (tmp_path / "run").exists()
