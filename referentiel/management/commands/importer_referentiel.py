from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from referentiel.fichier.changements import ChangementPrevu, Changements
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import (
    EtatChange,
    ImportRefuse,
    importer,
    previsualiser,
)
from referentiel.fichier.lecture import Document, lire
from referentiel.imports import ImportReferentiel, Provenance
from referentiel.models import Referentiel
from trpm.textes import pluriel


class Command(BaseCommand):
    help = "Importe un référentiel : dit ses fautes, ou ce qu’il change, puis l’applique en une fois."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", help="Fichier JSON, au format de docs/format-referentiel.md.")
        parser.add_argument("--simuler", action="store_true", help="Montre les changements sans rien écrire.")
        parser.add_argument(
            "--si-absent", action="store_true", help="Laisse tel quel un référentiel de même version déjà là."
        )

    def handle(self, *, fichier: str, simuler: bool, si_absent: bool, **options: Any) -> None:
        try:
            document = lire(fichier)
            if si_absent and self._present(document):
                return
            provenance = Provenance(
                ImportReferentiel.Origine.COMMANDE, ecrire(document.brut), Path(fichier).name
            )
            changements = previsualiser(document) if simuler else importer(document, provenance=provenance)
        except OSError as erreur:
            raise CommandError(f"Le fichier {fichier} ne se lit pas : {erreur.strerror}.") from None
        except FichierInvalide as erreur:
            combien = len(erreur.fautes)
            self.stderr.write(f"{combien} faute{pluriel(combien)} dans {fichier}, rien n’a été écrit :")
            raise CommandError("\n".join(map(str, erreur.fautes))) from None
        except ImportRefuse as erreur:
            self._montrer(erreur.changements)
            raise CommandError("Import refusé, rien n’a été écrit.") from None
        except EtatChange:
            raise CommandError(
                "La base a changé pendant l’import, rien n’a été écrit. Recommencez."
            ) from None
        self._montrer(changements)
        if simuler and changements.refus:
            raise CommandError("Cet import serait refusé.")
        if changements:
            self.stdout.write("Simulation : rien n’a été écrit." if simuler else "Import appliqué.")

    def _present(self, document: Document) -> bool:
        deja = Referentiel.objects.filter(code=document.code, version=document.version).exists()
        if deja:
            self.stdout.write(
                f"Référentiel {document.code} {document.version} déjà là : ce qui y a été complété reste."
            )
        return deja

    def _montrer(self, changements: Changements) -> None:
        self.stdout.write(f"Référentiel {changements.code} {changements.version}")
        if not changements:
            self.stdout.write("Aucun changement : la base contient déjà ce référentiel.")
        for genre, lignes in changements.ajouts_par_genre:
            self.stdout.write(f"+ {genre} : {len(lignes)}")
        for ligne in changements.modifications:
            self.stdout.write(
                f"~ {ligne.nom}, {ligne.champ} : {ligne.avant!r} → {ligne.apres!r}{suite(ligne)}"
            )
        if changements.deplacements:
            self.stdout.write(f"~ changements de rang : {len(changements.deplacements)}")
        for ligne in changements.retraits:
            self.stdout.write(f"- {ligne.nom}{suite(ligne)}")
        for ligne in changements.refus:
            self.stdout.write(f"! {ligne.nom} : {ligne.refus}")


def suite(ligne: ChangementPrevu) -> str:
    return f" [touche {ligne.touche}]" if ligne.touche else ""
