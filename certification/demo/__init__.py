"""Le lycée de démonstration : deux promotions suivies trois ans, PFMP, bilans, six commissions à décider.

Tout est inventé et s’écrit dans `fixtures/demo` ; ce paquet en fait les actes. Rien ne vient du hasard
ni de l’horloge : deux chargements donnent les mêmes données, aux mots de passe près.
"""

from dataclasses import dataclass

from django.db import transaction

from certification.demo.bilans import creer_bilans
from certification.demo.commissions import creer_commissions, ouvrir_au_jury
from certification.demo.donnees.fichiers import Donnees
from certification.demo.ecole import creer_ecole
from certification.demo.pfmp import creer_pfmp
from certification.demo.portfolio import remplir_le_livret
from certification.demo.progressions import creer_progressions
from certification.demo.saisies import creer_situations
from certification.demo.traces import creer_traces
from certification.demo.tuteurs import creer_fiches_tuteurs
from certification.jury.models import LienDuJury
from livret.tuteur.models.lien import AccesTuteur
from referentiel.models import Referentiel


@dataclass(frozen=True)
class AccesSansCompte:
    """Ce qui s'ouvre par une adresse seule : la fiche qui attend son tuteur, et ce que lit le jury."""

    tuteur: AccesTuteur
    jury: LienDuJury


@transaction.atomic
def charger(donnees: Donnees, referentiel: Referentiel, mot_de_passe: str, session: int) -> AccesSansCompte:
    """Écrit le lycée que disent les données ; rend les accès qui n'ont pas de compte."""
    ecole = creer_ecole(donnees, referentiel, session, mot_de_passe)
    creer_situations(ecole)
    creer_pfmp(ecole)
    creer_progressions(ecole)
    creer_traces(ecole)
    creer_bilans(ecole)
    creer_commissions(ecole)
    remplir_le_livret(ecole)
    return AccesSansCompte(creer_fiches_tuteurs(ecole), ouvrir_au_jury(ecole))
