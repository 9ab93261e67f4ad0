"""Banc d’essai : ce que coûtent les pages, les calculs, les documents et les écritures simultanées.

La méthode et les derniers chiffres relevés sont dans `bench/README.md`.
"""
