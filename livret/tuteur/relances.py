"""Où en est chaque fiche d'une période, faite ou à faire."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.tuteur.models.fiche import FicheTuteur
from livret.tuteur.models.lien import LienTuteur

SEMAINE = datetime.timedelta(days=7)


@dataclass(frozen=True)
class FicheARelancer:
    """Un élève chez un tuteur, et ce que l'on attend de sa fiche."""

    fiche: FicheTuteur
    dernier: LienTuteur | None
    obstacle: str
    fin: datetime.date

    def due(self, jour: datetime.date) -> bool:
        """Le séjour finit dans la semaine ou est fini, et aucun lien n'est parti depuis une semaine."""
        if self.obstacle or jour < self.fin - SEMAINE:
            return False
        return self.dernier is None or timezone.localtime(self.dernier.cree_le).date() <= jour - SEMAINE

    @property
    def cochee(self) -> bool:
        return self.due(timezone.localdate())

    @property
    def cle(self) -> str:
        return f"{self.fiche.pfmp_id}-{self.fiche.tuteur_id}"


def fiches_a_relancer(periode: Periode) -> list[FicheARelancer]:
    """Les fiches d'une période, faites ou à faire, en un nombre fixe de requêtes."""
    pfmps = (
        Pfmp.objects.filter(periode=periode)
        .exclude(etat=Pfmp.Etat.ANNULEE)
        .select_related("eleve__etablissement", "periode__classe__promotion__referentiel")
        .prefetch_related(
            "sejours__tuteur__entreprise",
            "competences",
            "fiches_tuteur__liens",
            "fiches_tuteur__tuteur__entreprise",
        )
    )
    attentes = []
    for pfmp in pfmps:
        fiches = {fiche.tuteur_id: fiche for fiche in pfmp.fiches_tuteur.all()}
        sejours = [sejour for sejour in pfmp.sejours.all() if sejour.tuteur]
        tuteurs = {sejour.tuteur.pk: sejour.tuteur for sejour in sejours if sejour.tuteur}
        fins = {sejour.tuteur_id: sejour.fin for sejour in sorted(sejours, key=lambda un: un.fin)}
        for pk, tuteur in tuteurs.items():
            fiche = fiches.get(pk) or FicheTuteur(pfmp=pfmp, tuteur=tuteur)
            liens = list(fiche.liens.all()) if fiche.pk else []
            dernier = liens[0] if liens else None
            attentes.append(FicheARelancer(fiche, dernier, _empechement(fiche, pfmp), fins[pk]))
    return attentes


def _empechement(fiche: FicheTuteur, pfmp: Pfmp) -> str:
    if not fiche.remplissable:
        return fiche.get_etat_display()
    if not pfmp.modifiable:
        return f"période {pfmp.get_etat_display()}"
    return "" if pfmp.competences.all() else "aucune compétence visée : remplissez l’annexe"
