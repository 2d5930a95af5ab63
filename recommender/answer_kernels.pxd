"""What the compiled modules of reasons share with each other; what each function does is said in answer_kernels.pyx."""

cimport numpy as cnp
from libc.stdint cimport int32_t, uint8_t


cdef class Asked:
    cdef readonly cnp.ndarray courses
    cdef const int32_t *course
    cdef Py_ssize_t n
    cdef uint8_t *marked
    cdef int32_t *places


cdef class Strongest:
    cdef Py_ssize_t n
    cdef int32_t *rows
    cdef float *weights


cpdef Strongest strongest_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, cnp.ndarray rows, Asked asked)
cpdef cnp.ndarray row_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, Py_ssize_t row, Asked asked)
cpdef double rounded(double value, int digits) except? -1
cpdef dict all_rounded(dict numbers, int digits)
cdef tuple of_kind(type kind, tuple values)
