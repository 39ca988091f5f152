"""Everything that `manage.py up` starts and keeps alive: embedded services, the supervisor, ports.

Pure Python over the standard library (and one psycopg connection): no Django, so that the test
suite can use it before settings exist. Used by the `up` command and by `tests.services`.
"""
