"""Les mêmes réglages, avec les options de SQLite que Django prend quand on ne lui dit rien."""

from bench.reglages import *  # noqa: F403
from trpm.settings import DATABASES

DATABASES = {"default": {**DATABASES["default"], "OPTIONS": {}}}
