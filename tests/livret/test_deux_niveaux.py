"""Un second niveau de détails compte ses feuilles : le parent n'en est pas un de plus."""

import datetime

from certification.dossier.resultats import dossier_lu
from livret.models import Eleve
from livret.progression.couverture import couverture
from livret.synthese.livrets import livrets
from referentiel.models import Referentiel, feuilles
from tests import factories
from tests.ecole_a_criteres import ecole_a_criteres


def test_la_couverture_compte_les_feuilles_partout(db):
    """C1.1 a deux détails, C1.2 aucun : trois feuilles, dont deux vues ; avoir noté C1.1 n'y change rien."""
    ecole = ecole_a_criteres()
    grille = ecole.diplome.grilles.get(version="1")
    ecole.classe.promotion.grille = grille
    ecole.classe.promotion.save()
    situation = factories.situation(ecole.classe, ecole.professeur, ["C1"])
    for code in ("C1.1", "C1.1.1", "C1.1.2"):
        factories.observation(situation, ecole.eleve, code, 2)

    (livret,) = livrets(Eleve.objects.select_related("promotion", "option"))
    ligne = next(une for une in livret.lignes if une.code == "C1")
    assert (ligne.detaillees_observees, ligne.detaillees_visees) == (2, 3)

    carte = couverture(ecole.classe, [ecole.eleve], datetime.date(2026, 4, 1))
    assert [une.detaillee.code for une in carte.lignes] == ["C1.1.1", "C1.1.2", "C1.2"]
    assert [(vues, toutes) for vues, _, toutes in carte.par_eleve] == [(2, 3)]

    commission = factories.commission(ecole.classe.promotion, "E1", grille=grille)
    arretee = dossier_lu(factories.dossier(commission, ecole.eleve)).grille.ligne("C1")
    assert (arretee.detaillees_observees, arretee.detaillees_visees) == (2, 3)
    detaillees = Referentiel.objects.get().competences.get(code="C1").detaillees.all()
    assert len(feuilles(detaillees, ecole.eleve.option_id)) == 3
