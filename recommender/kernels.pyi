"""The inner loops of an answer, compiled from kernels.pyx."""

from recommender.arrays import FloatArray, IntArray, LongArray

def weighted_sum(
    indptr: LongArray,
    indices: IntArray,
    weights: FloatArray,
    rows: IntArray,
    row_weights: FloatArray,
    slot: IntArray,
    out: FloatArray,
) -> None: ...
