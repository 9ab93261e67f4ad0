"""Entreprises, tuteurs, PFMP et séjours : ce que les modèles refusent, et pourquoi."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from livret.models import (
    Absence,
    Entreprise,
    Pfmp,
    Sejour,
    Tuteur,
    Utilisateur,
)
from livret.personnes.identifiants import faute_siret
from tests import factories
from tests.monde import Monde
from tests.simultane import ensemble
from trpm.permissions import Action

SIRET = "11004301500012"
E = Pfmp.Etat


@pytest.mark.parametrize(
    ("siret", "debut_de_la_faute"),
    [
        (SIRET, ""),
        ("73282932000074", ""),
        ("35600000000048", ""),
        ("35600000009075", ""),
        ("35600000009076", "La clé du SIRET"),
        ("35600000000113", "La clé du SIRET"),
        ("99900010000019", "La clé du SIRET"),
        ("11004301500013", "La clé du SIRET"),
        ("11004301500021", "La clé du SIRET"),
        ("1100430150001", "« 1100430150001 » n’est pas un SIRET"),
        ("1100430150001A", "« 1100430150001A » n’est pas un SIRET"),
        ("١١٠٠٤٣٠١٥٠٠٠١٢", "« ١١٠٠٤٣٠١٥٠٠٠١٢ » n’est pas un SIRET"),
    ],
)
def test_cle_du_siret(siret: str, debut_de_la_faute: str) -> None:
    faute = faute_siret(siret)
    assert faute[: len(debut_de_la_faute)] == debut_de_la_faute
    assert bool(faute) == bool(debut_de_la_faute)


@pytest.fixture
def pfmp(monde: Monde) -> Pfmp:
    return factories.pfmp(factories.periode(monde.a.classe), monde.a.eleves[0], monde.a.enseignant)


@pytest.fixture
def tuteur(monde: Monde) -> Tuteur:
    return factories.tuteur(factories.entreprise(monde.a.etablissement))


def fautes(objet: object) -> str:
    with pytest.raises(ValidationError) as refus:
        objet.full_clean()  # type: ignore[attr-defined]
    return " ".join(refus.value.messages)


def test_un_siret_est_unique_dans_l_etablissement_s_il_est_la(monde: Monde) -> None:
    a, b = monde.a.etablissement, monde.b.etablissement
    factories.entreprise(a, siret=SIRET)
    factories.entreprise(b, siret=SIRET)
    factories.entreprise(a, "Sans numéro")
    factories.entreprise(a, "Sans numéro non plus")
    double = Entreprise(etablissement=a, nom="Double", siret=SIRET)
    assert fautes(double) == "Une entreprise de l’établissement porte déjà ce SIRET."
    for mauvais in (SIRET, "123"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entreprise.objects.create(etablissement=a, nom="Directe", siret=mauvais)


def test_la_recherche_trouve_par_chaque_mot_ou_par_le_siret(monde: Monde, tuteur: Tuteur) -> None:
    lieu = monde.a.etablissement
    autre = factories.entreprise(lieu, "Moules du Forez", siret=SIRET, ville="Thiers", secteur="Moulage")
    cherche = lieu.entreprises.cherche
    assert list(cherche("moulage thiers")) == [autre]
    assert list(cherche("110 043 015")) == [autre]
    assert list(cherche("TUTRICE essais")) == [tuteur.entreprise]
    assert list(cherche("introuvable")) == []
    assert cherche(" ").count() == 2


def test_un_telephone_illisible_s_explique(tuteur: Tuteur) -> None:
    tuteur.telephone = "voir l’accueil"
    assert "Ce numéro est illisible" in fautes(tuteur)


def test_les_dates_sont_ordonnees_et_dans_l_annee(monde: Monde, pfmp: Pfmp, tuteur: Tuteur) -> None:
    periode = pfmp.periode
    periode.debut = date(2025, 7, 1)
    assert fautes(periode) == "Cette date n’est pas dans l’année scolaire 2025-2026."
    with pytest.raises(ValidationError, match="La date de fin précède la date de début"):
        factories.sejour(pfmp, tuteur, "2026-01-09", "2026-01-05")
    with pytest.raises(ValidationError, match="n’est pas dans l’année scolaire 2025-2026"):
        factories.sejour(pfmp, tuteur, "2026-07-20", "2026-08-03")
    with pytest.raises(ValidationError, match="Du premier au dernier, il n’y a que 5 jours"):
        factories.sejour(pfmp, tuteur, "2026-01-05", "2026-01-09", jours=6)


def test_deux_sejours_d_un_eleve_ne_se_croisent_pas(monde: Monde, pfmp: Pfmp, tuteur: Tuteur) -> None:
    premier = factories.sejour(pfmp, tuteur, "2026-01-05", "2026-01-16")
    with pytest.raises(ValidationError) as refus:
        factories.sejour(pfmp, tuteur, "2026-01-16", "2026-01-30")
    assert refus.value.messages == [
        "Ces dates croisent un autre séjour de ALPHA-A1 Camille : "
        "Usinage des Essais (Essai-sur-Loire), du 5 janvier 2026 au 16 janvier 2026."
    ]
    factories.sejour(pfmp, tuteur, "2026-01-17", "2026-01-30")
    factories.sejour(factories.pfmp(pfmp.periode, monde.a.eleves[1]), tuteur)
    premier.fin = date(2026, 1, 15)
    premier.save()


def test_une_pfmp_annulee_libere_ses_dates_et_n_est_pas_reprise_sur_d_autres(
    pfmp: Pfmp, tuteur: Tuteur, monde: Monde
) -> None:
    factories.sejour(pfmp, tuteur)
    pfmp.passer(E.ANNULEE)
    autre = factories.pfmp(factories.periode(monde.a.classe, "PFMP bis"), pfmp.eleve)
    factories.sejour(autre, tuteur)
    with pytest.raises(ValidationError, match="Ces dates croisent un autre séjour"):
        pfmp.passer(E.OUVERTE)
    with pytest.raises(ValidationError, match="ne peut pas devenir"):
        pfmp.passer(E.CLOSE)
    assert Pfmp.objects.get(pk=pfmp.pk).etat == E.ANNULEE


def test_entreprise_et_tuteur_vont_ensemble_et_sont_d_ici(monde: Monde, pfmp: Pfmp, tuteur: Tuteur) -> None:
    ailleurs = factories.tuteur(factories.entreprise(monde.b.etablissement))
    with pytest.raises(ValidationError, match="n’est pas au carnet de l’établissement"):
        factories.sejour(pfmp, ailleurs)
    autre = factories.entreprise(monde.a.etablissement, "Autre")
    sejour = Sejour(pfmp=pfmp, entreprise=autre, tuteur=tuteur, debut=date(2026, 1, 5), fin=date(2026, 1, 9))
    assert fautes(sejour) == "Maryse Tutrice n’est pas de l’entreprise choisie."


def test_une_absence_tient_dans_un_sejour_et_se_compte_en_demi_journees(pfmp: Pfmp, tuteur: Tuteur) -> None:
    factories.sejour(pfmp, tuteur)
    absence = Absence(pfmp=pfmp, debut=date(2026, 1, 5), fin=date(2026, 1, 5), jours=Decimal("0.5"))
    absence.full_clean()
    absence.jours = Decimal("0.7")
    assert "Comptez par demi-journées" in fautes(absence)
    absence.jours = Decimal(2)
    assert fautes(absence) == "Du premier au dernier, il n’y a que 1 jour."
    absence.debut = absence.fin = date(2026, 2, 10)
    absence.jours = Decimal(1)
    assert fautes(absence) == "Aucun séjour de cette PFMP ne contient ces dates."


def test_une_pfmp_concerne_un_eleve_de_la_classe_une_fois(monde: Monde, pfmp: Pfmp) -> None:
    etranger = Pfmp(periode=pfmp.periode, eleve=monde.b.eleves[0])
    assert "n’est pas de la classe" in fautes(etranger)
    assert fautes(Pfmp(periode=pfmp.periode, eleve=pfmp.eleve)) == (
        "Cet élève a déjà sa PFMP dans cette période."
    )


def test_ce_qui_sert_ne_s_efface_pas(pfmp: Pfmp, tuteur: Tuteur) -> None:
    factories.sejour(pfmp, tuteur)
    for objet in (tuteur, tuteur.entreprise, pfmp, pfmp.periode, pfmp.eleve):
        with pytest.raises(ProtectedError):
            objet.delete()


def test_chacun_voit_les_siennes(monde: Monde, pfmp: Pfmp) -> None:
    autre = factories.pfmp(pfmp.periode, monde.a.eleves[1])

    def vues(user: Utilisateur) -> list[Pfmp]:
        return list(Pfmp.objects.for_user(user, Action.VOIR_LIVRET))

    assert vues(monde.a.enseignant) == vues(monde.a.administrateur) == [pfmp, autre]
    assert vues(monde.a.compte_eleve) == [pfmp]
    assert vues(monde.a.membre) == [pfmp, autre]  # les candidats de sa commission
    assert vues(monde.a.collegue) == vues(monde.b.enseignant) == vues(monde.b.membre) == []


@pytest.mark.django_db(transaction=True)
def test_deux_sejours_inscrits_au_meme_instant_ne_se_croisent_pas() -> None:
    lieu = factories.etablissement()
    classe = factories.classe(factories.promotion(lieu, factories.referentiel()), [])
    pfmp = factories.pfmp(factories.periode(classe), factories.eleve(classe))
    tuteur = factories.tuteur(factories.entreprise(lieu))
    resultats = ensemble(*[lambda: factories.sejour(pfmp, tuteur)] * 2)
    assert sorted(type(resultat).__name__ for resultat in resultats) == ["Sejour", "ValidationError"]
    assert Sejour.objects.count() == 1
