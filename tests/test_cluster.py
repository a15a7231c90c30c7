"""Ray: its workers write what one process writes, also if one of them is killed."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from benchmarks.scale import workers
from data.formats import jsonl
from tests.conftest import make_articles
from tests.test_job import contents

pytest.importorskip("ray")
PARTS = 8


def test_a_cluster_writes_what_one_process_writes_also_if_a_worker_is_killed(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(jsonl.render(make_articles(40 * PARTS, sentences=20)) + '{"id": 1}\n')
    mark = f"DEMARCHE_TEST={uuid.uuid4().hex}"
    environment = {**os.environ, **dict([mark.split("=")])}
    command: list[str | Path] = [sys.executable, "predict.py", exported, path, "--format", "jsonl", "--part-size", "40",
                                 "--threshold", "0.1"]  # fmt: skip
    subprocess.run([*command, "--output", f"{tmp_path}/one/"], check=True, env=environment, capture_output=True)
    assert len(contents(tmp_path / "one")) == PARTS + 3  # the last has a part of its own, with its side file

    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--engine", "ray", "--output", f"{tmp_path}/many/"], env=environment, stdout=log, stderr=log
        )
        killed = 0
        while process.poll() is None and not killed:
            time.sleep(0.02)
            if list((tmp_path / "many").glob("part-*")):
                for worker in workers(mark)[:1]:
                    os.kill(worker, signal.SIGKILL)
                    killed += 1
        assert process.wait(timeout=200) == 0, (tmp_path / "log").read_text()
    assert killed == 1
    left = {name: content for name, content in contents(tmp_path / "many").items() if name[0] != "."}
    assert left == contents(tmp_path / "one")
    assert "321 articles" not in (tmp_path / "log").read_text()
    assert "320 articles" in (tmp_path / "log").read_text()
