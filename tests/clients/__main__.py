"""`make clients`: both clients in build/clients/, for partners to take."""

import sys

import django


def main() -> int:
    django.setup()
    from tests.clients import making  # noqa: PLC0415  the document needs the settings

    print(f"Python: {making.python(making.BUILD / 'python').relative_to(making.ROOT)}/")
    try:
        print(f"TypeScript: {making.typescript(making.BUILD / 'typescript').relative_to(making.ROOT)}/")
    except making.NotHere as lack:
        print(f"TypeScript: not made, {lack}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
