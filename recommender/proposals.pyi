"""What proposes the courses worth scoring for a person, compiled from proposals.pyx.

A proposal is made once, of the arrays of a model, and again in another process of the same; `recommender.question` says
whose rows and which courses its codes mean.
"""

from recommender.arrays import IntArray
from recommender.question import Person, Rows

class Proposal: ...

class These(Proposal):
    """The same courses for everybody."""

    def __init__(self, courses: IntArray) -> None: ...

class Heads(Proposal):
    """The first columns of the rows of a history (of its first `courses`), of a role, or of each missing skill.

    Of each row `most`, or the `of_head`-th part of the person's `head` where that is more.
    """

    def __init__(self, rows: Rows, who: int, most: int = 0, of_head: int = 0, courses: int = ...) -> None: ...

def proposed(proposals: tuple[Proposal, ...], person: Person) -> IntArray:
    """Return the positions of what some proposals propose, ascending, each once, (m,)."""
