"""« D'où vient cette note ? » : la page et l'annexe imprimée."""

from io import BytesIO

from pypdf import PdfReader

from certification.dossier.figement import figer, rouvrir
from certification.dossier.forms import NOTE, OBSERVATIONS, DecisionAConfirmerForm
from livret.models import Eleve
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    arreter,
    decider,
    lu,
    statuts,
)
from tests.litanie import requetes


def simple(texte: str) -> str:
    """Toute espace, insécable comprise, devient une espace ordinaire."""
    return " ".join(texte.split())


def test_qui_la_voit(monde, camille):
    assert statuts(monde, adresse("origine", camille.pk)) == COMMISSION
    assert statuts(monde, adresse("origine-pdf", camille.pk)) == COMMISSION


def test_chaque_acte_le_calcul_et_l_effet_d_un_niveau(monde, president, camille):
    decider(monde, camille)
    reponse = president.get(adresse("origine", camille.pk))
    page = simple(reponse.content.decode())
    for attendu in (
        "<strong>2</strong>, Étude de gamme A (13 mars 2026, centre de formation, ",
        "15 tombe juste : rien à arrondir, la note calculée est 15,0 / 20.",
        "Note brute : 20 × 9 / (3 × 4) = 15 = 15,00 / 20",
        "Poids, échelle et arrondi sont des réglages de cette version de grille",
    ):
        assert attendu in page
    origine = reponse.context["origine"]
    assert [
        (a.ligne.code, s.moins and str(s.moins.calculee), s.plus and str(s.plus.calculee))
        for a in origine.apports
        if (s := a.sensibilite)
    ] == [("C1", "10.0", "20.0"), ("C2", "13.5", None)]
    assert [simple(acte.quoi) for acte in origine.actes] == [
        f"{monde.a.membre.nom_complet} : membre de la commission, enseignant du domaine professionnel",
        "Candidat inscrit devant la commission",
        "C1 : niveau 2 arrêté",
        "C2 : niveau 3 arrêté",
        "Note proposée : 15,0 / 20",
    ]


def test_une_decision_retiree_reste_dans_les_actes(monde, president, camille):
    factories.decision(camille, "C1", monde.a.membre)
    camille.desarreter("C1")
    actes = president.get(adresse("origine", camille.pk)).context["origine"].actes
    assert [simple(acte.quoi) for acte in actes][2:] == [
        "C1 : non démontrée, motif : Jamais évaluée.",
        "C1 : décision retirée",
    ]


def test_une_confirmation_se_dit_confirmation(monde, president, camille):
    """La même décision, au vu d'autre chose, n'est pas arrêtée une seconde fois ; un autre motif, si."""
    for code, niveau in (("C1", "2"), ("C2", "")):
        arreter(camille, code, niveau, "Vu en atelier.", monde.a.membre)
    camille.refresh_from_db()
    factories.note(camille, "16.5", "Progrès constants.")
    camille.refresh_from_db()
    factories.observations(camille, "Sérieux.")
    de_mai = factories.situation(monde.a.classe, monde.a.enseignant, intitule="Réglage de mai")
    for code in ("C1", "C2"):
        factories.evaluation(de_mai, camille.eleve, code, 3)

    def confirmer(*quoi: str) -> None:
        for une in quoi:
            jeton = DecisionAConfirmerForm(lu(camille), une).jeton()
            assert president.post(adresse("confirmer", camille.pk, une), {"lu": jeton}).status_code == 302

    confirmer("C1", "C2")
    arreter(camille, "C1", "3", "Vu en mai.", monde.a.president)
    confirmer(NOTE, OBSERVATIONS)
    camille.refresh_from_db()
    camille.proposer(camille.note_proposee, "Progrès de mai.", lu(camille).grille.vu_note())
    actes = president.get(adresse("origine", camille.pk)).context["origine"].actes
    assert [simple(acte.quoi) for acte in actes][2:] == [
        "C1 : niveau 2 arrêté, motif : Vu en atelier.",
        "C2 : non démontrée, motif : Vu en atelier.",
        "Note proposée : 16,5 / 20, motif de l’écart : Progrès constants.",
        "Observations : Sérieux.",
        "C1 : niveau 2 confirmé, motif : Vu en atelier.",
        "C2 : non démontrée, confirmée, motif : Vu en atelier.",
        "C1 : niveau 3 arrêté, motif : Vu en mai.",
        "Note proposée, confirmée : 16,5 / 20, motif de l’écart : Progrès constants.",
        "Observations confirmées : Sérieux.",
        "Note proposée : 16,5 / 20, motif de l’écart : Progrès de mai.",
    ]
    assert {acte.qui for acte in actes if "confirmé" in acte.quoi} == {monde.a.president.nom_complet}


def test_incomplete_elle_n_a_que_deux_notes_provisoires(president, dominique):
    reponse = president.get(adresse("origine", dominique.pk))
    assert {apport.sensibilite for apport in reponse.context["origine"].apports} == {None}
    assert "Incomplète : aucun niveau pour C2. Pas de note calculée." in simple(reponse.content.decode())


def test_un_ponctuel_n_a_pas_de_note(monde, president, camille):
    statut = monde.referentiel.statuts.get(code="hors-contrat")
    Eleve.objects.filter(pk=camille.eleve_id).update(statut=statut)
    page = simple(president.get(adresse("origine", camille.pk)).content.decode())
    assert "Aucune note n’est calculée : épreuve ponctuelle (pratique, 4 h)." in page


def test_fige_elle_se_lit_dans_l_instantane(monde, president, camille):
    decider(monde, camille)
    figer(camille, monde.a.president)
    monde.a.situation.retenir(False, "Après coup.")
    page = simple(president.get(adresse("origine", camille.pk)).content.decode())
    assert "<strong>2</strong>, Étude de gamme A" in page
    assert "Après coup" not in page


def test_l_annexe_dit_la_meme_chose(monde, president, camille):
    decider(monde, camille)
    lecteur = PdfReader(BytesIO(president.get(adresse("origine-pdf", camille.pk)).content))
    texte = simple(" ".join(page.extract_text() for page in lecteur.pages))
    for attendu in ("D’où vient cette note", "ALPHA-A1 Camille", "tombe juste", "niveau 2 arrêté"):
        assert attendu in texte
    assert len(lecteur.pages) == 2


def test_les_actes_disent_tout_du_figement_a_la_reouverture(monde, president, camille):
    """Observations, membres, présences, figement, réouverture avec son motif, nouveau figement."""
    membre = monde.a.commission.membres.get()
    decider(monde, camille)
    factories.observations(camille, "Sérieux.")
    membre.present = True
    membre.save()
    membre.save()
    expert = factories.membre(monde.a.commission, None, "professionnel", "M. Expert")
    premiere = figer(camille, monde.a.president)
    expert.delete()
    rouvrir(camille, "Une preuve manquait.", monde.a.president)
    camille.refresh_from_db()
    factories.observations(camille, "")
    seconde = figer(camille, monde.a.president)
    actes = president.get(adresse("origine", camille.pk)).context["origine"].actes
    nom = monde.a.membre.nom_complet
    assert [simple(acte.quoi) for acte in actes] == [
        f"{nom} : membre de la commission, enseignant du domaine professionnel",
        "Candidat inscrit devant la commission",
        "C1 : niveau 2 arrêté",
        "C2 : niveau 3 arrêté",
        "Note proposée : 15,0 / 20",
        "Observations : Sérieux.",
        f"{nom} : présence notée",
        "M. Expert : membre de la commission, représentant du monde professionnel",
        f"Dossier figé, version 1, empreinte {premiere.empreinte[:16]}",
        "M. Expert : retiré de la commission",
        "Version 1 rouverte, motif : Une preuve manquait.",
        "Observations effacées",
        f"Dossier figé, version 2, empreinte {seconde.empreinte[:16]}",
    ]
    assert {acte.qui for acte in actes if "figé" in acte.quoi} == {monde.a.president.nom_complet}


def test_l_annexe_d_un_dossier_fige_porte_son_sceau(monde, president, camille):
    decider(monde, camille)
    version = figer(camille, monde.a.president)
    lecteur = PdfReader(BytesIO(president.get(adresse("origine-pdf", camille.pk)).content))
    texte = simple(" ".join(page.extract_text() for page in lecteur.pages))
    assert f"empreinte {version.empreinte[:16]}" in texte


def test_requetes(monde, president, camille):
    url = adresse("origine", camille.pk)
    decider(monde, camille)
    assert requetes(lambda: president.get(url)) == 28
    factories.evaluation(
        factories.situation(monde.a.classe, monde.a.enseignant, ["C1"]), camille.eleve, "C1", 1
    )
    assert requetes(lambda: president.get(url)) == 28
