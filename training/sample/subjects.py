"""Which subjects a catalogue of a given size holds, and in which editions."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.errors import ConfigError
from training.sample.editions import REQUIRED, TRANSLATIONS, VARIANTS
from training.sample.roles import DEPARTMENTS
from training.sample.skills import SKILLS, Topic
from training.sample.topics_data import DATA
from training.sample.topics_domain import DOMAIN
from training.sample.topics_human import HUMAN
from training.sample.topics_software import SOFTWARE


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic together with the position of its main skill."""

    skill: int
    topic: Topic


@dataclass(frozen=True, slots=True)
class Draft:
    """A course to be: its subject, its wording, and which edition it is.

    `required` is the position of its rule among the required courses, -1 for all others.
    """

    subject: Subject
    title: str
    about: str
    language: str = "en"
    format: str = ""
    edition: bool = False
    required: int = -1


def _round_robin() -> tuple[Subject, ...]:
    """Order the subjects so that any beginning of the list touches as many skills as it can."""
    topics = {**DATA, **SOFTWARE, **HUMAN, **DOMAIN}
    ladders = [topics[skill.skill_id] for skill in SKILLS]
    deepest = max(len(ladder) for ladder in ladders)
    return tuple(
        Subject(skill, ladder[step])
        for step in range(deepest)
        for skill, ladder in enumerate(ladders)
        if step < len(ladder)
    )


SUBJECTS: tuple[Subject, ...] = _round_robin()


def plan_drafts(n_courses: int) -> list[Draft]:
    """Return `n_courses` drafts: required courses, subjects, translations, new editions, then further variants.

    Raises
    ------
    ConfigError
        If the hand-written parts cannot make so many different titles.
    """
    drafts = [
        Draft(
            Subject(_skill(rule.skill), Topic(1, rule.title, rule.about)),
            rule.title,
            rule.about,
            format=_length_format(rule.hours),
            required=k,
        )
        for k, rule in enumerate(REQUIRED)
    ]
    n_subjects = min(len(SUBJECTS), n_courses - len(drafts))
    n_extra = min(n_subjects, n_courses) // 9 if n_courses >= 150 else 0
    n_subjects = min(n_subjects, n_courses - len(drafts) - n_extra)
    chosen = SUBJECTS[:n_subjects]
    drafts += [Draft(subject, subject.topic.title, subject.topic.about) for subject in chosen]
    room = n_courses - len(drafts)
    extras = _translations(chosen)[: room * 3 // 5]
    extras += _new_editions(chosen, min(room - len(extras), n_courses // 30))
    n_variants = room - len(extras)
    beyond = n_variants - len(chosen) * len(VARIANTS) * (1 + len(_departments()))
    if beyond > 0:
        limit = n_courses - beyond
        raise ConfigError(
            f"n_courses: found {n_courses}; expected at most {limit}. Ask for fewer: titles would repeat."
        )
    return drafts + extras + _variants(chosen, n_variants)


def _departments() -> tuple[str, ...]:
    return tuple(dict.fromkeys(DEPARTMENTS.values()))


def _length_format(hours: float) -> str:
    return "video" if hours < 1 else "course"


def _skill(skill_id: str) -> int:
    return next(k for k, skill in enumerate(SKILLS) if skill.skill_id == skill_id)


def _translations(chosen: tuple[Subject, ...]) -> list[Draft]:
    by_title = {subject.topic.title: subject for subject in chosen}
    return [
        Draft(by_title[text.original], text.title, text.about, text.language)
        for text in TRANSLATIONS
        if text.original in by_title
    ]


def _new_editions(chosen: tuple[Subject, ...], n: int) -> list[Draft]:
    """Draft new editions of n subjects of all levels; the title gets its year when the day is known."""
    return [
        Draft(subject, f"{subject.topic.title} (new edition)", subject.topic.about, edition=True)
        for subject in _spread(chosen, n)
    ]


def _spread(chosen: tuple[Subject, ...], n: int) -> tuple[Subject, ...]:
    """Return n subjects (all, if there are fewer) from the whole length of the list."""
    return chosen[:: max(1, len(chosen) // max(1, n))][:n]


def _variants(chosen: tuple[Subject, ...], n: int) -> list[Draft]:
    """Draft n further variants: first for everybody, then for single departments."""
    endings = [""] + [f" for {department}" for department in _departments()]
    patterns = [(pattern + ending, form, about) for ending in endings for pattern, form, about in VARIANTS]
    width = len(VARIANTS)
    step = max(1, len(chosen) // max(1, n))
    picks = [(k * step % len(chosen), k * step // len(chosen)) for k in range(n)]
    picks = [(subject, turn // width * width + (turn + subject) % width) for subject, turn in picks]
    return [
        Draft(
            chosen[s],
            patterns[p][0].format(title=chosen[s].topic.title),
            f"{patterns[p][2]} {chosen[s].topic.about}",
            format=patterns[p][1],
        )
        for s, p in picks
    ]
