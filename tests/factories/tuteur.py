"""Fiches de tuteurs."""

from livret.models import (
    Entreprise,
    FicheTuteur,
    Pfmp,
    Tuteur,
)


def tuteur(entreprise: Entreprise, nom: str = "Maryse Tutrice", **champs: object) -> Tuteur:
    return Tuteur.objects.create(
        entreprise=entreprise,
        nom=nom,
        **{"courriel": "tutrice@entreprise.invalid", "telephone": "04 70 00 00 01", **champs},
    )


def fiche_tuteur(pfmp: Pfmp, tuteur: Tuteur) -> FicheTuteur:
    """Fiche à remplir, dans une PFMP ouverte dont un séjour est chez ce tuteur."""
    return FicheTuteur.objects.create(pfmp=pfmp, tuteur=tuteur)
