# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of an answer, compiled: what NumPy would need hundreds of small calls for.

The arrays are those of `recommender.sparse` and `recommender.catalog`; kernels.pyi says their shapes and types. Types and order
are checked, positions are not: they come from the model. Each loop treats one course after another in a fixed order, so the
number of a course does not depend on which others are asked about.
"""

cimport numpy as cnp
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

cnp.import_array()


cdef void *data(cnp.ndarray array, int kind, str name) except? NULL:
    """Return where the values of an array begin, after making sure they are what the loop reads."""
    if array is None or cnp.PyArray_TYPE(array) != kind or not cnp.PyArray_IS_C_CONTIGUOUS(array):
        raise TypeError(f"{name}: found another type or order; expected those of kernels.pyi")
    return cnp.PyArray_DATA(array)


cdef const int32_t *ints(cnp.ndarray array, str name) except? NULL:
    return <const int32_t *> data(array, cnp.NPY_INT32, name)


cdef const int64_t *longs(cnp.ndarray array, str name) except? NULL:
    return <const int64_t *> data(array, cnp.NPY_INT64, name)


cdef const float *floats(cnp.ndarray array, str name) except? NULL:
    return <const float *> data(array, cnp.NPY_FLOAT32, name)


cdef const double *doubles(cnp.ndarray array, str name) except? NULL:
    return <const double *> data(array, cnp.NPY_FLOAT64, name)


cdef const int8_t *levels_in(cnp.ndarray array, str name) except? NULL:
    return <const int8_t *> data(array, cnp.NPY_INT8, name)


cdef cnp.ndarray zeros(Py_ssize_t n, int kind):
    cdef cnp.npy_intp shape = n
    return cnp.PyArray_ZEROS(1, &shape, kind, 0)


cdef cnp.ndarray blank(Py_ssize_t n, int kind):
    """Return an array whose values are yet to be written."""
    cdef cnp.npy_intp shape = n
    return cnp.PyArray_SimpleNew(1, &shape, kind)


cdef cnp.ndarray table(Py_ssize_t rows, Py_ssize_t columns, int kind):
    cdef cnp.npy_intp shape[2]
    shape[0], shape[1] = rows, columns
    return cnp.PyArray_ZEROS(2, shape, kind, 0)


def dot(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, cnp.ndarray rows, cnp.ndarray dense):
    """Return the inner product of each row with a dense vector."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const float *other = floats(dense, "dense")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(rows), cnp.NPY_FLOAT32)
    cdef float *sums = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t i, k
    cdef float total
    for i in range(cnp.PyArray_SIZE(rows)):
        total = 0
        for k in range(begins[which[i]], begins[which[i] + 1]):
            total += values[k] * other[columns[k]]
        sums[i] = total
    return found


def starting_levels(Py_ssize_t n_skills, cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray level, cnp.ndarray inferred,
                    Py_ssize_t role, int assumed, cnp.ndarray claimed, cnp.ndarray claimed_level, cnp.ndarray claimed_source,
                    cnp.ndarray claimed_at, int64_t undated, bint alone):
    """Return level, source, time and course of each skill as `recommender.profile.profile_of` starts from: role, then claims.

    Levels alone have None in place of what they rest on.
    """
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *needed = levels_in(level, "level")
    cdef const uint8_t *guessed = <const uint8_t *> data(inferred, cnp.NPY_BOOL, "inferred")
    cdef const int32_t *which = ints(claimed, "claimed")
    cdef const int8_t *said = levels_in(claimed_level, "claimed_level")
    cdef const int8_t *said_by = levels_in(claimed_source, "claimed_source")
    cdef const int64_t *said_at = longs(claimed_at, "claimed_at")
    cdef cnp.ndarray have = zeros(n_skills, cnp.NPY_INT8), source = None, at = None, course_idx = None
    cdef int8_t *mine = <int8_t *> cnp.PyArray_DATA(have)
    cdef int8_t *sources = NULL
    cdef int64_t *seen_at = NULL
    cdef Py_ssize_t k
    if not alone:
        source, at = blank(n_skills, cnp.NPY_INT8), blank(n_skills, cnp.NPY_INT64)
        course_idx, sources = blank(n_skills, cnp.NPY_INT32), <int8_t *> cnp.PyArray_DATA(source)
        seen_at = <int64_t *> cnp.PyArray_DATA(at)
        memset(sources, 0xff, n_skills)  # −1 each
        memset(cnp.PyArray_DATA(course_idx), 0xff, n_skills * sizeof(int32_t))
        for k in range(n_skills):
            seen_at[k] = undated
    if 0 <= role < cnp.PyArray_SIZE(indptr) - 1:
        for k in range(begins[role], begins[role + 1]):
            if not guessed[k]:
                mine[skills[k]] = max(needed[k] - 1, 0)
                if not alone:
                    sources[skills[k]] = <int8_t> assumed
    for k in range(cnp.PyArray_SIZE(claimed)):
        if not 0 <= which[k] < n_skills:
            raise ValueError(f"claimed: found {which[k]}; expected skills below {n_skills}")
        mine[which[k]] = said[k]
        if not alone:
            sources[which[k]], seen_at[which[k]] = said_by[k], said_at[k]
    return have, source, at, course_idx


def raise_levels(cnp.ndarray history, cnp.ndarray times, cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray level,
                 cnp.ndarray entry_level, cnp.ndarray entry_declared, cnp.ndarray since, int64_t undated, int completion,
                 cnp.ndarray have, cnp.ndarray source, cnp.ndarray at, cnp.ndarray course_idx):
    """Raise levels by completions in the order of time, in place, as `recommender.profile.profile_of` says; then all are read-only.

    `since` may be None where nothing is claimed: every skill is then `undated`. `source`, `at` and `course_idx` are None where
    levels alone are asked for.
    """
    cdef const int32_t *taken = ints(history, "history")
    cdef const int64_t *moments = longs(times, "times")
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *taught = levels_in(level, "level")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const uint8_t *declared = <const uint8_t *> data(entry_declared, cnp.NPY_BOOL, "entry_declared")
    cdef const int64_t *claimed = NULL
    cdef int8_t *mine = <int8_t *> levels_in(have, "have")
    cdef bint alone = source is None and at is None and course_idx is None
    cdef int8_t *sources = NULL if alone else <int8_t *> levels_in(source, "source")
    cdef int64_t *seen_at = NULL if alone else <int64_t *> longs(at, "at")
    cdef int32_t *taught_by = NULL if alone else <int32_t *> ints(course_idx, "course_idx")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(history), first = 0, last, i, k
    cdef int32_t skill
    cdef cnp.ndarray flags = zeros(n, cnp.NPY_BOOL)
    cdef uint8_t *barred = <uint8_t *> cnp.PyArray_DATA(flags)
    if since is not None:
        claimed = longs(since, "since")
    for i in range(n):
        if not 0 <= taken[i] < cnp.PyArray_SIZE(indptr) - 1:
            raise ValueError(f"history: found {taken[i]}; expected positions below {cnp.PyArray_SIZE(indptr) - 1}")
    while first < n:
        last = first
        while last < n and moments[last] == moments[first]:  # what is completed at one moment opens nothing else then
            for k in range(begins[taken[last]], begins[taken[last] + 1]):
                barred[last] |= declared[k] & (mine[skills[k]] < entry[k])
            last += 1
        for i in range(first, last):
            if barred[i]:
                continue
            for k in range(begins[taken[i]], begins[taken[i] + 1]):
                skill = skills[k]
                if moments[i] > (undated if claimed == NULL else claimed[skill]) and (
                    taught[k] > mine[skill] or not alone and (
                        taught_by[skill] >= 0 and taught[k] == mine[skill] and moments[i] > seen_at[skill])
                ):
                    mine[skill] = taught[k]
                    if not alone:
                        sources[skill], seen_at[skill], taught_by[skill] = <int8_t> completion, moments[i], taken[i]
        first = last
    for array in (have,) if alone else (have, source, at, course_idx):
        cnp.PyArray_CLEARFLAGS(array, cnp.NPY_ARRAY_WRITEABLE)


cdef struct Piece:
    double start, value, slope


cdef union Bits:
    float number
    uint32_t pattern


cdef inline double clipped(double z, double lowest, double highest) noexcept nogil:
    z = highest if highest < z else z  # as the processor's own minimum and maximum do
    return lowest if lowest > z else z


cdef class Curves:
    """The frozen transforms of all signals, as `recommender.blend` says; the arrays are checked once, when it is made."""

    cdef Py_ssize_t n_signals, n_pieces, n_keys
    cdef int shift
    cdef double lowest, highest
    cdef object kept
    cdef const double *centre
    cdef const double *scale
    cdef const Piece *pieces
    cdef const float *ends
    cdef const uint16_t *first

    def __init__(self, cnp.ndarray mean, cnp.ndarray deviation, cnp.ndarray pieces, cnp.ndarray ends, cnp.ndarray first,
                 double lowest, double highest):
        self.kept = (mean, deviation, pieces, ends, first)
        self.n_signals, self.n_pieces = cnp.PyArray_DIM(ends, 0), cnp.PyArray_DIM(ends, 1)
        self.n_keys, self.shift = cnp.PyArray_DIM(first, 1), 33 - int(cnp.PyArray_DIM(first, 1)).bit_length()
        self.lowest, self.highest = lowest, highest
        self.centre, self.scale = doubles(mean, "mean"), doubles(deviation, "deviation")
        self.pieces = <const Piece *> doubles(pieces, "pieces")
        self.ends = floats(ends, "ends")
        self.first = <const uint16_t *> data(first, cnp.NPY_UINT16, "first")

    def __reduce__(self):
        """Say how another process makes the same of the arrays: where they lie is different there."""
        return Curves, (*self.kept, self.lowest, self.highest)

    def parts(self, cnp.ndarray signals, cnp.ndarray slopes, cnp.ndarray constant, cnp.ndarray owner, Py_ssize_t n_rows,
              double length, double session, double fresh):
        """Return the part of every scorer, (n_rows, n): a·z + b·√z⁺ + c·rank − constant, summed over its signals.

        Rows of no owner are 0. `slopes` (3, n_signals, 4) are what a, b and c are of a signal by itself and for each unit of the
        three factors.
        """
        cdef const float *given = floats(signals, "signals")
        cdef const double *by = doubles(slopes, "slopes")
        cdef const double *less = doubles(constant, "constant")
        cdef const int32_t *owners = ints(owner, "owner")
        cdef Py_ssize_t n_signals = self.n_signals, n = cnp.PyArray_DIM(signals, 1), j, s
        cdef double slope[3]
        if cnp.PyArray_DIM(signals, 0) != n_signals or cnp.PyArray_SIZE(slopes) != 12 * n_signals:
            raise ValueError(f"signals: found {cnp.PyArray_DIM(signals, 0)}; expected {n_signals}")
        if cnp.PyArray_SIZE(constant) != n_signals or cnp.PyArray_SIZE(owner) != n_signals:
            raise ValueError(f"constant, owner: found another number; expected one for each of {n_signals} signals")
        for j in range(n_signals):
            if not 0 <= owners[j] < n_rows:
                raise ValueError(f"owner: found {owners[j]}; expected rows below {n_rows}")
        cdef cnp.ndarray found = table(n_rows, n, cnp.NPY_FLOAT64)
        cdef double *out = <double *> cnp.PyArray_DATA(found)
        cdef cnp.ndarray scratch = zeros(n, cnp.NPY_FLOAT64)
        cdef double *part = <double *> cnp.PyArray_DATA(scratch)
        for j in range(n_signals):
            for s in range(3):
                slope[s] = by[0] + by[1] * length + by[2] * session + by[3] * fresh
                by += 4 * n_signals
            by -= 12 * n_signals - 4
            self.add(j, given + j * n, n, slope[0], slope[1], slope[2], less[j], out + owners[j] * n, part)
        return found

    cdef void add(self, Py_ssize_t j, const float *signal, Py_ssize_t n, double of_z, double of_root, double of_rank,
                  double less, double *out, double *part) noexcept nogil:
        """Add what one signal gives each course."""
        cdef double middle = self.centre[j], per = 1 / self.scale[j], lowest = self.lowest, highest = self.highest, z
        cdef Py_ssize_t i
        if of_z == 0 and of_root == 0 and of_rank == 0 and less == 0:
            return
        if of_root == 0:
            for i in range(n):
                part[i] = of_z * clipped((signal[i] - middle) * per, lowest, highest) - less
        else:
            for i in range(n):
                z = clipped((signal[i] - middle) * per, lowest, highest)
                part[i] = of_z * z - less + of_root * sqrt(z if z > 0 else 0.0)
        if of_rank == 0:
            for i in range(n):
                out[i] += part[i]
            return
        for i in range(n):
            out[i] += part[i] + of_rank * self.rank(j, signal[i])

    cdef inline double rank(self, Py_ssize_t j, float x) noexcept nogil:
        cdef const float *ends = self.ends + j * self.n_pieces
        cdef const Piece *piece
        cdef Bits bits
        cdef Py_ssize_t at
        bits.number = x
        at = self.first[j * self.n_keys + (bits.pattern >> self.shift)]
        at += ends[at] <= x
        at += ends[at] <= x  # all but a few in a hundred lie in one of the first three
        while ends[at] <= x:
            at += 1
        piece = self.pieces + j * self.n_pieces + at
        return piece.slope * (x - piece.start) + piece.value


def mixed(cnp.ndarray parts, double share, cnp.ndarray gain, double of_goal, cnp.ndarray explored, double base):
    """Make the first rows of `parts` parts of a score, in place, fill in the last (goal, explored and base), return the sum.

    The sum, (n,), is taken one row after another: how many columns there are changes none.
    """
    cdef Py_ssize_t n_extra = 0 if explored is None else 1, n_given, n_rows, n, i, j
    cdef double *out = <double *> doubles(parts, "parts")
    cdef const float *gains = floats(gain, "gain")
    if cnp.PyArray_NDIM(parts) != 2 or cnp.PyArray_DIM(parts, 0) < n_extra + 2 or not cnp.PyArray_ISWRITEABLE(parts):
        raise ValueError(f"parts: found another shape, or read-only; expected at least {n_extra + 2} rows to write to")
    n_rows, n = cnp.PyArray_DIM(parts, 0), cnp.PyArray_DIM(parts, 1)
    n_given = n_rows - n_extra - 2
    if cnp.PyArray_SIZE(gain) != n or (n_extra and cnp.PyArray_SIZE(explored) != n):
        raise ValueError(f"gain, explored: found another number of courses; expected {n}")
    cdef cnp.ndarray score = blank(n, cnp.NPY_FLOAT64)
    cdef double *sums = <double *> cnp.PyArray_DATA(score)
    cdef double *row
    for i in range(n_given * n):
        out[i] *= share
    row = out + n_given * n
    for i in range(n):
        row[i] = gains[i] * of_goal
    if n_extra:
        memcpy(row + n, doubles(explored, "explored"), n * sizeof(double))
    row = out + (n_rows - 1) * n
    for i in range(n):
        row[i] = base
    memcpy(sums, out, n * sizeof(double))
    for j in range(1, n_rows):
        row = out + j * n
        for i in range(n):
            sums[i] += row[i]
    return score


def best(cnp.ndarray score, cnp.ndarray courses, cnp.ndarray id_rank, cnp.ndarray group, Py_ssize_t k):
    """Return the places of the k best by score, then by `id_rank`, one of each group."""
    cdef const double *scores = doubles(score, "score")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int64_t *rank = longs(id_rank, "id_rank")
    cdef const int32_t *groups = ints(group, "group")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(score), held = 0, i, at, same
    k = max(0, min(k, n))
    cdef cnp.ndarray found = zeros(k, cnp.NPY_INT64)
    cdef int64_t *kept = <int64_t *> cnp.PyArray_DATA(found)
    if k == 0:
        return found
    for i in range(n):
        if held == k and (scores[i] < scores[kept[k - 1]] or not _before(scores, which, rank, i, kept[k - 1])):
            continue
        same = -1
        for at in range(held):
            if groups[which[kept[at]]] == groups[which[i]]:
                same = at
                break
        if same >= 0 and not _before(scores, which, rank, i, kept[same]):
            continue
        at = same if same >= 0 else held if held < k else k - 1
        if same < 0 and held < k:
            held += 1
        while at > 0 and _before(scores, which, rank, i, kept[at - 1]):
            kept[at] = kept[at - 1]
            at -= 1
        kept[at] = i
    return found[:held]


cdef inline bint _before(const double *scores, const int32_t *which, const int64_t *rank,
                         Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    if scores[a] != scores[b]:
        return scores[a] > scores[b]
    return rank[which[a]] < rank[which[b]]


def latest_first(cnp.ndarray history, cnp.ndarray times, Py_ssize_t most):
    """Return the latest courses, newest first, when they were completed, and how many came after each; None unless rising.

    As `recommender.query.recent_history` says of a history with each time later than the one before; `history` and `times`
    may lie in memory as they like.
    """
    if not is_rising(times):
        return None
    cdef Py_ssize_t n = cnp.PyArray_SIZE(times), m = max(0, min(n, most)), i
    if cnp.PyArray_TYPE(history) != cnp.NPY_INT32 or cnp.PyArray_NDIM(history) != 1 or cnp.PyArray_SIZE(history) != n:
        raise TypeError("history: found another type or shape; expected a course for each time")
    cdef cnp.ndarray courses = blank(m, cnp.NPY_INT32), at = blank(m, cnp.NPY_INT64), after = blank(m, cnp.NPY_FLOAT64)
    cdef const char *of_course = <const char *> cnp.PyArray_DATA(history) + (n - 1) * cnp.PyArray_STRIDE(history, 0)
    cdef const char *of_time = <const char *> cnp.PyArray_DATA(times) + (n - 1) * cnp.PyArray_STRIDE(times, 0)
    for i in range(m):
        (<int32_t *> cnp.PyArray_DATA(courses))[i] = (<const int32_t *> (of_course - i * cnp.PyArray_STRIDE(history, 0)))[0]
        (<int64_t *> cnp.PyArray_DATA(at))[i] = (<const int64_t *> (of_time - i * cnp.PyArray_STRIDE(times, 0)))[0]
        (<double *> cnp.PyArray_DATA(after))[i] = i
    return courses, at, after


cpdef bint is_rising(cnp.ndarray times) except -1:
    """Tell whether each time is later than the one before it; every order of memory will do."""
    if cnp.PyArray_TYPE(times) != cnp.NPY_INT64 or cnp.PyArray_NDIM(times) != 1:
        raise TypeError("times: found another type or shape; expected those of kernels.pyi")
    cdef const char *at = <const char *> cnp.PyArray_DATA(times)
    cdef Py_ssize_t step = cnp.PyArray_STRIDE(times, 0), i
    for i in range(1, cnp.PyArray_SIZE(times)):
        if (<const int64_t *> (at + i * step))[0] <= (<const int64_t *> (at + (i - 1) * step))[0]:
            return False
    return True
