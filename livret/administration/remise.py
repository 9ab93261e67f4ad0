"""La page qui remet des accès : identifiants, mots de passe provisoires et liens, montrés une seule fois."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from livret.administration.comptes import AccesCompte, en_csv
from livret.administration.pages import Fil, en_ouverture
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import telechargement
from trpm.impression.qr import qr


def page_acces(
    request: Requete, lieu: Etablissement, acces: Sequence[AccesCompte], fil: Fil, titre: str
) -> HttpResponse:
    """La page, ou le fichier, qui montre mots de passe et liens : c'est la seule fois."""
    site = adresse_du_site(request)
    if request.POST.get("forme") == "csv":
        return telechargement(en_csv(acces, site), f"{titre}.csv", "text/csv; charset=utf-8")
    liens = [lien_de_bienvenue(remis.compte, site) for remis in acces]
    page = {
        "etablissement": lieu,
        "onglet": "comptes",
        "acces": acces,
        "feuilles": [
            (remis, lien, qr(lien, f"QR code de l’invitation de {remis.nom}"))
            for remis, lien in zip(acces, liens, strict=True)
        ],
        "chemin": fil,
        "titre": titre,
        "ouverture": en_ouverture(request, lieu),
        "connexion": request.build_absolute_uri(reverse("connexion")),
    }
    return render(request, "livret/administration/acces.html", page)
