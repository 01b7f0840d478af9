"""What import contracts cannot show: the edges write through one call into the domain, and own no table."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EDGES = ("api", "pages")
WRITES = {"save", "create", "get_or_create", "update", "update_or_create", "delete", "bulk_create", "bulk_update"}
WRITE_MIXINS = {
    "CreateModelMixin",
    "UpdateModelMixin",
    "DestroyModelMixin",
    "ModelViewSet",
    "ModelSerializer",
    "ModelForm",
}
PLAIN_OBJECTS: dict[str, set[str]] = {
    # Module: the calls that look like a write and are none, because they change a plain object in memory.
}


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def operations(tree: ast.AST) -> set[str]:
    """The names under which a module knows the domain's operations: `scheduling.create` is a call, not a write."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "events.operations"]
    return {alias.asname or alias.name for node in found for alias in node.names}


def writes(tree: ast.AST) -> list[str]:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    suspects = [func for func in calls if isinstance(func, ast.Attribute) and func.attr in WRITES]
    return [ast.unparse(func) for func in suspects if name_of(func.value) not in operations(tree)]


def bases(tree: ast.AST) -> list[str]:
    return [name_of(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]


def test_the_edges_write_nothing_themselves() -> None:
    found = {
        str(path.relative_to(ROOT)): bad
        for path in modules(*EDGES)
        if (bad := set(writes(ast.parse(path.read_text()))) - PLAIN_OBJECTS.get(str(path.relative_to(ROOT)), set()))
    }

    assert found == {}


def test_the_edges_own_no_table_and_use_no_write_mixin() -> None:
    found = {
        str(path.relative_to(ROOT)): bad
        for path in modules(*EDGES)
        if (bad := {name for name in bases(ast.parse(path.read_text())) if name in WRITE_MIXINS | {"Model"}})
    }

    assert found == {}
    assert [path for path in modules(*EDGES) if path.name == "models.py" or "migrations" in path.parts] == []


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("Event.objects.create(title='x')", ["Event.objects.create"]),
        ("event.save(update_fields=['title'])", ["event.save"]),
        ("Event.objects.filter(pk=1).delete()", ["Event.objects.filter(pk=1).delete"]),
        ("registering.register(event=event)", []),
        ("from events.operations import scheduling; scheduling.create(event=event)", []),
        ("from events.models import scheduling; scheduling.create(event=event)", ["scheduling.create"]),
    ],
)
def test_the_tree_walk_sees_a_write_where_there_is_one(source: str, calls: list[str]) -> None:
    assert writes(ast.parse(source)) == calls


def test_nothing_listens_to_signals_and_no_model_overrides_save() -> None:
    trees = {path: ast.parse(path.read_text()) for path in modules("venues", "events", "api", "pages", "config")}
    overriding = [
        str(path.relative_to(ROOT))
        for path, tree in trees.items()
        if path.relative_to(ROOT).parts[0] in {"venues", "events"}  # elsewhere `delete` answers to HTTP
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
    ]
    listening = [
        str(path.relative_to(ROOT))
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "signals" in (node.module or "").split(".")
    ]

    assert (overriding, listening) == ([], [])


def test_every_module_says_in_its_first_line_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules("venues", "events", "api", "pages", "config", "fixtures", "tests", "bench")
        if path.name != "__init__.py"
        and "migrations" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []
