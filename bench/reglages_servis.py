"""Réglages du banc, fichiers statiques servis depuis les sources : un vrai navigateur en a besoin."""

from bench.reglages import *  # noqa: F403

WHITENOISE_USE_FINDERS = True
