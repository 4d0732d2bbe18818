"""Queries by a generator, answered by weir and by Postgres or DuckDB over the same files.

data.py       the tables and their files
forms.py      expressions: one line for each operator, function and form of syntax
generator.py  queries: relations of depth 1 to 4 over those expressions
engines.py    weir, Postgres and DuckDB as things to ask
compare.py    whether two answers are the same
coverage.py   how many queries hold each operator, type and function class
planted.py    bugs put into a copy of the sources, each of which must be seen"""
