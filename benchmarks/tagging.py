"""How well skills of courses are inferred, with every tagged course hidden once.

    python -m training import coursera ../shared/data/coursera var/coursera
    python benchmarks/tagging.py var/coursera                                five folds by --seed
    python benchmarks/tagging.py var/coursera --review docs/reviews/tags.csv the reviewed sample, and whether it still holds
    python benchmarks/tagging.py var/coursera --draw sample.csv              a new sample of 100 to review
    python benchmarks/tagging.py var/coco --weights                          the weights of names alone, learned anew

A fifth of the tagged courses loses its tags at a time, and skills are ranked for them: by the tagger, by names alone (fixed
weights), by names found literally in title and description (longer ones first), and by how many tagged courses have them.
Precision, recall and F1 at 5 of each course, means with 95 % bootstrap intervals over courses; differences and ratios are
paired. A tag whose skill no other course has can be had from its name alone: the share of those is printed.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.catalog import Catalog, Skills
from training.config import CourseSkillsConfig
from training.inference.course_skills import taught_matrix, texts_of
from training.inference.names import name_evidence
from training.inference.pairs import name_pairs
from training.inference.tagging import Tags, tag_courses
from training.inference.words import stems, words
from training.intervals import sampled_means
from training.tables.load import load_catalogue

FOLDS = 5
DEPTH = 5
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STILL_INFERRED = 95
"""A reviewed sample of which fewer are inferred is no sample of this tagger."""


def folds_of(ids: Sequence[str], tagged: np.ndarray, seed: int) -> list[np.ndarray]:
    """Deal the tagged courses into folds, by id and seed alone."""
    by_id = np.array(sorted(tagged.tolist(), key=lambda i: ids[i]))
    place = np.random.default_rng(seed).permutation(len(by_id)) % FOLDS
    return [by_id[place == fold] for fold in range(FOLDS)]


def hidden(catalog: Catalog, skills: Skills, seed: int) -> tuple[Tags, dict[str, sp.csr_matrix], sp.csr_matrix]:
    """Return the tags of every course while it was hidden, the scores of each way, and the truth."""
    taught = (taught_matrix(catalog.skills, len(skills.ids)) > 0).astype(float).tocsr()
    texts = texts_of(catalog)
    tagged = np.flatnonzero(np.diff(taught.indptr))
    kinds = ("tagger", "names alone", "most frequent")
    scores = {name: sp.lil_matrix(taught.shape) for name in kinds}
    found = []
    for number, fold in enumerate(folds_of(catalog.ids.ids, tagged, seed)):
        print(f"fold {number + 1} of {FOLDS}", file=sys.stderr, flush=True)
        kept = np.ones(len(catalog))
        kept[fold] = 0
        seen = (sp.diags(kept) @ taught).tocsr()
        seen.eliminate_zeros()
        found.append(tag_courses(texts, skills.names, taught=seen, asked=fold))
        alone = tag_courses(texts, skills.names, asked=fold)
        for name, tags in (("tagger", found[-1]), ("names alone", alone)):
            scores[name][tags.course, tags.skill] = tags.confidence
        scores["most frequent"][fold] = np.asarray(seen.sum(axis=0))
    columns = (np.concatenate([getattr(one, name) for one in found]) for name in Tags.__slots__)
    ranked: dict[str, sp.csr_matrix] = {name: one.tocsr() for name, one in scores.items()}
    return Tags(*columns), ranked | {"exact names": literal(catalog, skills)}, taught


def literal(catalog: Catalog, skills: Skills) -> sp.csr_matrix:
    """Find names word by word as they are written, longer ones first."""
    phrases: dict[tuple[str, ...], list[int]] = {}
    for skill, name in enumerate(skills.names):
        phrases.setdefault(tuple(words(name)), []).append(skill)
    lengths = sorted({len(phrase) for phrase in phrases} - {0})
    score = sp.lil_matrix((len(catalog), len(skills.ids)))
    for course, text in enumerate(zip(catalog.titles, catalog.descriptions, strict=True)):
        for document in (tuple(words(part)) for part in text):
            for length in lengths:
                for start in range(len(document) - length + 1):
                    for skill in phrases.get(document[start : start + length], ()):
                        score[course, skill] = length + len(skills.names[skill]) / 1000
    return score.tocsr()


def judged(scores: sp.csr_matrix, truth: sp.csr_matrix, courses: np.ndarray) -> np.ndarray:
    """Return precision, recall and F1 at 5 of each course, (n_courses, 3)."""
    rows = []
    for course in courses.tolist():
        score = scores[[course]].toarray().ravel()
        best = np.argsort(-score, kind="stable")[:DEPTH]
        true = truth[[course]].toarray().ravel() > 0
        hits = int(true[best[score[best] > 0]].sum())
        precision, recall = hits / DEPTH, hits / true.sum()
        rows.append((precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0))
    return np.array(rows)


def show_ranking(scores: dict[str, sp.csr_matrix], truth: sp.csr_matrix, seed: int) -> None:
    """Print the ways side by side, and the tagger against each."""
    courses = np.flatnonzero(np.diff(truth.indptr))
    columns = np.hstack([judged(one, truth, courses) for one in scores.values()])
    means = sampled_means(columns, n_resamples=2000, seed=seed)
    print(f"{'':<16}{'precision@5':>24}{'recall@5':>24}{'F1@5':>24}")
    for i, name in enumerate(scores):
        cells = (means[3 * i + j].interval() for j in range(3))
        print(f"{name:<16}" + "".join(f"{one.estimate:>10.3f} [{one.low:.3f}, {one.high:.3f}]" for one in cells))
    for i, name in enumerate(list(scores)[1:], start=1):
        more, times = means[2].minus(means[3 * i + 2]), means[2].over(means[3 * i + 2])
        print(
            f"F1@5 of the tagger less {name}: {more.estimate:+.3f} [{more.low:+.3f}, {more.high:+.3f}]; "
            f"times: {times.estimate:.2f} [{times.low:.2f}, {times.high:.2f}]"
        )


def show_limits(catalog: Catalog, truth: sp.csr_matrix) -> None:
    """Print what limits every way: tags no other course has, lists shorter than five, titles that are there twice."""
    courses = np.flatnonzero(np.diff(truth.indptr))
    once = np.asarray(truth.sum(axis=0)).ravel() == 1
    lengths = np.diff(truth.indptr)[courses]
    alone = int(np.asarray(truth[:, once].sum()))
    learnable = (truth[courses] @ (~once).astype(float)).ravel()
    hits, best = np.minimum(learnable, DEPTH), np.minimum(lengths, DEPTH)
    f1 = [np.mean(2 * one / (DEPTH + lengths)) for one in (best, hits)]  # 2PR / (P + R) with P = h/5 and R = h/n
    titles = [stems(catalog.titles[i]) for i in courses]
    twice = sum(titles.count(one) > 1 for one in titles)
    print(
        f"{alone:,} of {int(truth.sum()):,} tags name a skill no other course has. Highest mean F1@5 possible: "
        f"{f1[0]:.3f}, without those {f1[1]:.3f}. {twice} of {len(courses)} tagged courses share their title with another."
    )


def show_calibration(tags: Tags, truth: sp.csr_matrix) -> None:
    """Print how often tags hold beside how sure the tagger was, in five bins."""
    holds = np.asarray(truth[tags.course, tags.skill]).ravel()
    bins = np.digitize(tags.confidence, BINS[1:-1])
    gap = 0.0
    print(f"{'confidence':<14}{'tags':>9}{'mean':>9}{'hold':>9}")
    for i in range(len(BINS) - 1):
        of = bins == i
        if of.any():
            sure, true = tags.confidence[of].mean(), holds[of].mean()
            gap += abs(sure - true) * of.mean()
            print(f"{BINS[i]:.1f} to {BINS[i + 1]:.1f}    {of.sum():>9,}{sure:>9.3f}{true:>9.3f}")
    print(f"mean gap between the two, weighed by tags: {gap:.4f}")


def shown(tags: Tags) -> Tags:
    """Return the tags a fit would use by default."""
    config = CourseSkillsConfig()
    by = np.argsort(tags.course, kind="stable")
    return tags.where(by).best(most=config.most, threshold=config.threshold)


def draw(tags: Tags, catalog: Catalog, skills: Skills, *, path: Path, seed: int) -> None:
    """Write a sample of 100 of the tags a fit would use, for a person to judge."""
    best = shown(tags)
    picked = np.sort(np.random.default_rng(seed).choice(len(best), size=100, replace=False))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["course_id", "title", "provider", "skill", "verdict", "reason"])
        for i in picked:
            course = int(best.course[i])
            row = (catalog.ids[course], catalog.titles[course], catalog.providers[course])
            writer.writerow([*row, skills.names[int(best.skill[i])], "", ""])


def show_review(tags: Tags, catalog: Catalog, skills: Skills, path: Path) -> int:
    """Print the precision of a reviewed sample; 1 if the tagger no longer infers it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    best = shown(tags)
    there = {(catalog.ids[int(c)], skills.names[int(s)]) for c, s in zip(best.course, best.skill, strict=True)}
    still = sum((row["course_id"], row["skill"]) in there for row in rows)
    n, true = len(rows), sum(row["verdict"] == "yes" for row in rows)
    low, high = wilson(true, n)
    print(f"reviewed: {true} of {n} hold: precision {true / n:.2f} [{low:.2f}, {high:.2f}] (Wilson, 95 %)")
    print(f"{still} of {n} are still inferred; expected {STILL_INFERRED} or more")
    return 0 if still >= STILL_INFERRED else 1


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, "Probable inference", 1927)."""
    p = hits / n
    middle, spread = (p + z * z / (2 * n)), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def show_weights(catalog: Catalog, skills: Skills) -> None:
    """Print the weights `NAMES_ALONE` holds, learned from all tagged courses of a catalogue."""
    from sklearn.linear_model import LogisticRegression

    truth = taught_matrix(catalog.skills, len(skills.ids))
    texts = [f"{a} . {b}" for a, b in zip(catalog.titles, catalog.descriptions, strict=True)]
    pairs = name_pairs(name_evidence(texts, skills.names), np.flatnonzero(np.diff(truth.indptr)))
    holds = np.asarray(truth[pairs.course, pairs.skill]).ravel() > 0
    model = LogisticRegression(max_iter=2000, C=10).fit(pairs.features, holds)
    print(np.append(model.intercept_, model.coef_[0]).round(2).tolist())


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=Path("var/coursera"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--review", type=Path)
    parser.add_argument("--draw", type=Path)
    parser.add_argument("--weights", action="store_true")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"{arguments.data}: not there; import it first, see --help")
        return 0
    catalog, skills = load_catalogue(arguments.data)
    if arguments.weights:
        show_weights(catalog, skills)
        return 0
    tags, scores, truth = hidden(catalog, skills, arguments.seed)
    if arguments.draw:
        draw(tags, catalog, skills, path=arguments.draw, seed=arguments.seed)
        return 0
    if arguments.review:
        return show_review(tags, catalog, skills, arguments.review)
    show_ranking(scores, truth, arguments.seed)
    show_limits(catalog, truth)
    show_calibration(tags, truth)
    return 0


if __name__ == "__main__":
    sys.exit(main())
