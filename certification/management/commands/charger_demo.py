from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.crypto import get_random_string

from certification.demo import charger
from certification.demo.donnees.fichiers import Donnees, DonneesInvalides, Fichiers
from livret.models import Etablissement, Utilisateur
from referentiel.models import Referentiel

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Charge le lycée de démonstration, une seule fois, et donne un compte par rôle."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--session", type=int, help="Session d’examen préparée.")

    def handle(self, *, session: int | None, **options: Any) -> None:
        fichiers = Fichiers()
        try:
            donnees = fichiers.lire()
            lycee = donnees.etablissement
            if Etablissement.objects.filter(uai=lycee.uai).exists():
                self.stdout.write(
                    f"Les données de démonstration ({lycee.nom}) sont déjà là, rien n’a changé.\n"
                    "Mot de passe perdu : manage.py changepassword prof\n"
                    f"Repartir de zéro, en effaçant toute la base : {_effacer()}, puis make demo"
                )
                return
            referentiel = self._referentiel(donnees)
            fichiers.confronter(referentiel)
        except DonneesInvalides as erreur:
            raise CommandError(str(erreur)) from None
        mot_de_passe = settings.DEMO_PASSWORD or get_random_string(12, ALPHABET)
        acces = charger(donnees, referentiel, mot_de_passe, session or lycee.session)
        self._annoncer(donnees, mot_de_passe)
        self.stdout.write(
            f"\n  Fiche d’un tuteur, sans compte\xa0: {acces.tuteur.chemin}"
            f" (ou /fiche/ et le code {acces.tuteur.code})"
            f"\n  Ce que lit le jury, sans compte\xa0: {acces.jury.chemin}"
        )

    def _referentiel(self, donnees: Donnees) -> Referentiel:
        pris = Utilisateur.objects.filter(
            username__in=[personne.identifiant for personne in donnees.comptes.tous]
        ).values_list("username", flat=True)
        if pris:
            raise CommandError(
                f"Des comptes portent déjà les noms de la démonstration : {', '.join(sorted(pris))}."
            )
        referentiel = Referentiel.objects.filter(code="TRPM").first()
        if referentiel is None:
            raise CommandError(
                "Importez d’abord le référentiel : manage.py importer_referentiel fixtures/trpm.json"
            )
        return referentiel

    def _annoncer(self, donnees: Donnees, mot_de_passe: str) -> None:
        self.stdout.write(f"{donnees.etablissement.nom} : données de démonstration chargées.\n\n")
        lignes = [("Rôle", "Compte", "Mot de passe", "Personne")]
        lignes += [
            (personne.libelle, personne.identifiant, mot_de_passe, personne.nom_complet)
            for personne in donnees.comptes.annonces
        ]
        largeurs = [max(map(len, colonne)) for colonne in zip(*lignes, strict=True)]
        for ligne in lignes:
            cases = (case.ljust(largeur) for case, largeur in zip(ligne, largeurs, strict=True))
            self.stdout.write("  " + "   ".join(cases).rstrip())


def _effacer() -> str:
    """Sous SQLite, `flush` est refusé : la base garde ce qui est figé, un fichier s'efface."""
    if connection.vendor == "sqlite":
        return f"rm {connection.settings_dict['NAME']}"
    return "manage.py flush"
