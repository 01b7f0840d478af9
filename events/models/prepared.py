"""Statements of the busiest path: Django writes their SQL once for each process, not once for each request.

Building and writing a statement takes Django several times as long as the database takes to run it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, F, Field, IntegerField, Model, QuerySet
from django.db.models.lookups import In
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler


class Slot(Expression):
    """A place in a prepared statement for a value that each request brings."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def among(column: str, number: int) -> In:
    """The condition that a column of ids is one of so many, which `ids(column, values)` brings.

    A statement is written once for each number.
    """
    return In(F(column), [Slot(f"{column}{place}", IntegerField()) for place in range(number)])


def ids(column: str, values: Iterable[int]) -> dict[str, int]:
    """The values of the slots of `among(column, len(values))`."""
    return {f"{column}{place}": value for place, value in enumerate(values)}


class Prepared:
    """A queryset of `values_list` with slots in it: `prepared.rows(slug="x")` costs the statement and little more."""

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self.build = build
        self.written: tuple[SQLCompiler, str, tuple[Any, ...], Any] | None = None

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """The first row, converted as Django would; None without one."""
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """All rows, converted as Django would."""
        compiler, sql, params, converters = self.written or self._write()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, _filled(params, values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return [tuple(row) for row in compiler.apply_converters(found, converters)] if converters else found

    def _write(self) -> tuple[SQLCompiler, str, tuple[Any, ...], Any]:
        compiler = self.build().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        expressions = [expression for expression, _sql, _alias in compiler.select[: compiler.col_count]]
        self.written = compiler, sql, tuple(params), compiler.get_converters(expressions)
        return self.written


class PreparedUpdate:
    """`queryset.update(**changes)` with slots in the queryset."""

    def __init__(self, build: Callable[[], QuerySet[Any]], **changes: Any) -> None:
        self.build = build
        self.changes = changes
        self.written: tuple[str, tuple[Any, ...]] | None = None

    def run(self, **values: Any) -> int:
        """How many rows met the conditions and were changed."""
        sql, params = self.written or self._write()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, _filled(params, values))
            return int(cursor.rowcount)

    def _write(self) -> tuple[str, tuple[Any, ...]]:
        query: Any = self.build().query.chain(UpdateQuery)
        query.add_update_values(self.changes)
        sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        self.written = sql, tuple(params)
        return self.written


def insert(thing: Model) -> None:
    """What `thing.save(force_insert=True)` does for a model without parents."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _insert_into(type(thing))
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(field.pre_save(thing, True), connection) for field in fields])
        thing.pk = cursor.fetchone()[0]
    thing._state.adding, thing._state.db = False, DEFAULT_DB_ALIAS


@cache
def _insert_into(model: type[Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.returning_fields = [model._meta.pk]
    [(sql, _params)] = compiler.as_sql()
    return sql, fields


def _filled(params: Iterable[Any], values: Mapping[str, Any]) -> list[Any]:
    connection = connections[DEFAULT_DB_ALIAS]
    return [
        param.output_field.get_db_prep_value(values[param.name], connection) if isinstance(param, Slot) else param
        for param in params
    ]
