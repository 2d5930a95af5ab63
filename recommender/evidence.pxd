"""What the rules of reasons read; what each is, is said in evidence.pyx."""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t

from recommender.answer_kernels cimport Strongest
from recommender.question cimport Places


cdef class Evidence:
    cdef readonly object model, query, levels, need
    cdef readonly dict lifts
    cdef readonly Py_ssize_t goal
    cdef Py_ssize_t current
    cdef object required
    cdef Places asked
    cdef const int8_t *level
    cdef const int32_t *recent
    cdef const int32_t *before
    cdef str role_id, role
    cdef tuple titles, course_ids, skill_names, skill_ids
    cdef dict claimed
    cdef object latest
    cdef Strongest _together, _followed, _alike
    cdef cnp.ndarray _on_the_way, _moved, _fits_role, _strain
    cdef dict _met
    cdef tuple _known

    cdef Strongest _strongest(self, rows)
    cdef cnp.ndarray _of_goal(self, rows)
    cdef Strongest together(self)
    cdef Strongest followed(self)
    cdef Strongest alike(self)
    cdef float on_the_way(self, Py_ssize_t at) except? -1
    cdef float moved(self, Py_ssize_t at) except? -1
    cdef float fits_role(self, Py_ssize_t at) except? -1
    cdef list met(self, Py_ssize_t course)
    cdef Py_ssize_t strain(self, Py_ssize_t at) except -1
    cdef tuple known(self)


cdef dict FORM
cdef dict of_lift(dict form, lift, tuple skill_ids, tuple skill_names)
cpdef list lifts_as_dicts(tuple lifts, skills)
