"""Reads on the busiest path: Django writes their SQL once for each process, not once for each request."""

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Slot(Expression):
    """A place in a prepared statement for a text or a whole number that each request brings."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list["Slot"]]:
        return "%s", [self]


class Prepared:
    """A queryset of `values_list` with slots in it: `prepared.first(slug="x")` costs the statement and little more.

    Building and writing a queryset takes Django several times as long as the database takes to answer it.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self.build = build
        self.written: tuple[SQLCompiler, str, tuple[Any, ...], Any] | None = None

    def first(self, **values: str | int) -> tuple[Any, ...] | None:
        """The first row, converted as Django would; None without one."""
        compiler, sql, params, converters = self.written or self._write()
        filled = [values[param.name] if isinstance(param, Slot) else param for param in params]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, filled)
            row = cursor.fetchone()
        if row is None:
            return None
        return tuple(next(iter(compiler.apply_converters([row], converters)))) if converters else tuple(row)

    def _write(self) -> tuple[SQLCompiler, str, tuple[Any, ...], Any]:
        compiler = self.build().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        expressions = [expression for expression, _sql, _alias in compiler.select[: compiler.col_count]]
        self.written = compiler, sql, tuple(params), compiler.get_converters(expressions)
        return self.written
