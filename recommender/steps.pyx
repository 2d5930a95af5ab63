# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The steps that scorers are made of, compiled: each writes some signals of a person about courses.

A step is made once, of the arrays of a model: their types and order are checked then, their positions are not, as they come
from the model. steps.pyi says what each writes. Each treats one course after another in a fixed order, so the number of a
course does not depend on which others are asked about.
"""

cimport numpy as cnp
from libc.math cimport log, logf
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from recommender.kernels cimport bits_in, data, fetch_line, floats, ints, levels_in, longs, zeros
from recommender.question cimport AHEAD, OF_ALL, Person, Places, asked, fetch, fill_strain

cnp.import_array()

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX

cdef enum:
    BLOCK = 256  # entries of a row that are read together
    MOST_SPANS = 2
    LONG = 16  # rows are long that hold a sixteenth of the columns
    BY_ONE = 0
    BY_RECENCY = 1
    BY_MEAN = 2

ONCE, RECENCY, MEAN = BY_ONE, BY_RECENCY, BY_MEAN


cdef class Step:
    """Writes one row a signal; made again in another process of what it was made of."""

    cdef readonly Py_ssize_t height
    cdef Py_ssize_t least, most  # how many courses there may be: as many as it names, and no more than it knows
    cdef tuple made_of

    def __init__(self, *made_of):
        self.made_of, self.height, self.least, self.most = made_of, 1, 0, PY_SSIZE_T_MAX

    def __reduce__(self):
        return type(self), self.made_of

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        raise NotImplementedError


def signals(tuple steps not None, Person person not None, Places courses not None, wanted=None):
    """Return what some steps write of a person, one below another: (n_signals, len(courses)), float32."""
    cdef Py_ssize_t n_rows = 0, at = 0, i
    cdef Step step
    for step in steps:
        n_rows += step.height
        if not step.least <= courses.n_columns <= step.most:
            raise ValueError(f"courses: found {courses.n_columns}; expected {step.least} to {step.most} of {type(step).__name__}")
    cdef const uint8_t *weighs = NULL
    if wanted is not None:
        weighs = <const uint8_t *> data(wanted, cnp.NPY_BOOL, "wanted")
        if cnp.PyArray_SIZE(wanted) != n_rows:
            raise ValueError(f"wanted: found {len(wanted)}; expected one for each of {n_rows} signals")
    cdef cnp.npy_intp shape[2]
    shape[0], shape[1] = n_rows, courses.n
    cdef cnp.ndarray found = cnp.PyArray_EMPTY(2, shape, cnp.NPY_FLOAT32, 0)
    cdef float *out = <float *> cnp.PyArray_DATA(found)
    cdef bint is_wanted
    for step in steps:
        is_wanted = weighs == NULL
        for i in range(step.height):
            is_wanted = is_wanted or weighs[at + i]
        if is_wanted:
            step.fill(person, courses, out + at * courses.n)
        else:
            memset(out + at * courses.n, 0, step.height * courses.n * sizeof(float))
        at += step.height
    return found


cdef class _OfRows(Step):
    """A step that reads sparse rows, `recommender.sparse.SparseRows`."""

    cdef const int64_t *begins
    cdef const int32_t *columns
    cdef const float *values
    cdef Py_ssize_t n_rows

    def __init__(self, rows, *more):
        Step.__init__(self, rows, *more)
        self.begins, self.columns = longs(rows.indptr, "indptr"), ints(rows.indices, "indices")
        self.values, self.n_rows, self.least = floats(rows.weights, "weights"), len(rows), rows.n_columns

    cdef inline bint has(self, int32_t row) noexcept:
        return 0 <= row < self.n_rows

    cdef inline void ask_for(self, int32_t row) noexcept:
        fetch(self.columns, self.begins[row], self.begins[row + 1])
        fetch(self.values, self.begins[row], self.begins[row + 1])


cdef class Sum(_OfRows):
    """Σ_j w[j]·row[j] over courses of the history, and the largest entry, at least 0, over each of some of them."""

    cdef int weighed, over
    cdef int largest[MOST_SPANS]
    cdef Py_ssize_t n_largest

    def __init__(self, rows, int weighed, int over=OF_ALL, tuple largest=()):
        _OfRows.__init__(self, rows, weighed, over, largest)
        if len(largest) > MOST_SPANS:
            raise ValueError(f"largest: found {len(largest)}; expected at most {MOST_SPANS}")
        self.weighed, self.over, self.n_largest = weighed, over, len(largest)
        for s, which in enumerate(largest):
            self.largest[s] = which
        self.height = 1 + self.n_largest

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef Py_ssize_t starts[MOST_SPANS]
        cdef Py_ssize_t stops[MOST_SPANS]
        cdef int32_t places[BLOCK]
        cdef float kept[BLOCK]
        cdef Py_ssize_t n = courses.n, first, last, j, k, s, i, found, end, ahead
        cdef int32_t row, following
        cdef float factor = 1
        cdef float *best
        first, last = person.span(self.over)
        for s in range(self.n_largest):
            starts[s], stops[s] = person.span(self.largest[s])
        memset(out, 0, self.height * n * sizeof(float))
        for j in range(first, last):
            if self.has(person.history[j]):
                fetch_line(self.begins + person.history[j])
        if first < last and self.has(person.history[first]):
            self.ask_for(person.history[first])
        if self.weighed == BY_MEAN:
            factor = <float> (1.0 / max(last - first, 1))
        for j in range(first, last):
            row, following = person.history[j], person.history[min(j + 1, last - 1)]
            if not self.has(row):
                continue
            if self.weighed == BY_RECENCY:
                factor = person.by_recency[j]
            k, end = self.begins[row], self.begins[row + 1]
            ahead = self.begins[following] - k if self.has(following) else 0
            while k < end:  # a range in steps of `BLOCK` would be one of Python's
                found = asked(self.columns + k, self.values + k, min(end - k, <Py_ssize_t> BLOCK), courses.slot, places, kept,
                              ahead)
                for i in range(found):
                    out[places[i]] += kept[i] * factor
                for s in range(self.n_largest):
                    if starts[s] <= j < stops[s]:
                        best = out + (1 + s) * n
                        for i in range(found):
                            best[places[i]] = max(best[places[i]], kept[i])
                k += BLOCK
        return 0


cdef struct Group:
    uint64_t there
    int64_t before


cdef class ByColumn:
    """Rows in which an entry is found by its column: a bit where there is one, and how many there are before each 64 columns.

    The rows of roles grow longer with the company; what is read of long ones is for the courses asked about alone. Short rows
    are left as they are: to read them takes less than the bits of as many columns would.
    """

    cdef readonly object rows
    cdef readonly bint is_long
    cdef Py_ssize_t n_rows, n_columns, n_groups
    cdef Group *groups
    cdef float *values

    def __cinit__(self, rows):
        cdef Py_ssize_t n_groups = (rows.n_columns + 63) // 64
        self.is_long = len(rows.indices) * LONG >= len(rows) * rows.n_columns
        if not self.is_long:
            return
        self.groups = <Group *> calloc(len(rows) * n_groups + 1, sizeof(Group))
        self.values = <float *> calloc(len(rows.indices) + 1, sizeof(float))  # one more: where an entry would be is read, too
        if self.groups == NULL or self.values == NULL:
            raise MemoryError

    def __init__(self, rows):
        cdef const int64_t *begins = longs(rows.indptr, "indptr")
        cdef const int32_t *columns = ints(rows.indices, "indices")
        cdef const float *given = floats(rows.weights, "weights")
        cdef Py_ssize_t i, k, g
        cdef Group *groups
        self.rows, self.n_rows, self.n_columns = rows, len(rows), rows.n_columns
        self.n_groups = (self.n_columns + 63) // 64
        for i in range(self.n_rows if self.is_long else 0):
            groups = self.groups + i * self.n_groups
            for k in range(begins[i], begins[i + 1]):
                groups[columns[k] >> 6].there |= (<uint64_t> 1) << (columns[k] & 63)
            for g in range(self.n_groups):
                groups[g].before = begins[i] if g == 0 else groups[g - 1].before + bits_in(groups[g - 1].there)
            for k in range(begins[i], begins[i + 1]):
                self.values[place(groups, columns[k])] = given[k]

    def __dealloc__(self):
        free(self.groups)
        free(self.values)

    def __reduce__(self):
        return ByColumn, (self.rows,)


cdef inline int64_t place(const Group *groups, int32_t column) noexcept nogil:
    """Return where the entry of a column of a row is, or would be."""
    cdef const Group *group = groups + (column >> 6)
    return group.before + bits_in(group.there & (((<uint64_t> 1) << (column & 63)) - 1))


cdef class RowOf(_OfRows):
    """The entries of the row of a role; a role that has none is empty."""

    cdef ByColumn rows
    cdef int who

    def __init__(self, ByColumn rows not None, int who):
        _OfRows.__init__(self, rows.rows)
        self.made_of, self.rows, self.who = (rows, who), rows, who

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef ByColumn rows = self.rows
        cdef int32_t row = person.row(self.who), column
        cdef const Group *groups
        cdef Py_ssize_t i
        cdef int32_t there
        if not (0 <= row < rows.n_rows and rows.n_columns and rows.is_long):
            memset(out, 0, courses.n * sizeof(float))
            if 0 <= row < rows.n_rows:
                self.scan(row, courses, out)
            return 0
        groups = rows.groups + row * rows.n_groups
        for i in range(courses.n):
            column = min(courses.which[i], rows.n_columns - 1)
            there = groups[column >> 6].there >> (column & 63) & (column == courses.which[i])
            out[i] = rows.values[place(groups, column)] * <float> there  # no branch, as there is no guessing it
        return 0

    cdef void scan(self, int32_t row, Places courses, float *out) noexcept:
        cdef int32_t places[BLOCK]
        cdef float kept[BLOCK]
        cdef Py_ssize_t k = self.begins[row], end = self.begins[row + 1], i, found
        self.ask_for(row)
        while k < end:
            found = asked(self.columns + k, self.values + k, min(end - k, <Py_ssize_t> BLOCK), courses.slot, places, kept, 0)
            for i in range(found):
                out[places[i]] = kept[i]
            k += BLOCK


cdef class Columns(Step):
    """What is the same of a course for everybody: the columns of a table with one row a course."""

    cdef const float *values

    def __init__(self, cnp.ndarray values):
        Step.__init__(self, values)
        if cnp.PyArray_NDIM(values) != 2:
            raise ValueError(f"values: found {cnp.PyArray_NDIM(values)} dimensions; expected a row a course")
        self.values, self.most, self.height = floats(values, "values"), cnp.PyArray_DIM(values, 0), cnp.PyArray_DIM(values, 1)

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef Py_ssize_t width = self.height, n = courses.n, i, k
        cdef const int32_t *which = courses.which
        for i in range(n):
            fetch(self.values, which[i] * width, (which[i] + 1) * width)
        for i in range(n):
            for k in range(width):
                out[k * n + i] = self.values[which[i] * width + k]
        return 0


cdef class Affinity(Step):
    """Inner product of the vector of a person with that of each course, and the bias of the course."""

    cdef const float *vectors
    cdef const float *biases
    cdef const float *of_history
    cdef const float *of_role
    cdef const float *of_target
    cdef const float *of_department
    cdef Py_ssize_t width, n_history, n_roles, n_targets
    cdef dict departments

    def __init__(self, cnp.ndarray vectors, cnp.ndarray biases, cnp.ndarray of_history, cnp.ndarray of_role, cnp.ndarray of_target,
                 tuple departments, cnp.ndarray of_department):
        Step.__init__(self, vectors, biases, of_history, of_role, of_target, departments, of_department)
        self.vectors, self.biases = floats(vectors, "vectors"), floats(biases, "biases")
        self.most = min(cnp.PyArray_DIM(vectors, 0), cnp.PyArray_SIZE(biases))
        self.of_history, self.of_role = floats(of_history, "of_history"), floats(of_role, "of_role")
        self.of_target, self.of_department = floats(of_target, "of_target"), floats(of_department, "of_department")
        self.width, self.n_history = cnp.PyArray_DIM(vectors, 1), cnp.PyArray_DIM(of_history, 0)
        self.n_roles, self.n_targets = cnp.PyArray_DIM(of_role, 0), cnp.PyArray_DIM(of_target, 0)
        self.departments = {name: i for i, name in enumerate(departments)}

    def person(self, Person person):
        """Return the vector of a person, (d,): Σ share·vector over the history, of role, target role and department."""
        cdef cnp.ndarray found = zeros(self.width, cnp.NPY_FLOAT32)
        cdef float *into = <float *> cnp.PyArray_DATA(found)
        cdef Py_ssize_t j
        cdef int32_t target = person.query.target_role_idx
        cdef Py_ssize_t department = self.departments.get(person.query.department, -1)
        for j in range(person.n_recent):
            if 0 <= person.history[j] < self.n_history:
                fetch(self.of_history, person.history[j] * self.width, (person.history[j] + 1) * self.width)
        for j in range(person.n_recent):
            if 0 <= person.history[j] < self.n_history:
                add(into, self.of_history + person.history[j] * self.width, self.width, person.by_share[j])
        if 0 <= person.role < self.n_roles:
            add(into, self.of_role + person.role * self.width, self.width, 1)
        if 0 <= target < self.n_targets:
            add(into, self.of_target + target * self.width, self.width, 1)
        if department >= 0:
            add(into, self.of_department + department * self.width, self.width, 1)
        return found

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef cnp.ndarray made = self.person(person)
        cdef const float *point = <const float *> cnp.PyArray_DATA(made)
        cdef const int32_t *which = courses.which
        cdef Py_ssize_t width = self.width, n = courses.n, i, k
        for i in range(n):
            if i + AHEAD < n:
                fetch(self.vectors, which[i + AHEAD] * width, (which[i + AHEAD] + 1) * width)
            out[i] = inner(self.vectors + which[i] * width, point, width) + self.biases[which[i]]
        return 0


cdef inline void add(float *into, const float *vector, Py_ssize_t width, float factor) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(width):
        into[k] += vector[k] * factor


cdef inline float inner(const float *one, const float *other, Py_ssize_t width) noexcept nogil:
    """Return an inner product: in sixteen sums, always the same, as one would wait for itself."""
    cdef float sums[16]
    cdef Py_ssize_t k, m
    memset(sums, 0, sizeof(sums))
    for k in range(0, width - 15, 16):
        for m in range(16):
            sums[m] += one[k + m] * other[k + m]
    for k in range(width - width % 16, width):
        sums[0] += one[k] * other[k]
    for m in range(8):
        sums[m] += sums[m + 8]
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]))


cdef class TopicShare(_OfRows):
    """Logarithm of the mean, over what a course has, of the share of the history that has it too; 0 without a history."""

    cdef float floor
    cdef float *shares

    def __cinit__(self, rows, *more):
        self.shares = <float *> calloc(rows.n_columns + 1, sizeof(float))
        if self.shares == NULL:
            raise MemoryError

    def __init__(self, rows, float floor):
        _OfRows.__init__(self, rows, floor)
        self.floor, self.least, self.most = floor, 0, len(rows)  # its columns are topics

    def __dealloc__(self):
        free(self.shares)

    cdef void count(self, Person person, bint is_over) noexcept:
        """Add the shares of the history to what its courses have; set them to nothing again when it is over."""
        cdef Py_ssize_t j, k
        cdef int32_t row
        for j in range(person.n_recent):
            row = person.history[j]
            if self.has(row):
                for k in range(self.begins[row], self.begins[row + 1]):
                    self.shares[self.columns[k]] = 0 if is_over else self.shares[self.columns[k]] + person.by_share[j]

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef Py_ssize_t i, k
        cdef int32_t row
        cdef float total
        if not person.n_recent:
            memset(out, 0, courses.n * sizeof(float))
            return 0
        self.count(person, False)
        for i in range(courses.n):
            if i + 2 * AHEAD < courses.n:
                fetch_line(self.begins + courses.which[i + 2 * AHEAD])
            if i + AHEAD < courses.n:
                self.ask_for(courses.which[i + AHEAD])
            row, total = courses.which[i], 0
            for k in range(self.begins[row], self.begins[row + 1]):
                total += self.values[k] * self.shares[self.columns[k]]
            out[i] = logf(total + self.floor)
        self.count(person, True)
        return 0


cdef class LanguageShare(Step):
    """Logarithm of the share of the history that is in the language of a course; 0 without a history."""

    cdef const int32_t *codes
    cdef Py_ssize_t n_codes
    cdef double floor
    cdef cnp.ndarray sums, logs

    def __init__(self, cnp.ndarray codes, double floor):
        Step.__init__(self, codes, floor)
        self.codes, self.floor, self.most = ints(codes, "codes"), floor, cnp.PyArray_SIZE(codes)
        self.n_codes = int(codes.max(initial=-1)) + 2  # a code of −1, no language, has the first place
        self.sums, self.logs = zeros(self.n_codes, cnp.NPY_FLOAT64), zeros(self.n_codes, cnp.NPY_FLOAT32)

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        cdef double *sums = <double *> cnp.PyArray_DATA(self.sums)
        cdef float *logs = <float *> cnp.PyArray_DATA(self.logs)
        cdef Py_ssize_t i
        if not person.n_recent:
            memset(out, 0, courses.n * sizeof(float))
            return 0
        memset(sums, 0, self.n_codes * sizeof(double))
        for i in range(person.n_recent):
            if 0 <= person.history[i] < self.most:
                sums[self.codes[person.history[i]] + 1] += person.by_share[i]
        for i in range(self.n_codes):
            logs[i] = <float> log(sums[i] + self.floor)
        for i in range(courses.n):
            out[i] = logs[self.codes[courses.which[i]] + 1]
        return 0


cdef class Strain(Step):
    """Levels the person lacks of what a course expects at the start; 0 where nobody's levels are known."""

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        if person.standing is None:
            memset(out, 0, courses.n * sizeof(float))
            return 0
        fill_strain(person.standing.catalog.taught, courses.which, courses.n, levels_in(person.standing.levels, "levels"), out)
        return 0


cdef class Gain(Step):
    """By how much a course raises the coverage of what a role needs; 0 where nobody's levels are known."""

    cdef int who

    def __init__(self, int who):
        Step.__init__(self, who)
        self.who = who

    cdef int fill(self, Person person, Places courses, float *out) except -1:
        if person.standing is None:
            memset(out, 0, courses.n * sizeof(float))
            return 0
        cdef cnp.ndarray found = person.gain(person.standing.needs.of(person.row(self.who)), courses)
        memcpy(out, cnp.PyArray_DATA(found), courses.n * sizeof(float))
        return 0
