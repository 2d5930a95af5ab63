# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of an answer, compiled: what NumPy would need hundreds of small calls for.

The arrays are those of `recommender.sparse` and `recommender.catalog`; kernels.pyi says their shapes and types. Types and order
are checked, positions are not: they come from the model. Each loop treats one course after another in a fixed order, so the
number of a course does not depend on which others are asked about.
"""

cimport numpy as cnp
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

import numpy as np

cnp.import_array()


cdef void *data(cnp.ndarray array, int kind, str name) except? NULL:
    """Return where the values of an array begin, after making sure they are what the loop reads."""
    if cnp.PyArray_TYPE(array) != kind or not cnp.PyArray_IS_C_CONTIGUOUS(array):
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


cdef cnp.ndarray table(Py_ssize_t rows, Py_ssize_t columns, int kind):
    cdef cnp.npy_intp shape[2]
    shape[0], shape[1] = rows, columns
    return cnp.PyArray_ZEROS(2, shape, kind, 0)


def slots(cnp.ndarray columns, Py_ssize_t n_columns):
    """Return the place of every column among `columns`, (n_columns,) int32, −1 for the others; ValueError if one comes twice."""
    cdef const int32_t *which = ints(columns, "columns")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(columns), i
    cdef cnp.ndarray found = np.full(n_columns, -1, dtype=np.int32)
    cdef int32_t *slot = <int32_t *> cnp.PyArray_DATA(found)
    for i in range(n):
        if not 0 <= which[i] < n_columns or slot[which[i]] >= 0:
            raise ValueError(f"columns: found {which[i]} twice or beyond {n_columns}; expected each once")
        slot[which[i]] = <int32_t> i
    return found


def weighted_sum(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights,
                 cnp.ndarray rows, cnp.ndarray row_weights, cnp.ndarray slot, Py_ssize_t n):
    """Return Σ_j row_weights[j] · row[rows[j]] at the n columns of `slot`, in the order of `rows`."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const float *factors = floats(row_weights, "row_weights")
    cdef const int32_t *places = ints(slot, "slot")
    cdef cnp.ndarray found = zeros(n, cnp.NPY_FLOAT32)
    cdef float *sums = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, j, k
    cdef int32_t row, place
    for j in range(cnp.PyArray_SIZE(rows)):
        row = which[j]
        if not 0 <= row < n_rows:
            continue
        for k in range(begins[row], begins[row + 1]):
            place = places[columns[k]]
            if place >= 0:
                sums[place] += values[k] * factors[j]
    return found


def strongest(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights,
              cnp.ndarray rows, cnp.ndarray slot, Py_ssize_t n):
    """Return the largest weight above 0 of any of the rows at the n columns of `slot`, and that row, −1 where there is none."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const int32_t *places = ints(slot, "slot")
    cdef cnp.ndarray largest = zeros(n, cnp.NPY_FLOAT32)
    cdef cnp.ndarray found = zeros(n, cnp.NPY_INT32)
    cdef float *best = <float *> cnp.PyArray_DATA(largest)
    cdef int32_t *by = <int32_t *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, j, k
    cdef int32_t row, place
    for j in range(n):
        by[j] = -1
    for j in range(cnp.PyArray_SIZE(rows)):
        row = which[j]
        if not 0 <= row < n_rows:
            continue
        for k in range(begins[row], begins[row + 1]):
            place = places[columns[k]]
            if place >= 0 and values[k] > best[place]:
                best[place], by[place] = values[k], row
    return largest, found


def counted(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray rows, cnp.ndarray row_weights, Py_ssize_t n_columns):
    """Return Σ_j row_weights[j] over the rows that have an entry at each column, (n_columns,)."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const float *factors = floats(row_weights, "row_weights")
    cdef cnp.ndarray found = zeros(n_columns, cnp.NPY_FLOAT32)
    cdef float *sums = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t j, k
    for j in range(cnp.PyArray_SIZE(rows)):
        for k in range(begins[which[j]], begins[which[j] + 1]):
            sums[columns[k]] += factors[j]
    return found


def spread(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights,
           cnp.ndarray rows, cnp.ndarray slot, Py_ssize_t n):
    """Return the weights of the rows at the n columns of `slot`, (len(rows), n)."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const int32_t *places = ints(slot, "slot")
    cdef cnp.ndarray found = table(cnp.PyArray_SIZE(rows), n, cnp.NPY_FLOAT32)
    cdef float *dense = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, j, k
    cdef int32_t row, place
    for j in range(cnp.PyArray_SIZE(rows)):
        row = which[j]
        if not 0 <= row < n_rows:
            continue
        for k in range(begins[row], begins[row + 1]):
            place = places[columns[k]]
            if place >= 0:
                dense[j * n + place] = values[k]
    return found


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


def hits(cnp.ndarray indptr, cnp.ndarray values, cnp.ndarray rows, cnp.ndarray marked):
    """Return how many values of each row are marked."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *given = ints(values, "values")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const uint8_t *wanted = <const uint8_t *> data(marked, cnp.NPY_BOOL, "marked")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(rows), cnp.NPY_INT32)
    cdef int32_t *count = <int32_t *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t i, k
    for i in range(cnp.PyArray_SIZE(rows)):
        for k in range(begins[which[i]], begins[which[i] + 1]):
            count[i] += wanted[given[k]]
    return found


def affinity(cnp.ndarray vectors, cnp.ndarray biases, cnp.ndarray rows, cnp.ndarray person):
    """Return vectors[i] · person + biases[i] of each row i."""
    cdef const float *all_vectors = floats(vectors, "vectors")
    cdef const float *bias = floats(biases, "biases")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const float *point = floats(person, "person")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(rows), cnp.NPY_FLOAT32)
    cdef float *sums = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t width = cnp.PyArray_SIZE(person), i, k
    cdef const float *one
    cdef float a, b, c, d
    for i in range(cnp.PyArray_SIZE(rows)):
        one = all_vectors + which[i] * width
        a = b = c = d = 0
        k = 0
        while k + 4 <= width:  # four sums, always the same four: faster than one, and no less fixed
            a += one[k] * point[k]
            b += one[k + 1] * point[k + 1]
            c += one[k + 2] * point[k + 2]
            d += one[k + 3] * point[k + 3]
            k += 4
        while k < width:
            a += one[k] * point[k]
            k += 1
        sums[i] = (a + b) + (c + d) + bias[which[i]]
    return found


def heads(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray rows, Py_ssize_t most):
    """Return the first `most` columns of each row, row after row."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const int32_t *which = ints(rows, "rows")
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, n = 0, j, k
    for j in range(cnp.PyArray_SIZE(rows)):
        if 0 <= which[j] < n_rows:
            n += min(most, begins[which[j] + 1] - begins[which[j]])
    cdef cnp.ndarray found = zeros(n, cnp.NPY_INT32)
    cdef int32_t *out = <int32_t *> cnp.PyArray_DATA(found)
    n = 0
    for j in range(cnp.PyArray_SIZE(rows)):
        if 0 <= which[j] < n_rows:
            for k in range(begins[which[j]], min(begins[which[j]] + most, begins[which[j] + 1])):
                out[n] = columns[k]
                n += 1
    return found


def distinct(cnp.ndarray values, Py_ssize_t n_values):
    """Return the positions below `n_values` that occur, ascending; ValueError if one is beyond."""
    cdef const int32_t *given = ints(values, "values")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(values), n_words = (n_values + 63) // 64, i, j, count = 0
    cdef cnp.ndarray found = zeros(n, cnp.NPY_INT32)
    cdef int32_t *out = <int32_t *> cnp.PyArray_DATA(found)
    cdef uint64_t *words = <uint64_t *> calloc(n_words + 1, sizeof(uint64_t))
    cdef uint64_t word
    if words == NULL:
        raise MemoryError
    try:
        for i in range(n):
            if not 0 <= given[i] < n_values:
                raise ValueError(f"values: found {given[i]}; expected positions below {n_values}")
            words[given[i] >> 6] |= (<uint64_t> 1) << (given[i] & 63)
        for i in range(n_words):
            word = words[i]
            j = i * 64
            while word:
                if word & 1:
                    out[count] = <int32_t> j
                    count += 1
                word >>= 1
                j += 1
    finally:
        free(words)
    return found[:count]


def gain(cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray level, cnp.ndarray entry_level,
         cnp.ndarray entry_declared, cnp.ndarray courses, cnp.ndarray have, cnp.ndarray needed,
         cnp.ndarray importance, double total):
    """Return what `recommender.skills.goal_gain` says."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *taught = levels_in(level, "level")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const uint8_t *declared = <const uint8_t *> data(entry_declared, cnp.NPY_BOOL, "entry_declared")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(have, "have")
    cdef const int8_t *wanted = levels_in(needed, "needed")
    cdef const float *matters = floats(importance, "importance")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(courses), cnp.NPY_FLOAT32)
    cdef float *gains = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t i, k
    cdef int32_t skill, reached
    cdef float sum_
    for i in range(cnp.PyArray_SIZE(courses)):
        sum_ = 0
        for k in range(begins[which[i]], begins[which[i] + 1]):
            skill = skills[k]
            if declared[k] and mine[skill] < entry[k]:
                sum_ = 0
                break
            reached = min(taught[k], wanted[skill])
            if reached > mine[skill]:
                sum_ += (reached - mine[skill]) * matters[skill]
        gains[i] = sum_ / <float> total
    return found


def strain(cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray entry_level, cnp.ndarray courses, cnp.ndarray have):
    """Return what `recommender.skills.strain` says."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(have, "have")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(courses), cnp.NPY_FLOAT32)
    cdef float *missing = <float *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t i, k
    for i in range(cnp.PyArray_SIZE(courses)):
        for k in range(begins[which[i]], begins[which[i] + 1]):
            if entry[k] > mine[skills[k]]:
                missing[i] += entry[k] - mine[skills[k]]
    return found


def ready(cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray entry_level, cnp.ndarray entry_declared,
          cnp.ndarray courses, cnp.ndarray have):
    """Return what `recommender.skills.ready` says."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const uint8_t *declared = <const uint8_t *> data(entry_declared, cnp.NPY_BOOL, "entry_declared")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(have, "have")
    cdef cnp.ndarray found = zeros(cnp.PyArray_SIZE(courses), cnp.NPY_BOOL)
    cdef uint8_t *met = <uint8_t *> cnp.PyArray_DATA(found)
    cdef Py_ssize_t i, k
    for i in range(cnp.PyArray_SIZE(courses)):
        met[i] = 1
        for k in range(begins[which[i]], begins[which[i] + 1]):
            if declared[k] and mine[skills[k]] < entry[k]:
                met[i] = 0
                break
    return found


def raise_levels(cnp.ndarray history, cnp.ndarray times, cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray level,
                 cnp.ndarray entry_level, cnp.ndarray entry_declared, cnp.ndarray since, int completion,
                 cnp.ndarray have, cnp.ndarray source, cnp.ndarray at, cnp.ndarray course_idx):
    """Raise levels by completions in the order of time, in place, as `recommender.profile.profile_of` says."""
    cdef const int32_t *taken = ints(history, "history")
    cdef const int64_t *moments = longs(times, "times")
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *taught = levels_in(level, "level")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const uint8_t *declared = <const uint8_t *> data(entry_declared, cnp.NPY_BOOL, "entry_declared")
    cdef const int64_t *claimed = longs(since, "since")
    cdef int8_t *mine = <int8_t *> levels_in(have, "have")
    cdef int8_t *sources = <int8_t *> levels_in(source, "source")
    cdef int64_t *seen_at = <int64_t *> longs(at, "at")
    cdef int32_t *taught_by = <int32_t *> ints(course_idx, "course_idx")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(history), first = 0, last, i, k
    cdef int32_t skill
    cdef cnp.ndarray flags = zeros(n, cnp.NPY_BOOL)
    cdef uint8_t *barred = <uint8_t *> cnp.PyArray_DATA(flags)
    while first < n:
        last = first
        while last < n and moments[last] == moments[first]:  # what is completed at one moment opens nothing else then
            for k in range(begins[taken[last]], begins[taken[last] + 1]):
                barred[last] |= declared[k] and mine[skills[k]] < entry[k]
            last += 1
        for i in range(first, last):
            if barred[i]:
                continue
            for k in range(begins[taken[i]], begins[taken[i] + 1]):
                skill = skills[k]
                if moments[i] > claimed[skill] and (
                    taught[k] > mine[skill]
                    or (taught_by[skill] >= 0 and taught[k] == mine[skill] and moments[i] > seen_at[skill])
                ):
                    mine[skill], sources[skill] = taught[k], <int8_t> completion
                    seen_at[skill], taught_by[skill] = moments[i], taken[i]
        first = last


cdef inline double interpolated(double x, const double *knots, const double *values, Py_ssize_t n) noexcept nogil:
    """Return what `numpy.interp` does: the last of equal knots counts, beyond the ends the value of the end.

    Every sixteenth knot is compared, then those between two of them: no comparison waits for another, as a bisection's do.
    """
    cdef Py_ssize_t low = 0, first, k
    if x < knots[0]:
        return values[0]
    if x >= knots[n - 1]:
        return values[n - 1]
    for k in range(16, n, 16):
        low += knots[k] <= x
    first = 16 * low
    low = first
    for k in range(first + 1, min(first + 16, n)):
        low += knots[k] <= x
    if knots[low] == x:
        return values[low]
    return (values[low + 1] - values[low]) / (knots[low + 1] - knots[low]) * (x - knots[low]) + values[low]


cdef inline double clipped(double z, double lowest, double highest) noexcept nogil:
    return lowest if z < lowest else highest if z > highest else z


def contributions(cnp.ndarray signals, cnp.ndarray mean, cnp.ndarray deviation, cnp.ndarray quantiles,
                  cnp.ndarray log_ranks, cnp.ndarray slopes, cnp.ndarray constant, cnp.ndarray owner,
                  Py_ssize_t n_owners, double lowest, double highest):
    """Return the part of every scorer, (n_owners, n): slopes[0]·z + slopes[1]·√z⁺ + slopes[2]·rank − constant, summed over its signals."""
    cdef const float *given = floats(signals, "signals")
    cdef const double *centre = doubles(mean, "mean")
    cdef const double *scale = doubles(deviation, "deviation")
    cdef const double *knots = doubles(quantiles, "quantiles")
    cdef const double *ranks = doubles(log_ranks, "log_ranks")
    cdef const double *slope = doubles(slopes, "slopes")
    cdef const double *less = doubles(constant, "constant")
    cdef const int32_t *owners = ints(owner, "owner")
    cdef Py_ssize_t n_signals = cnp.PyArray_DIM(signals, 0), n = cnp.PyArray_DIM(signals, 1)
    cdef Py_ssize_t n_knots = cnp.PyArray_SIZE(log_ranks), i, j
    cdef cnp.ndarray found = table(n_owners, n, cnp.NPY_FLOAT64)
    cdef double *out
    cdef const float *signal
    cdef double z, of_z, of_root, of_rank, middle, per, less_, part, of_nothing
    for j in range(n_signals):
        signal = given + j * n
        of_z, of_root, of_rank = slope[j], slope[n_signals + j], slope[2 * n_signals + j]
        middle, per, less_ = centre[j], 1 / scale[j], less[j]
        out = (<double *> cnp.PyArray_DATA(found)) + owners[j] * n
        if of_root == 0 and of_rank == 0:
            for i in range(n):
                out[i] += of_z * clipped((signal[i] - middle) * per, lowest, highest) - less_
            continue
        z = clipped(-middle * per, lowest, highest)
        of_nothing = of_z * z - less_ + of_root * sqrt(max(z, 0)) + of_rank * interpolated(0, knots + j * n_knots, ranks, n_knots)
        for i in range(n):
            if signal[i] == 0:  # most of these signals are 0 for most courses
                out[i] += of_nothing
                continue
            z = clipped((signal[i] - middle) * per, lowest, highest)
            part = of_z * z - less_ + of_root * sqrt(max(z, 0))
            out[i] += part + of_rank * interpolated(signal[i], knots + j * n_knots, ranks, n_knots)
    return found


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
        if held == k and not _before(scores, which, rank, i, kept[held - 1]):
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


def is_rising(cnp.ndarray times):
    """Tell whether each time is later than the one before it; every order of memory will do."""
    if cnp.PyArray_TYPE(times) != cnp.NPY_INT64 or cnp.PyArray_NDIM(times) != 1:
        raise TypeError("times: found another type or shape; expected those of kernels.pyi")
    cdef const char *at = <const char *> cnp.PyArray_DATA(times)
    cdef Py_ssize_t step = cnp.PyArray_STRIDE(times, 0), i
    for i in range(1, cnp.PyArray_SIZE(times)):
        if (<const int64_t *> (at + i * step))[0] <= (<const int64_t *> (at + (i - 1) * step))[0]:
            return False
    return True
