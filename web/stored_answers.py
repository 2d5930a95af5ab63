"""What the routes about stored things answer."""

from __future__ import annotations

from typing import Any

from web.answers import Answer, Count, Open, absent


class StoredThing(Open):
    """A course, role, skill, employee or assignment with its id, as it may be put again."""


class StoredPage(Open):
    """A page of what is stored, under the name of its kind; `next` is the address of the following one."""

    total: Count
    next: str = absent()


class FactsWritten(Answer):
    """The id of the fact written, or the ids of those that came as a list, in their order."""

    fact_id: str = absent()
    fact_ids: list[str] = absent()


class ManyWritten(Answer):
    """How many were put."""

    written: Count


class EmployeeData(Answer):
    """Every row held of a person, by table, as stored."""

    employee_id: str
    tables: dict[str, list[dict[str, Any]]]
