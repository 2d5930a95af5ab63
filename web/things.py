"""What courses, roles, skills, employees and assignments must keep to when they are put, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from recommender.errors import ErasedPerson
from recommender.schema import EVERYONE
from store import references, resources, rows
from store.database import Connection
from store.erasure import EMPLOYEE, any_erased
from store.identities import Identity, canonical
from store.resources import Whole
from store.statements import apply_pending
from web.config import settings
from web.known import known
from web.problems import FieldError, Problem
from web.resource_bodies import StoredAssignment, StoredCourse, StoredEmployee, StoredRole, StoredSkill
from web.resources import Things
from web.writing import at_each

Named = tuple[int, str, str]
"""An id that a thing names: which thing, the pointer to it, the id."""


def _unknown(
    connection: Connection, tenant: str, what: str, named: Sequence[Named], *, many: bool, also: Collection[str] = ()
) -> list[FieldError]:
    """Return which ids name what is not known: neither stored nor, in `also`, about to be."""
    ids = {one for _, _, one in named}.difference(also)
    unknown = ids - known(connection, tenant, what, ids)
    noun = what.removesuffix("s")
    return [
        FieldError(at_each(pointer, i, many=many), f"found {one!r:.80}; expected a known {noun}")
        for i, pointer, one in named
        if one in unknown
    ]


def _fields(wholes: Sequence[Whole], *names: str) -> list[Named]:
    """Return the ids in fields of things; an absent one and the word for everyone name nobody."""
    found = ((i, name, whole.row.get(name)) for i, whole in enumerate(wholes) for name in names)
    return [(i, f"/{name}", one) for i, name, one in found if one and one != EVERYONE]


def _skills(wholes: Sequence[Whole]) -> list[Named]:
    return [
        (i, f"/skills/{j}/skill_id", part["skill_id"]) for i, w in enumerate(wholes) for j, part in enumerate(w.parts)
    ]


def _check_courses(connection: Connection, tenant: str, wholes: Sequence[Whole], many: bool) -> list[FieldError]:  # noqa: FBT001
    put = [whole.row["course_id"] for whole in wholes]
    wrong = _unknown(connection, tenant, "skills", _skills(wholes), many=many)
    for column in ("prerequisites", "supersedes"):
        said = {whole.row["course_id"]: whole.row[column].split("|") if whole.row[column] else [] for whole in wholes}
        named = [(i, f"/{column}/{j}", one) for i, key in enumerate(put) for j, one in enumerate(said[key])]
        wrong += _unknown(connection, tenant, "courses", named, many=many, also=put)
        circle = references.cycle_through(connection, tenant, column, said)
        wrong += [
            FieldError(at_each(f"/{column}", i, many=many), f"closes a circle: {', '.join(circle)}")
            for i, key in enumerate(put)
            if key in circle
        ]
    return wrong


def _check_roles(connection: Connection, tenant: str, wholes: Sequence[Whole], many: bool) -> list[FieldError]:  # noqa: FBT001
    return _unknown(connection, tenant, "skills", _skills(wholes), many=many)


def _check_nothing(_connection: Connection, _tenant: str, _wholes: Sequence[Whole], _many: bool) -> list[FieldError]:  # noqa: FBT001
    return []


def _check_employees(connection: Connection, tenant: str, wholes: Sequence[Whole], many: bool) -> list[FieldError]:  # noqa: FBT001
    _refuse_erased(connection, tenant, wholes)
    named = _fields(wholes, "role_id", "target_role_id")
    wrong = _unknown(connection, tenant, "roles", named, many=many)
    owners = resources.owners(connection, tenant, [part for whole in wholes for part in whole.parts])
    put = {whole.row["employee_id"] for whole in wholes}
    first: dict[Identity, str] = {}
    for i, whole in enumerate(wholes):
        for j, part in enumerate(whole.parts):
            who, one = part["employee_id"], (part["kind"], canonical(part["kind"], part["value"]))
            if owners.get(one, set()) - put:
                raise Problem(409, f"Another employee has an identity of employee {who!r:.80} already.")
            if first.setdefault(one, who) != who:
                wrong.append(FieldError(at_each(f"/identities/{j}", i, many=many), "is given twice"))
    return wrong


def _refuse_erased(connection: Connection, tenant: str, wholes: Sequence[Whole]) -> None:
    people = [whole.row[column] for whole in wholes for column in ("employee_id", "manager_id")]
    names = [(EMPLOYEE, one) for one in people if one]
    names += [(part["kind"], part["value"]) for whole in wholes for part in whole.parts]
    for kind in sorted({kind for kind, _ in names}):
        if any_erased(connection, tenant, kind, [value for one, value in names if one == kind]):
            raise ErasedPerson(
                "somebody with this id or identity was erased; expected others, or that they are revived"
            )


def _note_roles(connection: Connection, tenant: str, wholes: Sequence[Whole]) -> None:
    at = settings().clock()
    for whole in wholes:
        before = rows.one(connection, tenant, "employees", whole.row["employee_id"])
        resources.note_role_change(connection, tenant, before, whole.row, at=at)


def _apply_to_employees(connection: Connection, tenant: str, wholes: Sequence[Whole]) -> None:
    apply_pending(connection, tenant, employees=[whole.row["employee_id"] for whole in wholes])


def _apply_to_courses(connection: Connection, tenant: str, wholes: Sequence[Whole]) -> None:
    apply_pending(connection, tenant, courses=[whole.row["course_id"] for whole in wholes])


def _check_assignments(connection: Connection, tenant: str, wholes: Sequence[Whole], many: bool) -> list[FieldError]:  # noqa: FBT001
    wrong = _unknown(connection, tenant, "courses", _fields(wholes, "course_id"), many=many)
    wrong += _unknown(connection, tenant, "employees", _fields(wholes, "employee_id"), many=many)
    return wrong + _unknown(connection, tenant, "roles", _fields(wholes, "role_id"), many=many)


def _keep_used(connection: Connection, tenant: str, skill_id: str) -> None:
    n = references.uses_of_skill(connection, tenant, skill_id)
    if n:
        raise Problem(409, f"{n} courses or roles name the skill {skill_id!r:.80}; take it from them first.")


COURSES = Things(
    resources.COURSES, StoredCourse, "courses", "course", _check_courses, after=_apply_to_courses, listed=True
)
ROLES = Things(resources.ROLES, StoredRole, "roles", "role", _check_roles)
SKILLS = Things(resources.SKILLS, StoredSkill, "skills", "skill", _check_nothing, drop=_keep_used)
EMPLOYEES = Things(
    resources.EMPLOYEES,
    StoredEmployee,
    "employees",
    "employee",
    _check_employees,
    before=_note_roles,
    after=_apply_to_employees,
)
ASSIGNMENTS = Things(resources.ASSIGNMENTS, StoredAssignment, "assignments", "assignment", _check_assignments)
