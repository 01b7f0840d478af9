"""`python -m bench.inside seed 1000`: set Django up, then run that module's main with the rest."""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    import_module(f"bench.inside.{sys.argv[1]}").main(*sys.argv[2:])
