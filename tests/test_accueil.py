"""L'accueil : chacun y trouve ce qui l'attend, et n'y trouve plus ce qu'il a fait."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from certification.models import Lot, Tirage
from certification.seance.a_faire import RESTES
from livret.bilan import preparation
from livret.models import Bilan, FicheTuteur, Pfmp, Situation, Utilisateur
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.tuteur.scene import accueil as en_entreprise
from tests.monde import INTRUS, Ecole, Monde
from trpm.a_faire import AFaire, Urgence
from trpm.accueil.liste import accueil_de
from trpm.permissions import Role

URL = "/"
MARS = datetime.datetime(2026, 3, 16, 9, tzinfo=datetime.UTC)
JANVIER = datetime.datetime(2026, 1, 12, 9, tzinfo=datetime.UTC)


def lignes(user: Utilisateur, maintenant: datetime.datetime = MARS) -> list[AFaire]:
    """Relues sans rien garder des rôles."""
    return list(accueil_de(Utilisateur.objects.get(pk=user.pk), maintenant).lignes)


def dites(user: Utilisateur, maintenant: datetime.datetime = MARS) -> list[tuple[str, str]]:
    return [(ligne.texte, ligne.acte) for ligne in lignes(user, maintenant)]


def genres(user: Utilisateur, maintenant: datetime.datetime = MARS) -> set[str]:
    return {ligne.genre for ligne in lignes(user, maintenant)}


def vider(ecole: Ecole) -> None:
    """La situation de la scène n'attend plus rien : pleine et publiée."""
    Situation.objects.filter(pk=ecole.situation.pk).update(etat=Situation.Etat.PUBLIEE)


# --- L'équipe -----------------------------------------------------------------------------------


def test_une_situation_s_ouvre_se_note_se_publie_puis_disparait(monde: Monde) -> None:
    vider(monde.a)
    prof, (premier, second) = monde.a.enseignant, monde.a.eleves
    scene = factories.situation(
        monde.a.classe,
        prof,
        ["C1", "C2"],
        intitule="Bride",
        etat="brouillon",
        debut=MARS.date(),
        fin=MARS.date(),
    )
    assert dites(prof) == [("Bride", "Ouvrir")]
    scene.passer("ouverte", MARS)
    assert dites(prof) == [("Bride", "Noter")]
    assert lignes(prof)[0].precision == f"{monde.a.classe.nom} · rien n’est encore saisi"
    for eleve in (premier, second):
        factories.evaluation(scene, eleve, "C1", 2)
    factories.evaluation(scene, premier, "C2", mention="ABS")
    assert lignes(prof)[0].precision == f"{monde.a.classe.nom} · 1 niveau à saisir"
    assert lignes(prof)[0].adresse == reverse("livret:grille", args=[scene.pk])
    scene.passer("publiee", MARS)
    assert dites(prof) == [("Bride", "Compléter")]
    factories.evaluation(scene, second, "C2", 1)
    assert dites(prof) == []
    scene.passer("ouverte", MARS)
    assert dites(prof) == [("Bride", "Publier")]
    assert connecte(prof).get(lignes(prof)[0].adresse).status_code == 200


def test_un_brouillon_attend_son_jour(monde: Monde) -> None:
    vider(monde.a)
    plus_tard = MARS.date() + datetime.timedelta(days=1)
    factories.situation(
        monde.a.classe, monde.a.enseignant, ["C1"], etat="brouillon", debut=plus_tard, fin=plus_tard
    )
    assert dites(monde.a.enseignant) == []


def test_un_groupe_ou_un_eleve_vise_suffit_a_remplir_la_grille(monde: Monde) -> None:
    vider(monde.a)
    classe, prof, (premier, second) = monde.a.classe, monde.a.enseignant, monde.a.eleves
    cercle = factories.groupe(classe, [premier])
    du_groupe = factories.situation(classe, prof, ["C1"], intitule="Groupe", groupe=cercle)
    seul = factories.situation(classe, prof, ["C1"], intitule="Seul", eleve=second)
    assert {acte for _, acte in dites(prof)} == {"Noter"}
    factories.evaluation(du_groupe, premier, "C1", 2)
    factories.evaluation(seul, second, "C1", 2)
    assert sorted(dites(prof)) == [("Groupe", "Publier"), ("Seul", "Publier")]


def test_les_evaluations_a_la_volee_se_disent_ensemble(monde: Monde) -> None:
    vider(monde.a)
    for rang in range(3):
        factories.situation(
            monde.a.classe,
            monde.a.enseignant,
            ["C1"],
            intitule=f"À la volée, {rang + 9} mars 2026",
            eleve=monde.a.eleves[0],
        )
    assert [acte for _, acte in dites(monde.a.enseignant)] == ["Noter"] * 3
    for scene in Situation.objects.filter(eleve=monde.a.eleves[0]):
        factories.evaluation(scene, monde.a.eleves[0], "C1", 2)
    assert dites(monde.a.enseignant) == [("3 évaluations à la volée", "Publier")]
    assert lignes(monde.a.enseignant)[0].nombre == 3
    Situation.objects.filter(eleve=monde.a.eleves[0]).update(etat=Situation.Etat.PUBLIEE)
    assert dites(monde.a.enseignant) == []


def test_une_demande_s_evalue_en_deux_gestes_et_disparait(monde: Monde) -> None:
    vider(monde.a)
    demande = factories.demande(monde.a.eleves[0], monde.a.classe)
    factories.demande(monde.b.eleves[0], monde.b.classe)
    (ligne,) = lignes(monde.a.enseignant)
    assert (ligne.texte, ligne.acte) == (f"{monde.a.eleves[0]} demande une évaluation sur C3", "Évaluer")
    assert connecte(monde.a.enseignant).get(ligne.adresse).context["demande"] == demande
    demande.traiter(monde.a.enseignant, MARS, "Jeudi.")
    assert dites(monde.a.enseignant) == []


def test_au_dela_de_huit_demandes_le_reste_tient_en_une_ligne(monde: Monde) -> None:
    vider(monde.a)
    for rang in range(10):
        eleve = factories.eleve(monde.a.classe, f"ELEVE{rang:02}", "Sacha")
        factories.demande(eleve, monde.a.classe)
    siennes = [une for une in lignes(monde.a.enseignant) if une.genre == "Demandes d’élèves à traiter"]
    assert (len(siennes), siennes[-1].texte) == (9, "Et 2 autres demandes d’évaluation")
    assert sum(ligne.nombre for ligne in siennes) == 10


def test_une_fiche_de_tuteur_recue_se_valide_et_disparait(monde: Monde) -> None:
    vider(monde.a)
    stage = en_entreprise(monde.a)
    factories.visite(stage.pfmp, monde.a.enseignant)
    assert dites(monde.a.enseignant) == []
    FicheTuteur.objects.filter(pk=stage.fiche.pk).update(
        etat="envoyee", envoyee_le=MARS, signee_le=MARS.date(), signataire="M. T.", signature_mode="coche"
    )
    (ligne,) = lignes(monde.a.enseignant)
    assert (ligne.texte, ligne.acte) == (f"Fiche du tuteur de {monde.a.eleves[0]}", "Valider")
    assert ligne.adresse == reverse("livret:fiche-tuteur", args=stage.args)
    Pfmp.objects.update(referent=monde.a.administrateur)
    assert dites(monde.a.enseignant) == []


def test_le_referent_sait_qui_visiter(monde: Monde) -> None:
    vider(monde.a)

    def visites(jour: datetime.datetime) -> list[tuple[str, str]]:
        toutes = lignes(monde.a.enseignant, jour)
        return [(une.texte, une.acte) for une in toutes if une.genre == "Visites de PFMP à faire"]

    stage = en_entreprise(monde.a)
    assert visites(JANVIER) == [(str(monde.a.eleves[0]), "Prévoir une visite")]
    assert visites(MARS) == [(str(monde.a.eleves[0]), "Noter une visite")]
    prevue = factories.visite(stage.pfmp, monde.a.enseignant, date="2026-01-20")
    assert visites(JANVIER) == [(str(monde.a.eleves[0]), "Voir la PFMP")]
    assert visites(MARS) == []
    prevue.delete()
    Pfmp.objects.update(etat=Pfmp.Etat.CLOSE)
    assert visites(JANVIER) == []


def test_un_bilan_se_prepare_attend_les_mots_se_mene_se_valide(monde: Monde) -> None:
    vider(monde.a)
    prof, eleve = monde.a.enseignant, monde.a.eleves[0]
    bilan = factories.bilan(eleve, prof)
    assert dites(prof) == [("1 bilan à préparer", "Préparer")]
    bilan.appreciation = "Un bon semestre."
    preparation.passer(bilan, "prepare", prof, MARS)
    assert dites(prof) == [("1 bilan attend les mots de l’élève", "Voir")]
    assert lignes(prof)[0].urgence == Urgence.A_SUIVRE
    assert ("Votre bilan du semestre 6 attend vos mots", "Écrire") in dites(monde.a.compte_eleve)
    Bilan.objects.filter(pk=bilan.pk).update(mots="J’ai progressé.")
    assert dites(prof) == [("1 entretien de bilan à mener", "Ouvrir le premier")]
    assert "Bilans qui attendent vos mots" not in genres(monde.a.compte_eleve)
    Bilan.objects.filter(pk=bilan.pk).delete()
    factories.bilan(eleve, prof, "entretien")
    assert dites(prof) == [("1 bilan à valider", "Valider")]
    Bilan.objects.all().update(etat="brouillon", contenu="", empreinte="", niveaux_pris_le=None)
    Bilan.objects.all().delete()
    factories.bilan(eleve, prof, "valide")
    assert dites(prof) == []


def test_la_fin_du_semestre_rappelle_les_bilans_qui_manquent(monde: Monde) -> None:
    vider(monde.a)
    juin = datetime.datetime(2026, 6, 8, 9, tzinfo=datetime.UTC)
    assert dites(monde.a.enseignant, juin) == [("2 élèves sans bilan du semestre 6", "Préparer")]
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    assert dites(monde.a.enseignant, juin) == [("1 élève sans bilan du semestre 6", "Préparer")]
    factories.bilan(monde.a.eleves[1], monde.a.enseignant, "valide")
    assert dites(monde.a.enseignant, juin) == []


def test_le_retard_sur_l_echelle_est_celui_que_montre_la_classe(monde: Monde) -> None:
    """Le premier a C1 à 2 et C2 à 3, le second C1 à 1 et C2 absent."""
    vider(monde.a)
    prof = monde.a.enseignant
    factories.echelle_attendue(monde.a.promotion, prof, {"C1": {3: 3, 5: 2}, "C2": {6: 1}, "C3": {1: 0}})
    factories.echelle_attendue(monde.b.promotion, monde.b.enseignant, {"C1": {1: 3}})
    assert dites(prof) == [("1 élève en retard sur l’échelle", "Voir")]
    page = connecte(prof).get(lignes(prof)[0].adresse).content.decode()
    noms = [eleve.get_absolute_url() in page for eleve in monde.a.eleves]
    assert noms == [False, True]
    factories.evaluation(
        factories.situation(monde.a.classe, monde.a.collegue, ["C1"], etat="brouillon"),
        monde.a.eleves[1],
        "C1",
        3,
    )
    assert "Élèves en retard sur l’échelle" in genres(prof)
    factories.evaluation(
        factories.situation(monde.a.classe, monde.a.collegue, ["C1"]), monde.a.eleves[1], "C1", 2
    )
    assert dites(prof) == []


def test_ce_que_personne_n_a_evalue_se_dit_avant_la_fin_du_semestre(monde: Monde) -> None:
    vider(monde.a)
    prof = monde.a.enseignant
    factories.echelle_attendue(monde.a.promotion, prof, {"C1": {6: 1}, "C2": {6: 1}, "C3": {6: 1}})
    mai = datetime.datetime(2026, 5, 25, 9, tzinfo=datetime.UTC)
    assert dites(prof) == []
    assert ("Jamais évaluées\xa0: C2 (1 élève), C3", "Voir la couverture") in dites(prof, mai)
    scene = factories.situation(monde.a.classe, monde.a.collegue, ["C2", "C3"])
    factories.evaluation(scene, monde.a.eleves[1], "C2", 1)
    for eleve in monde.a.eleves:
        factories.evaluation(scene, eleve, "C3", 1)
    assert "Compétences jamais évaluées" not in genres(prof, mai)


def test_l_urgent_d_abord(monde: Monde) -> None:
    factories.demande(monde.a.eleves[0], monde.a.classe)
    factories.bilan(monde.a.eleves[0], monde.a.enseignant)
    assert [ligne.urgence for ligne in lignes(monde.a.enseignant)] == [
        Urgence.EN_RETARD,
        Urgence.BIENTOT,
        Urgence.A_FAIRE,
    ]


# --- La commission ------------------------------------------------------------------------------


def test_une_commission_se_decide_se_confirme_se_fige(monde: Monde) -> None:
    membre, president, dossier = monde.a.membre, monde.a.president, monde.a.dossiers[0]
    assert dites(membre) == dites(president) == [("2 dossiers sans note proposée", "Décider")]
    monde.a.dossiers[1].delete()
    for code, valeur in (("C1", 2), ("C2", 3)):
        factories.decision(dossier, code, membre, valeur)
    factories.note(dossier, 18)
    assert dites(membre) == []
    assert dites(president) == [("1 dossier à figer", "Figer")]
    evaluation = monde.a.situation.evaluations.get(eleve=dossier.eleve, competence__code="C1")
    evaluation.niveau = factories.niveau(monde.referentiel, 3)
    evaluation.save()
    assert dites(membre) == [("1 dossier à confirmer", "Confirmer")]


def test_une_commission_sans_candidat_le_dit_au_president(monde: Monde) -> None:
    for dossier in monde.a.dossiers:
        dossier.delete()
    assert dites(monde.a.president) == [("Aucun candidat inscrit", "Inscrire")]
    assert dites(monde.a.membre) == []


def test_qui_preside_ou_administre_voit_ce_qui_approche(monde: Monde) -> None:
    periode = factories.periode(monde.a.classe, debut="2026-04-06", fin="2026-04-30")
    factories.periode(monde.b.classe, f"PFMP {INTRUS}", debut="2026-04-06", fin="2026-04-30")
    attendues = {
        monde.a.president: [monde.a.commission.intitule],
        monde.a.administrateur: [
            f"{periode} de {monde.a.classe}",
            monde.a.commission.intitule,
            "Fin du semestre",
        ],
        monde.a.enseignant: [],
        monde.a.membre: [],
    }
    avril = datetime.datetime(2026, 4, 1, 9, tzinfo=datetime.UTC)
    monde.a.commission.__class__.objects.filter(pk=monde.a.commission.pk).update(date="2026-06-02")
    for compte, textes in attendues.items():
        assert [une.texte for une in accueil_de(compte, avril).echeances] == textes


# --- L'élève ------------------------------------------------------------------------------------


def test_l_eleve_lit_ce_qui_est_nouveau_puis_ne_le_relit_pas(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    assert "Nouveau</h2>" not in client.get(URL).content.decode()
    monde.a.situation.passer("publiee", datetime.datetime.now(tz=datetime.UTC))
    demande = factories.demande(monde.a.eleves[0], monde.a.classe)
    demande.traiter(monde.a.enseignant, datetime.datetime.now(tz=datetime.UTC), "Jeudi, au tour.")
    page = client.get(URL).content.decode()
    assert "Nouveau</h2>" in page
    assert monde.a.situation.intitule in page
    assert "Réponse à votre demande sur C3" in page
    assert "Jeudi, au tour." in client.get(reverse("nouveautes")).content.decode()
    assert "Rien de nouveau." in client.get(reverse("nouveautes")).content.decode()
    assert "Nouveau</h2>" not in client.get(URL).content.decode()


def test_une_situation_annoncee_pour_plus_tard_n_est_pas_encore_nouvelle(monde: Monde) -> None:
    demain = datetime.date.today() + datetime.timedelta(days=1)
    monde.a.situation.passer("publiee", datetime.datetime.now(tz=datetime.UTC), demain)
    assert monde.a.situation.intitule not in connecte(monde.a.compte_eleve).get(URL).content.decode()


def test_l_eleve_sait_ce_qu_il_lui_reste_a_prouver(monde: Monde) -> None:
    vider(monde.a)
    ligne = next(une for une in lignes(monde.a.compte_eleve) if une.genre == "Compétences à prouver")
    page = connecte(monde.a.compte_eleve).get(ligne.adresse)
    codes = [une.ligne.code for _, lignes in page.context["blocs"] for une, _ in lignes]
    assert ligne.precision == ", ".join(codes)
    assert ligne.nombre == len(codes)


# --- Chacun -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [un for un in Role if un != Role.RESPONSABLE])
def test_rien_ne_filtre_de_l_autre_etablissement(monde: Monde, role: Role) -> None:
    for ecole in (monde.a, monde.b):
        factories.demande(ecole.eleves[0], ecole.classe)
        factories.bilan(ecole.eleves[0], ecole.enseignant)
        en_entreprise(ecole)
    page = connecte(monde.a.comptes[role]).get(URL, follow=True).content.decode()
    assert INTRUS not in page


def test_l_inspecteur_va_droit_a_ce_qu_il_inspecte(monde: Monde) -> None:
    assert connecte(monde.a.inspecteur).get(URL).url == reverse("certification:inspection")


def test_qui_cumule_les_roles_a_tout(monde: Monde) -> None:
    cumul = factories.utilisateur(Role.ENSEIGNANT, Role.MEMBRE, etablissement=monde.a.etablissement)
    page = connecte(cumul).get(URL).content.decode()
    assert "Vos classes" in page
    assert f'href="{reverse("certification:commissions")}"' in page
    assert "Votre livret" not in page


@pytest.mark.parametrize(
    ("compte", "acte", "nom"),
    [
        ("collegue", "", ""),
        ("administrateur", "Tenir l’établissement", "livret:administration"),
    ],
)
def test_vide_l_accueil_dit_quoi_faire(monde: Monde, compte: str, acte: str, nom: str) -> None:
    page = connecte(getattr(monde.a, compte)).get(URL).content.decode()
    assert 'class="vide"' in page
    assert not acte or f'href="{reverse(nom)}">{acte}</a>' in page


def test_l_enseignant_a_jour_prepare_la_suite(monde: Monde) -> None:
    vider(monde.a)
    page = connecte(monde.a.enseignant).get(URL).content.decode()
    creer = reverse("livret:situation-create", args=[monde.a.classe.pk])
    assert f'href="{creer}">Créer une situation en {monde.a.classe.nom}</a>' in page


def test_l_enseignant_hors_de_toute_equipe_apprend_qui_peut_l_y_mettre(monde: Monde) -> None:
    page = connecte(monde.a.collegue).get(URL).content.decode()
    assert "Vous n’êtes dans l’équipe d’aucune classe." in page
    assert monde.a.classe.nom not in page


def test_un_compte_sans_role_sait_a_qui_s_adresser(monde: Monde) -> None:
    reponse = connecte(factories.utilisateur()).get(URL)
    assert reponse.status_code == 200
    assert "Votre compte n’a pas encore de rôle." in reponse.content.decode()


def test_seules_les_classes_de_l_annee_sont_a_l_accueil(monde: Monde) -> None:
    ancienne = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="1re", nom="Première passée")
    client = connecte(monde.a.enseignant)
    assert ancienne.nom not in client.get(URL).content.decode()
    assert ancienne.nom in client.get(reverse("livret:classes")).content.decode()


def test_l_en_tete_compte_ce_qui_attend(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert '<span class="compteur">1</span>' in client.get(URL).content.decode()
    reponse = client.get(reverse("compteurs"))
    assert '<span class="compteur">1</span>' in reponse.content.decode()
    assert reponse["Cache-Control"] == "private, max-age=60"
    vider(monde.a)
    assert "compteur" not in client.get(reverse("compteurs")).content.decode()


REQUETES = {"administrateur": 8, "enseignant": 15, "compte_eleve": 22, "membre": 7, "president": 8}
SI_TOUT_A_CHANGE = {**REQUETES, "membre": 12, "president": 13}


@pytest.mark.parametrize("compte", REQUETES)
def test_requetes(monde: Monde, compte: str) -> None:
    """Le nombre ne dépend que des rôles : ni des classes, ni des élèves, ni de ce qui attend."""
    ecole = monde.a
    factories.echelle_attendue(ecole.promotion, ecole.enseignant, {"C1": {1: 3}, "C3": {1: 1}})
    factories.bilan(ecole.eleves[0], ecole.enseignant, "prepare")
    client = connecte(getattr(ecole, compte))
    client.get(URL)
    assert requetes(lambda: client.get(URL)) == REQUETES[compte]
    RESTES.vider()
    assert requetes(lambda: client.get(URL)) == SI_TOUT_A_CHANGE[compte]
    en_entreprise(ecole)
    for rang in range(3):
        classe = factories.classe(ecole.promotion, [ecole.enseignant])
        eleve = factories.eleve(classe, f"NOUVEAU{rang}", "Sacha")
        factories.situation(classe, ecole.enseignant, ["C1"])
        factories.demande(eleve, classe)
        factories.demande(ecole.eleves[0], ecole.classe, f"C{rang + 1}")
        factories.dossier(ecole.commission, eleve)
    assert requetes(lambda: client.get(URL)) == SI_TOUT_A_CHANGE[compte]
    assert requetes(lambda: client.get(URL)) == REQUETES[compte]


def test_des_documents_prets_se_telechargent_et_disparaissent(monde: Monde) -> None:
    admin = monde.a.administrateur
    lot = Lot.objects.create(commission=monde.a.commission, genre="grilles", demande_par=admin)
    tirage = lot.tirages.create(rang=1, piece="grille", dossier=monde.a.dossiers[0], nom="A.pdf")
    assert dites(admin) == []
    tirage.etat, tirage.empreinte = Tirage.Etat.FAIT, "0" * 64
    tirage.fichier.save("a.pdf", ContentFile(b"%PDF-1.7 essai"))
    assert [acte for _, acte in dites(admin)] == ["Télécharger"]
    assert dites(monde.b.administrateur) == []
    assert connecte(monde.a.president).get(reverse("certification:lot-zip", args=[lot.pk])).status_code == 200
    assert [acte for _, acte in dites(admin)] == ["Télécharger"]
    assert connecte(admin).get(reverse("certification:lot-zip", args=[lot.pk])).status_code == 200
    assert dites(admin) == []
