import random

import pytest

from data import splits
from data.schema import Article, DataError


def words(seed: int, count: int = 60) -> str:
    return " ".join(random.Random(seed).choices([f"w{i}" for i in range(500)], k=count))


def corpus(count: int = 100) -> list[Article]:
    return [Article(f"a{i:03d}", words(i), meta={"genre": f"g{i % 4}"}) for i in range(count)]


def ids(parts: dict[str, list[Article]]) -> dict[str, list[str]]:
    return {name: [article.id for article in part] for name, part in parts.items()}


def test_every_article_is_in_one_split_and_order_does_not_matter() -> None:
    long = words(999, 200).split()
    chain = [Article(f"b{i:03d}", " ".join(long[i * 40 : i * 40 + 100]), meta={"genre": f"g{i}"}) for i in range(3)]
    articles = [*corpus(), *chain]
    parts = splits.split(articles, seed=3)
    assert sorted(id for part in ids(parts).values() for id in part) == [article.id for article in articles]
    for shuffle in range(5):
        shuffled = random.Random(shuffle).sample(articles, len(articles))
        assert ids(splits.split(shuffled, seed=3)) == ids(parts)
    assert ids(splits.split(articles, seed=4)) != ids(parts)


def test_shares_hold_overall_and_in_each_stratum() -> None:
    parts = splits.split(corpus(400), dev=0.1, test=0.2)
    assert {name: len(part) for name, part in parts.items()} == pytest.approx(
        {"train": 280, "dev": 40, "test": 80}, abs=3
    )
    for seed in range(10):
        parts = splits.split(corpus(400), dev=0.1, test=0.2, seed=seed)
        for genre in ("g0", "g1", "g2", "g3"):
            assert sum(article.meta["genre"] == genre for article in parts["test"]) == pytest.approx(20, abs=2)


def test_near_duplicates_stay_together_even_through_others() -> None:
    long = words(1, 200).split()
    chain = [Article(f"x{i}", " ".join(long[i * 40 : i * 40 + 100])) for i in range(3)]
    groups = splits.near_duplicate_groups(chain)
    assert len(set(groups.tolist())) == 1
    for seed in range(20):
        parts = splits.split(corpus(40) + chain, seed=seed)
        assert sum(any(article.id.startswith("x") for article in part) for part in parts.values()) == 1
        assert splits.leaks(parts) == []


def test_leaks_are_found_with_their_share() -> None:
    text = words(1, 107)
    parts = {
        "train": [Article("a", text)],
        "dev": [Article("b", words(2))],
        "test": [Article("c", text + " " + words(3))],
    }
    (leak,) = splits.leaks(parts)
    assert (leak.first, leak.second, leak.splits, leak.share) == ("a", "c", ("train", "test"), 1.0)


def test_overlap_is_over_the_shorter_article() -> None:
    shared = words(1, 27)  # 20 shingles
    both = [Article("a", shared), Article("b", shared + " " + words(2, 300))]
    assert splits.overlaps(both)[0, 1] == pytest.approx(1.0)
    apart = [Article("a", words(5, 100)), Article("b", words(6, 100))]
    assert splits.overlaps(apart)[0, 1] == 0


def test_pins_are_kept_and_carry_their_near_duplicates() -> None:
    text = words(1)
    articles = [*corpus(30), Article("p", text, meta={"split": "test"}), Article("q", text)]
    parts = ids(splits.split(articles))
    assert {"p", "q"} <= set(parts["test"])
    held = ids(splits.split([*articles, Article("h", words(77), meta={"split": "none"})]))
    assert "h" not in {id for part in held.values() for id in part}
    with pytest.raises(DataError, match="different splits"):
        splits.split([*articles, Article("r", text, meta={"split": "dev"})])
    with pytest.raises(DataError, match="pinned to"):
        splits.split([Article("p", text, meta={"split": "tset"})])


@pytest.mark.parametrize(("dev", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.2, 1.0)])
def test_impossible_shares(dev: float, test: float) -> None:
    with pytest.raises(DataError, match="shares"):
        splits.split(corpus(4), dev=dev, test=test)


def test_a_short_text_is_one_shingle() -> None:
    assert splits.shingles("One, two!") == {"one two"}
    assert splits.near_duplicate_groups([]).tolist() == []
    assert splits.near_duplicate_groups([Article("a", "One two."), Article("b", "one TWO")]).tolist() == [0, 0]
