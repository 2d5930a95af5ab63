"""The catalogue of the sample company: subjects become courses with a provider, a format, a price and a life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.errors import ConfigError
from training.sample.editions import CREDENTIALS, FOR_WHOM, FORMATS, PROVIDERS, REQUIRED, Format
from training.sample.people import LOCATIONS
from training.sample.roles import DEPARTMENTS, ROLES
from training.sample.skills import SKILLS, Topic
from training.sample.subjects import Draft, Subject, plan_drafts
from training.sample.timeline import END_DAY, START_DAY, iso_day

SKILL_INDEX = {skill.skill_id: position for position, skill in enumerate(SKILLS)}
NEW_SHARE = 0.042
"""Share of the courses published in the last days, which nobody can have completed."""
DIFFICULTY = ("", "beginner", "beginner", "intermediate", "advanced", "expert")
IN_LANGUAGE = {
    "de": "Für alle Abteilungen, ohne Vorkenntnisse.",
    "fr": "Pour tous les services, sans connaissances préalables.",
    "es": "Para todos los departamentos, sin conocimientos previos.",
}


@dataclass(frozen=True, slots=True)
class Teaches:
    """One skill a course truly teaches: the level it leads to and the level needed to follow it."""

    skill: int
    level: int
    entry: int


@dataclass(frozen=True, slots=True)
class Course:
    """One course. Courses point at each other by position; days are day numbers; `closes_on` is the true last day."""

    course_id: str
    title: str
    description: str
    provider: str
    format: str
    language: str
    level: int
    hours: float
    cost: float
    teaches: tuple[Teaches, ...]
    subject: str
    required: int
    opens_on: int
    closes_on: int
    audience: tuple[str, ...] = ()
    credential: str = ""
    prerequisites: tuple[int, ...] = ()
    supersedes: tuple[int, ...] = ()
    published: bool = True
    has_end_date: bool = False


def build_courses(n_courses: int, rng: np.random.Generator) -> tuple[Course, ...]:
    """Return `n_courses` courses; the same generator state gives the same catalogue.

    Raises
    ------
    ConfigError
        If there are too few courses for every skill to be taught, or more than can be told apart by title.
    """
    if n_courses < len(SKILLS) + len(REQUIRED):
        least = len(SKILLS) + len(REQUIRED)
        raise ConfigError(f"n_courses: found {n_courses}; expected at least {least}. Ask for more courses.")
    drafts = plan_drafts(n_courses)
    order = rng.permutation(len(drafts))
    courses = [_course(f"C{position + 1:04d}", drafts[k], rng) for position, k in enumerate(order)]
    courses = _with_lives(courses, [drafts[k] for k in order], rng)
    return tuple(_with_prerequisites(courses, rng))


def _course(course_id: str, draft: Draft, rng: np.random.Generator) -> Course:
    topic = draft.subject.topic
    form = _format(draft, rng)
    provider = _provider(draft.subject, rng)
    low, high = form.shortest, form.longest
    hours = max(0.25, round(4 * float(low * (high / low) ** rng.beta(1.6, 2.0))) / 4)
    price = PROVIDERS[provider][1] * form.price * hours * rng.uniform(0.7, 1.3)
    course = Course(
        course_id=course_id,
        title=draft.title,
        description=_description(draft, form, rng),
        provider=provider,
        format=form.name,
        language=draft.language,
        level=topic.level,
        hours=hours,
        cost=float(5 * round(price / 5)),
        teaches=_teaches(draft.subject, rng),
        subject=draft.title if draft.format else topic.title,
        required=draft.required,
        opens_on=START_DAY - int(rng.integers(30, 1200)),
        closes_on=END_DAY + 4000,
    )
    if draft.required >= 0:
        return replace(course, provider="Company Campus", cost=0.0, hours=REQUIRED[draft.required].hours)
    return replace(course, audience=_audience(course, rng), credential=_credential(course, rng))


def _format(draft: Draft, rng: np.random.Generator) -> Format:
    if draft.format:
        return next(form for form in FORMATS if form.name == draft.format)
    shares = np.array([form.share for form in FORMATS])
    if SKILLS[draft.subject.skill].kind != "technical":
        shares = shares * [0 if form.name == "lab" else 1 for form in FORMATS]
    return FORMATS[int(rng.choice(len(FORMATS), p=shares / shares.sum()))]


def _provider(subject: Subject, rng: np.random.Generator) -> str:
    kind = SKILLS[subject.skill].kind
    fitting = [name for name, (kinds, _) in PROVIDERS.items() if kind in kinds.split()]
    return fitting[int(rng.integers(len(fitting)))]


def _description(draft: Draft, form: Format, rng: np.random.Generator) -> str:
    if draft.language != "en":
        return f"{draft.about} {IN_LANGUAGE[draft.language]}"
    if draft.required >= 0:
        return draft.about
    # A variant says in its own first words whom it is for.
    audience = "" if draft.format else _one(FOR_WHOM[draft.subject.topic.level], rng)
    sentences = (draft.about, _one(form.phrases, rng), audience)
    return " ".join(sentence for sentence in sentences if sentence)


def _one(phrases: Sequence[str], rng: np.random.Generator) -> str:
    return phrases[int(rng.integers(len(phrases)))]


def _teaches(subject: Subject, rng: np.random.Generator) -> tuple[Teaches, ...]:
    topic: Topic = subject.topic
    entry = max(0, topic.level - 2) if topic.level < 2 or rng.random() < 0.65 else topic.level - 1
    first = Teaches(subject.skill, topic.level, min(4, entry))
    if not topic.also:
        return (first,)
    level = max(1, topic.level - 1)
    return first, Teaches(SKILL_INDEX[topic.also], level, max(0, level - 2))


def _audience(course: Course, rng: np.random.Generator) -> tuple[str, ...]:
    if rng.random() > 0.08 or course.level < 2 or course.language != "en":
        return ()
    if course.format == "workshop":
        return (_one(LOCATIONS, rng),)
    skill_id = SKILLS[course.teaches[0].skill].skill_id
    roles = [role for role in ROLES if f"{skill_id} " in role.needs]
    if rng.random() < 0.25:
        return tuple(role.role_id for role in roles)
    return tuple(sorted({DEPARTMENTS[role.family] for role in roles}))


def _credential(course: Course, rng: np.random.Generator) -> str:
    if course.level < 3 or course.format not in ("course", "lab") or rng.random() > 0.45:
        return ""
    return f"{SKILLS[course.teaches[0].skill].name}: {_one(CREDENTIALS, rng)}"


def _with_lives(courses: list[Course], drafts: list[Draft], rng: np.random.Generator) -> list[Course]:
    """Give courses the days on which they appear and disappear, and point new editions at old ones."""
    free = [k for k, draft in enumerate(drafts) if draft.required < 0 and not draft.edition]
    position = {course.title: k for k, course in enumerate(courses)}
    replaced = {position[draft.subject.topic.title] for draft in drafts if draft.edition}
    movable = rng.permutation([k for k in free if k not in replaced])
    n_new, n_gone = round(NEW_SHARE * len(courses)), max(1, round(0.02 * len(courses)))
    new, drafted, gone, rest = np.split(movable, np.cumsum([n_new, max(1, n_gone // 4), n_gone]))
    for k in rest[rng.random(len(rest)) < 0.5]:
        courses[k] = replace(courses[k], opens_on=int(rng.integers(START_DAY, END_DAY - 30)))
    for k in new:
        courses[k] = replace(courses[k], opens_on=int(rng.integers(END_DAY - 6, END_DAY)))
    for k in drafted:
        courses[k] = replace(courses[k], opens_on=END_DAY + 30, published=False)
    for k in gone:
        courses[k] = replace(courses[k], closes_on=int(rng.integers(START_DAY + 200, END_DAY - 60)), published=False)
    for k, draft in enumerate(drafts):
        if draft.edition:
            _succeed(courses, k, position[draft.subject.topic.title], rng)
        if draft.required >= 0 and REQUIRED[draft.required].due_at:
            courses[k] = replace(courses[k], opens_on=END_DAY - 75)
    return courses


def _succeed(courses: list[Course], new: int, old: int, rng: np.random.Generator) -> None:
    """Let the course at `new` take the place of the one at `old`, which stays open for some weeks more."""
    opens = int(rng.integers(START_DAY + 400, END_DAY - 90))
    title = f"{courses[old].title} ({iso_day(opens)[:4]} edition)"
    courses[new] = replace(courses[new], title=title, opens_on=opens, supersedes=(old,), provider=courses[old].provider)
    courses[old] = replace(courses[old], closes_on=opens + int(rng.integers(14, 60)), has_end_date=True)


def _with_prerequisites(courses: list[Course], rng: np.random.Generator) -> list[Course]:
    """Declare an easier course of the same skill as prerequisite of nearly half of the harder ones: no cycles."""
    by_skill: dict[int, list[int]] = {}
    for k, course in enumerate(courses):
        if course.required < 0 and course.language == "en" and course.opens_on < END_DAY and course.published:
            by_skill.setdefault(course.teaches[0].skill, []).append(k)
    result = list(courses)
    for k, course in enumerate(courses):
        easier = [
            j
            for j in by_skill.get(course.teaches[0].skill, [])
            if courses[j].level < course.level
            and courses[j].opens_on <= course.opens_on
            and courses[j].closes_on > END_DAY
            and not courses[j].audience
        ]
        if course.level >= 3 and course.required < 0 and easier and rng.random() < 0.5:
            closest = max(courses[j].level for j in easier)
            options = [j for j in easier if courses[j].level == closest]
            result[k] = replace(course, prerequisites=(options[int(rng.integers(len(options)))],))
    return result
