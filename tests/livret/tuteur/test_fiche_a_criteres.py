"""La fiche du tuteur demande les critères, quand la grille de la promotion en positionne."""

import datetime

from django.utils import timezone

from livret.models import Eleve, Evaluation, FicheTuteur, Observation
from livret.tuteur.envoi import ContenuFiche, Page, Signature
from livret.tuteur.forms import FicheForm
from livret.tuteur.validation import valider
from tests import factories
from tests.ecole_a_criteres import ecole_a_criteres


def test_le_tuteur_repond_par_critere_et_la_situation_les_porte(db):
    ecole = ecole_a_criteres()
    pfmp = factories.pfmp(factories.periode(ecole.classe), ecole.eleve, ecole.professeur)
    pfmp.competences.set(ecole.diplome.competences.filter(code__in=["C1", "C3"]))
    tuteur = factories.tuteur(factories.entreprise(ecole.lycee), "Maryse Tutrice")
    factories.sejour(pfmp, tuteur)
    fiche = factories.fiche_tuteur(pfmp, tuteur)
    form = FicheForm(fiche=fiche)
    assert [(une.critere.code, une.critere.intitule) for une in form.questions] == [
        ("K1", "Critère 1"),
        ("K2", "Critère 2"),
        ("K6", "Critère 6 de A"),
        ("K7", "Critère 7"),
    ]
    niveaux = {
        niveau.code: niveau.pk for niveau in pfmp.periode.classe.promotion.grille.echelle.niveaux.all()
    }
    dits = dict(zip((une.critere for une in form.questions), ("4", "3", "2", None), strict=True))
    avis = {(un.competence_id, un.pk): niveaux.get(code or "") for un, code in dits.items()}
    maintenant = timezone.now()
    signee = fiche.envoyer(
        ContenuFiche("Contrôle de pièces.", "", frozenset(), avis),
        Signature("Maryse Tutrice", "coche", datetime.date(2026, 1, 30)),
        Page("page", 0),
        {"canal": "lien"},
        maintenant,
    )
    assert signee.contenu().avis == avis
    assert [une.choisie.code for une in FicheForm(fiche=signee).questions] == ["4", "3", "2", "NE"]

    valider(signee, ecole.professeur, "certificative", publier=True, revision=signee.revision, le=maintenant)
    assert {un.detaillee.code: str(un) for un in Observation.objects.all()} == {
        "K1": "4",
        "K2": "3",
        "K6": "2",
        "K7": "NE",
    }
    assert {une.competence.code: str(une) for une in Evaluation.objects.all()} == {"C1": "3", "C3": "2"}


def test_l_option_est_celle_du_diplome_de_la_periode(db):
    """Qui a changé de diplôme depuis garde, dans la fiche de sa période, les critères de l'option d'alors."""
    ecole = ecole_a_criteres()
    pfmp = factories.pfmp(factories.periode(ecole.classe), ecole.eleve, ecole.professeur)
    pfmp.competences.set(ecole.diplome.competences.filter(code="C3"))
    tuteur = factories.tuteur(factories.entreprise(ecole.lycee), "Maryse Tutrice")
    factories.sejour(pfmp, tuteur)
    fiche = factories.fiche_tuteur(pfmp, tuteur)
    d_alors = [(un.code, un.intitule) for un in fiche.criteres()]
    assert ("K6", "Critère 6 de A") in d_alors
    autre = factories.promotion(ecole.lycee, factories.referentiel("AUTRE"))
    Eleve.objects.filter(pk=ecole.eleve.pk).update(
        promotion=autre, option=autre.option, statut=autre.referentiel.statuts.first()
    )
    fiche = FicheTuteur.objects.get(pk=fiche.pk)
    assert [(un.code, un.intitule) for un in fiche.criteres()] == d_alors
