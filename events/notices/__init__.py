"""The e-mail channel: who hears of what, in which words and language."""
