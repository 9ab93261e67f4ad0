"""Le lycée de démonstration : deux promotions suivies trois ans, six commissions prêtes à décider.

Tout est inventé. Rien ne vient du hasard ni de l'horloge : deux chargements donnent les mêmes
données, aux mots de passe près.
"""

from django.db import transaction

from certification.demo.commissions import creer_commissions
from certification.demo.ecole import creer_ecole
from certification.demo.saisies import creer_situations
from referentiel.models import Referentiel

SESSION = 2026


@transaction.atomic
def charger(referentiel: Referentiel, mot_de_passe: str, session: int = SESSION) -> None:
    ecole = creer_ecole(referentiel, session, mot_de_passe)
    creer_situations(ecole)
    creer_commissions(ecole)
