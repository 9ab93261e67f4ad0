"""Le lycée de démonstration : deux promotions suivies trois ans, PFMP, bilans, six commissions à décider.

Tout est inventé et s’écrit dans `fixtures/demo` ; ce paquet en fait les actes. Rien ne vient du hasard
ni de l’horloge : deux chargements donnent les mêmes données, aux mots de passe près.
"""

from django.db import transaction

from certification.demo.bilans import creer_bilans
from certification.demo.commissions import creer_commissions
from certification.demo.donnees.fichiers import Donnees
from certification.demo.ecole import creer_ecole
from certification.demo.pfmp import creer_pfmp
from certification.demo.portfolio import remplir_le_livret
from certification.demo.progressions import creer_progressions
from certification.demo.saisies import creer_situations
from certification.demo.traces import creer_traces
from certification.demo.tuteurs import creer_fiches_tuteurs
from livret.tuteur.models.lien import AccesTuteur
from referentiel.models import Referentiel


@transaction.atomic
def charger(donnees: Donnees, referentiel: Referentiel, mot_de_passe: str, session: int) -> AccesTuteur:
    """Écrit le lycée que disent les données ; rend l'accès du tuteur dont la fiche attend."""
    ecole = creer_ecole(donnees, referentiel, session, mot_de_passe)
    creer_situations(ecole)
    creer_pfmp(ecole)
    creer_progressions(ecole)
    creer_traces(ecole)
    creer_bilans(ecole)
    creer_commissions(ecole)
    remplir_le_livret(ecole)
    return creer_fiches_tuteurs(ecole)
