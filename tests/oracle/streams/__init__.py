"""Streaming programs, generated, against DuckDB's batch answer over the same rows.

    world.py       three tables with nulls, duplicates and disorder, two of changes, as files of one or several splits
    relations.py   relations in both dialects; what is drawn seldom is drawn more
    windows.py     windows, and joins by time, for relations that carry an event time
    subqueries.py  subqueries of every form, nested
    coverage.py    how many programs hold each of these
    programs.py    programs of one to three INSERTs; how they are run, and their changes summed
    idle.py        programs over inputs that stay open, with splits that fall silent"""
