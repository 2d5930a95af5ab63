"""The rules of eligibility that every question is put to, compiled from eligibility_kernels.pyx.

Of n courses `published`, `available_from`, `available_to` and `version_group` are (n,). `superseded_by`, `audience` (by
`audience_codes`) and `prerequisites` are rows, `indptr` (n + 1,) with values (nnz,), and `entry_levels` rows of skills with
the levels that are declared in them. `levels` is (n_skills,).
"""

from recommender.arrays import BoolArray, IntArray, Levels, LongArray

BITS: dict[str, int]

class Rules:
    def __init__(
        self,
        published: BoolArray,
        available_from: LongArray,
        available_to: LongArray,
        version_group: IntArray,
        superseded_by: tuple[LongArray, IntArray],
        audience: tuple[LongArray, IntArray],
        audience_codes: dict[str, int],
        prerequisites: tuple[LongArray, IntArray],
        entry_levels: tuple[LongArray, IntArray, Levels],
    ) -> None: ...
    def kept_by(
        self,
        rules: int,
        courses: IntArray,
        moment: int,
        history: IntArray,
        due_again: IntArray,
        required: IntArray,
        in_progress: IntArray,
        words: tuple[str, ...],
        levels: Levels | None,
    ) -> BoolArray: ...
    def entry_levels_met(self, courses: IntArray, levels: Levels) -> BoolArray: ...
    def superseded_at(self, moment: int) -> BoolArray: ...
