"""Hand-reasoned cases of streaming SQL, tests/sql/*.test; CONTRIBUTING.md says how to add one.

    reader.py      the format: cases with tables, rows, a program and what must come of it
    inputs.py      rows as JSON, CSV and changes, shared out to splits
    outputs.py     what a sink holds, as rows that were added and taken back
    check.py       runs a case under one setting and says what is wrong"""
