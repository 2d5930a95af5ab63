# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Why a course is shown: read off the parts of its score, each with numbers and one plain sentence.

A reason about other people is given only if at least `FEWEST_PEOPLE` stand behind it. These are rules, compiled because an
answer of ten courses says some forty sentences; `at` is the place of a course among those of its evidence.
"""

cimport numpy as cnp
from cpython.dict cimport PyDict_GetItem, PyDict_SetItem, PyDict_Update
from cpython.ref cimport PyObject
from libc.stdint cimport int32_t

from recommender.answer_kernels cimport Strongest, all_rounded, of_kind, rounded
from recommender.evidence cimport FORM, Evidence, lifts_as_dicts, of_lift
from recommender.kernels cimport doubles, floats, ints

from typing import Any, NamedTuple

from recommender import arrays
from recommender.moments import moment_text

cnp.import_array()

FEWEST_PEOPLE = 5
MOST_REASONS = 4
MOST_NAMED = 3
"""New skills one reason names."""
SAID_BY = {
    "manager": "as your manager says",
    "assessment": "by an assessment",
    "credential": "by a credential",
    "completion": "by a completed course",
    "self": "as you say",
}
"""Who claims a level, in words, by source."""
BASIS_WORDS = {
    "history": "what you completed",
    "role": "your role",
    "target_role": "the role you aim for",
    "department": "your department",
}
"""What a course suits, in words."""
CLOSE = 0.15
"""Cosine of texts from which a course is called close to another. A choice, not measured."""

# The same as numbers of C, and how many kinds of parts speak.
cdef Py_ssize_t ENOUGH_PEOPLE = FEWEST_PEOPLE, MOST_SAID = MOST_REASONS, NONE = arrays.NONE
cdef double NEAR = CLOSE
cdef enum:
    N_RULES = 7


class Reason(NamedTuple):
    """A machine code, the numbers behind it, and a sentence for the person."""

    code: str
    text: str
    numbers: dict[str, Any]


cdef type REASON = Reason


cdef inline object because(str code, str text, dict numbers):
    return of_kind(REASON, (code, text, numbers))


cpdef list as_dicts(reasons):
    """Return reasons as the JSON values of design section 9."""
    cdef list found = []
    cdef tuple fields
    cdef dict one
    for reason in reasons:
        fields = <tuple> reason
        one = {"code": fields[0], "text": fields[1]}
        PyDict_Update(one, fields[2])
        found.append(one)
    return found


def add_why(dict item, one, skills):
    """Add the score of a course, what that is made of and why it is shown, as the JSON values of design section 9."""
    cdef tuple fields = <tuple> one  # rank, course, score, parts, goal gain, lifts, reasons
    item["score"] = rounded(fields[2], 9)
    item["parts"] = all_rounded(fields[3], 9)
    item["goal_gain"] = rounded(fields[4], 6)
    item["lifts"] = lifts_as_dicts(fields[5], skills)
    item["reasons"] = as_dicts(fields[6])


ctypedef object (*Rule)(Evidence evidence, Py_ssize_t at, Py_ssize_t course)


def recommended(type kind, Evidence evidence, cnp.ndarray courses, cnp.ndarray score, cnp.ndarray goal_gain, cnp.ndarray parts,
                tuple names, places, Py_ssize_t first_rank):
    """Return what is said of the courses at some places, ranked in this order from `first_rank`, as a kind of tuple.

    It holds rank, course, score, its parts by name, goal gain, lifts and reasons.
    """
    cdef const int32_t *which = ints(courses, "courses")
    cdef const double *scores = doubles(score, "score")
    cdef const float *gains = floats(goal_gain, "goal_gain")
    cdef const double *all_parts = doubles(parts, "parts")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(courses), rank = first_rank, place, course, j
    cdef dict nothing = dict.fromkeys(names), named
    cdef list found = []
    for place in places:
        course, named = which[place], nothing.copy()
        for j in range(len(names)):
            PyDict_SetItem(named, names[j], all_parts[j * n + place])
        reasons = _reasons(evidence, course, named, ())
        found.append(
            of_kind(kind, (rank, course, scores[place], named, gains[place], evidence.lifts[course], reasons))
        )
        rank += 1
    return tuple(found)


def reasons_for(Evidence evidence, Py_ssize_t course, dict parts, *, tuple opens=()):
    """Return the reasons of a course, `MOST_REASONS` at most.

    That it is required; what it closes of the gap; that it opens the way to a later course of a path (`opens`: those that
    cannot start without it); then those of the largest parts; last, that claims about the person's skills open it.
    """
    return _reasons(evidence, course, parts, opens)


cdef tuple _reasons(Evidence evidence, Py_ssize_t course, dict parts, tuple opens):
    cdef list reasons = []
    cdef tuple lifts = evidence.lifts[course]
    cdef Rule order[N_RULES]
    cdef Py_ssize_t at = evidence.asked.slot[course], i
    for one in evidence.required:
        if one.course_idx == course:
            reasons.append(_required(one))
    for i in range(min(len(lifts), 2)):
        reasons.append(_closes(evidence, lifts[i]))
    if opens:
        reasons.append(_opens(evidence, opens[0]))
    for i in range(_largest_first(parts, order)):
        if len(reasons) >= MOST_SAID:
            break
        reason = order[i](evidence, at, course)
        if reason is not None:
            reasons.append(reason)
    if len(reasons) < MOST_SAID and evidence.claimed:
        reasons += _opened(evidence, course)
    return tuple(reasons if len(reasons) <= MOST_SAID else reasons[:MOST_SAID])


cdef Py_ssize_t _largest_first(dict parts, Rule *order) except -1:
    """Put down the rules of the parts above 0, the largest part first, equal ones in the order of `_SPEAKING`; say how many."""
    cdef double sizes[N_RULES]
    cdef double size
    cdef Py_ssize_t n = 0, i, at
    cdef PyObject *part
    for i in range(N_RULES):
        part = PyDict_GetItem(parts, _SPEAKING[i])
        size = 0 if part == NULL else <double> <object> part
        if size > 0:
            at = n
            while at > 0 and sizes[at - 1] < size:
                sizes[at], order[at] = sizes[at - 1], order[at - 1]
                at -= 1
            sizes[at], order[at] = size, _SAYS[i]
            n += 1
    return n


cdef _required(one):
    again = " again" if one.completed_at is not None else ""
    numbers = {"again": bool(again), "overdue": one.overdue}
    if one.due_at is None:
        return because("required", f"Required{again}, without a date.", numbers)
    date = moment_text(one.due_at)
    text = f"Required{again}; its time ended {date}." if one.overdue else f"Required{again} until {date}."
    return because("required", text, {"due_at": date} | numbers)


cdef _closes(Evidence evidence, lift):
    cdef tuple levels = <tuple> lift
    cdef Py_ssize_t skill = levels[0], before = levels[1], after = levels[2], needed = levels[3]
    cdef str name = evidence.skill_names[skill], source = _source(evidence, skill) if evidence.claimed else ""
    cdef str known = f" ({SAID_BY[source]})" if source else ""
    text = f"Takes {name} from level {before}{known} to {after}; {evidence.role} needs {needed}."
    numbers = of_lift(_CLOSES, lift, evidence.skill_ids, evidence.skill_names)
    numbers["role_id"] = evidence.role_id
    if source:
        numbers["source"] = source
    return because("closes_gap", text, numbers)


cdef dict _CLOSES = {**FORM, "role_id": None}


cdef str _source(Evidence evidence, Py_ssize_t skill):
    """Return who claims the level a person has of a skill; "" where it rests on no claim, or a completion raised it."""
    level, source = evidence.claimed.get(skill, (NONE, ""))
    return source if source and level == evidence.level[skill] else ""


def _opened(Evidence evidence, Py_ssize_t course):
    """Return that the person meets what a course declares to ask for, where that rests on claims about them."""
    claimed = [(*one, source) for one in evidence.met(course) if (source := _source(evidence, one[0]))]
    if not claimed:
        return []
    skill, asked, has, source = max(claimed, key=lambda found: (found[1], -found[0]))
    name, skill_id = evidence.skill_names[skill], evidence.skill_ids[skill]
    numbers = {"skill_id": skill_id, "name": name, "has": has, "asked": asked, "source": source}
    text = f"It asks for {name} at level {asked}, and you are at {has} ({SAID_BY[source]})."
    return [because("opened_by", text, numbers)]


cdef _opens(Evidence evidence, Py_ssize_t later):
    text = f"Opens the way to “{evidence.titles[later]}”."
    return because("opens_way", text, {"course_id": evidence.course_ids[later]})


cdef _follows(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef Strongest followed = evidence.followed()
    cdef Py_ssize_t people = <Py_ssize_t> followed.weights[at], taken = followed.rows[at]
    if people < ENOUGH_PEOPLE:
        return None
    cdef str title = evidence.titles[taken]
    text = f"Follows “{title}”, which you completed; {people} people went on to this one."
    return because("follows", text, {"course_id": evidence.course_ids[taken], "people": people})


cdef _together(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef Strongest together = evidence.together()
    cdef Py_ssize_t people = <Py_ssize_t> together.weights[at], taken = together.rows[at]
    if people < ENOUGH_PEOPLE:
        return None
    cdef str title = evidence.titles[taken]
    text = f"{people} people who completed “{title}”, as you did, also completed this."
    return because("taken_together", text, {"course_id": evidence.course_ids[taken], "people": people})


cdef _on_the_way(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef Py_ssize_t people
    if evidence.goal != evidence.current:
        people = <Py_ssize_t> evidence.moved(at)
        if people >= ENOUGH_PEOPLE:
            text = f"{people} people completed it in the year before they moved into the role {evidence.role}."
            return because("moved_to_role", text, {"role_id": evidence.role_id, "people": people})
    people = <Py_ssize_t> evidence.on_the_way(at)
    if people < ENOUGH_PEOPLE:
        return None
    text = f"{people} people in the role {evidence.role}, or on their way to it, completed it."
    return because("on_the_way", text, {"role_id": evidence.role_id, "people": people})


cdef _rising(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef Py_ssize_t now = evidence.recent[course], before = evidence.before[course]
    if now < ENOUGH_PEOPLE:
        return None
    if now > before >= ENOUGH_PEOPLE:
        text = f"Rising: {now} completions in 30 days, {before} in the 30 days before."
        return because("rising", text, {"people": now, "before": before})
    if now > before:
        return because("rising", f"Rising: {now} completions in 30 days, more than before.", {"people": now})
    return because("popular_now", f"{now} people completed it in 30 days.", {"people": now})


cdef _similar(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef Strongest alike = evidence.alike()
    cdef Py_ssize_t taken = alike.rows[at]
    cdef double cosine = alike.weights[at]
    cdef str title
    if cosine >= NEAR:
        title = evidence.titles[taken]
        text = f"Its subject is close to “{title}”, which you completed."
        return because("similar", text, {"course_id": evidence.course_ids[taken], "cosine": rounded(cosine, 4)})
    if evidence.goal != NONE and evidence.fits_role(at) >= NEAR:
        text = f"Its subject fits the role {evidence.role}."
        return because("fits_role", text, {"role_id": evidence.role_id})
    return None


cdef _suits(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    cdef tuple known = evidence.known()
    if not known:
        return None
    return because("suits_profile", _suits_together(known), {"basis": list(known)})


cdef str _suits_together(tuple basis):
    if basis not in _SUITS:
        _SUITS[basis] = f"Suits {', '.join([BASIS_WORDS[name] for name in basis])} taken together."
    return _SUITS[basis]


cdef dict _SUITS = {}


cdef _leads_outside(Evidence evidence, Py_ssize_t at, Py_ssize_t course):
    rows = evidence.model.catalog.skills
    span = rows.span(course)
    taught = sorted(zip((-rows.level[span]).tolist(), rows.skill_idx[span].tolist(), strict=True))
    new = [skill for _, skill in taught if evidence.level[<Py_ssize_t> skill] <= 1][:MOST_NAMED]
    short = evidence.strain(at)
    within = (
        "you meet what it asks for" if short == 0 else f"{short} level{'s' * (short > 1)} short of what it asks for"
    )
    text = f"Leads outside what you know: {', '.join([evidence.skill_names[one] for one in new])}; {within}."
    return because("new_ground", text, {"skill_ids": [evidence.skill_ids[one] for one in new], "short": short})


cdef tuple _SPEAKING = ("sequence", "item_item", "role", "trend", "content", "hybrid", "explore")
cdef Rule[N_RULES] _SAYS = [_follows, _together, _on_the_way, _rising, _similar, _suits, _leads_outside]
"""What each part says."""
