"""The sample company: a seeded data directory that reads like a real one, and the truth behind it."""

from training.sample.company import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
