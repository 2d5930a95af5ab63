"""How the compiled modules take arrays; what each function does is said in kernels.pyx."""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t, int64_t, uint64_t


cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define fetch_line(address) __builtin_prefetch(address)
    #define lowest_bit(word) __builtin_ctzll(word)
    #else
    #define fetch_line(address) ((void) (address))
    static int lowest_bit(unsigned long long word) { int at = 0; while (!(word >> at & 1)) at++; return at; }
    #endif
    static inline int bits_in(unsigned long long word) {  /* in pairs, in fours, in bytes: no instruction that some machines lack */
        word -= word >> 1 & 0x5555555555555555ULL;
        word = (word & 0x3333333333333333ULL) + (word >> 2 & 0x3333333333333333ULL);
        return (int) (((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL) * 0x0101010101010101ULL >> 56);
    }
    """
    int lowest_bit(uint64_t word) noexcept nogil
    int bits_in(uint64_t word) noexcept nogil
    void fetch_line(const void *address) noexcept nogil


cdef void *data(cnp.ndarray array, int kind, str name) except? NULL
cdef const int32_t *ints(cnp.ndarray array, str name) except? NULL
cdef const int64_t *longs(cnp.ndarray array, str name) except? NULL
cdef const float *floats(cnp.ndarray array, str name) except? NULL
cdef const double *doubles(cnp.ndarray array, str name) except? NULL
cdef const int8_t *levels_in(cnp.ndarray array, str name) except? NULL
cdef cnp.ndarray zeros(Py_ssize_t n, int kind)
cdef cnp.ndarray table(Py_ssize_t rows, Py_ssize_t columns, int kind)
