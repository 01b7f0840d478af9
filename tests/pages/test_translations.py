"""Every word exists in Korean and English, and what is compiled is what is written."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "pages" / "locale"
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
LITERAL = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"(?:npgettext|pgettext|ngettext|gettext)\(\s*{LITERAL}(?:,\s*{LITERAL})?")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")

Catalog = dict[tuple[str, str], list[str]]


def written(language: str) -> Catalog:
    """(context, msgid) -> translations, read from the .po file: the few forms that our files use."""
    catalog: Catalog = {}
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text()
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            value = line
            if not line.startswith('"'):
                keyword, _space, value = line.partition(" ")
            parts[keyword] = parts.get(keyword, "") + str(ast.literal_eval(value))
        if parts:
            translations = [value for name, value in parts.items() if name.startswith("msgstr")]
            catalog[parts.get("msgctxt", ""), parts["msgid"]] = translations
    del catalog["", ""]  # the header
    return catalog


def compiled(language: str) -> Catalog:
    """The same from the .mo file."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    catalog: dict[tuple[str, str], dict[int, str]] = {}
    for key, value in entries.items():
        if key:
            identifier, number = key if isinstance(key, tuple) else (key, 0)
            context, _separator, msgid = identifier.rpartition("\x04")
            catalog.setdefault((context, msgid), {})[number] = value
    return {key: [forms[number] for number in sorted(forms)] for key, forms in catalog.items()}


def in_modules() -> Iterator[tuple[str, str]]:
    """(context, msgid) of every call of gettext in our Python."""
    for package in ("api", "config", "events", "pages", "venues"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CALLS:
                    texts = [part.value for part in call.args if isinstance(part, ast.Constant)]
                    yield (texts[0], texts[1]) if call.func.id == "pgettext" else ("", texts[0])


def in_templates() -> Iterator[tuple[str, str]]:
    """The same of our templates, from the text that xgettext is given for them."""
    paths = [path for package in ("events", "pages") for path in (ROOT / package / "templates").rglob("*.html")]
    for path in sorted(paths):
        for call in IN_TEMPLATE.finditer(templatize(path.read_text())):
            first, second = call.group(1), call.group(2)
            has_context = call.group().startswith(("pgettext", "npgettext"))
            yield (ast.literal_eval(first), ast.literal_eval(second)) if has_context else ("", ast.literal_eval(first))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_text_in_the_code_has_its_translation(language: str) -> None:
    catalog = written(language)
    from_modules, from_templates = set(in_modules()), set(in_templates())

    missing = [key for key in from_modules | from_templates if not all(catalog.get(key, [""]))]

    assert missing == []
    assert (len(from_modules) > 150, len(from_templates) > 100) == (True, True), "the search finds what there is"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert compiled(language) == written(language)


def test_a_translation_fills_in_the_same_values() -> None:
    korean, english = written("ko"), written("en")

    wrong = [key for key in korean if values_in(korean[key]) != values_in(english[key])]

    assert wrong == []


def values_in(translations: list[str]) -> set[str]:
    return set(PLACEHOLDER.findall("".join(translations)))


def test_no_korean_translation_is_left_in_english() -> None:
    untouched = [
        msgid for (context, msgid), translations in written("ko").items()
        if not context and not re.search("[가-힣]", "".join(translations)) and msgid not in SAME_EVERYWHERE
    ]  # fmt: skip

    assert untouched == []


SAME_EVERYWHERE = {"API"}
