"""The tables of a company from files to memory: `load` reads, checks and builds; `check` says what is wrong and possible.

Cells (`cells`, `times`) become columns of rows (`ingest`, `rows`), which are held against the rules (`validate`,
`references`, `completions`), built into `recommender`'s tables (`assemble`) and looked through for what is hardly meant
(`audit`). What is wrong with them is told in `problems`.
"""
