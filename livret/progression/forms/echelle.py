"""Lire ce que la page de l'échelle envoie : des cases, et la version qui était montrée."""

from __future__ import annotations

from django.http import QueryDict

from livret.progression.echelle import EchelleEnvoyee, cle_lue

NOM_MAX = 120


def envoi_lu(post: QueryDict) -> EchelleEnvoyee:
    textes = {}
    for nom, texte in post.items():
        if cle := cle_lue(nom):
            textes[cle] = str(texte).replace("\0", "")
    vue = post.get("vue", "")
    nom = post.get("nom", "").replace("\0", "").strip()[:NOM_MAX]
    return EchelleEnvoyee(textes, int(vue) if vue.isdecimal() and len(vue) < 5 else 0, nom)
