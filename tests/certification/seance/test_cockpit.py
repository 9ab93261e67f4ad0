"""Avancement des dossiers : ce qui manque, à qui c'est, et le lien qui y mène."""

import datetime

from certification.models import Membre
from livret.models import Appartenance, Eleve
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import requetes
from trpm.permissions import Role


def url(monde) -> str:
    return adresse("cockpit", monde.a.etablissement.pk, monde.a.promotion.session)


def cellules(client, monde) -> dict:
    tableau = client.get(url(monde)).context["cockpit"]
    codes = [colonne.code for colonne in tableau.colonnes]
    return {
        (rangee.eleve.prenom, code): cellule
        for rangee in tableau.rangees
        for code, sienne in zip(codes, rangee.cellules, strict=True)
        for cellule in sienne
    }


def lus(cellule) -> list[tuple[str, str]]:
    return [(geste.reste.texte, geste.reste.a_qui) for geste in cellule.gestes]


def test_qui_le_voit(monde):
    assert statuts(monde, url(monde)) == COMMISSION


def test_un_trou_dit_ce_qui_manque_et_a_qui_c_est(monde, president):
    vus = cellules(president, monde)
    assert (vus["Dominique", "EP1"].lu.etat, lus(vus["Dominique", "EP1"])) == (
        "à compléter",
        [
            ("C2 : absent dans « Étude de gamme A ».", monde.a.enseignant.nom_complet),
            ("À arrêter : C1.", "la commission"),
        ],
    )
    assert (vus["Camille", "EP1"].lu.etat, lus(vus["Camille", "EP1"])) == (
        "complet",
        [("À arrêter : C1, C2.", "la commission")],
    )


def test_sans_situation_retenue_on_le_dit(monde, president, dominique):
    monde.a.situation.retenir(False, "Essai.")
    assert lus(cellules(president, monde)["Dominique", "EP1"]) == [
        ("C1 : aucune situation retenue ne l’évalue.", "l’équipe pédagogique"),
        ("C2 : aucune situation retenue ne l’évalue.", "l’équipe pédagogique"),
    ]


def test_une_case_vide_et_un_groupe_qui_ne_le_vise_pas(monde, president):
    nouveau = factories.eleve(monde.a.classe, "ALPHA-A3", "Ewen")
    factories.dossier(monde.a.commission, nouveau)
    groupe = factories.groupe(monde.a.classe, monde.a.eleves, "Groupe 1")
    factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], intitule="Pour les autres", groupe=groupe)
    assert [texte for texte, _ in lus(cellules(president, monde)["Ewen", "EP1"])] == [
        "C1 : sans niveau dans « Étude de gamme A ».",
        "C2 : sans niveau dans « Étude de gamme A ».",
    ]


def test_une_situation_qui_ne_vise_qu_un_autre_eleve(monde, president):
    nouveau = factories.eleve(monde.a.classe, "ALPHA-A3", "Ewen")
    factories.dossier(monde.a.commission, nouveau)
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], intitule="PFMP")
    attendu = "C1\xa0: sans niveau dans «\xa0PFMP\xa0»."
    for seul, demande in ((monde.a.eleves[0], False), (nouveau, True)):
        type(scene).objects.filter(pk=scene.pk).update(eleve=seul)
        gestes = [texte for texte, _ in lus(cellules(president, monde)["Ewen", "EP1"])]
        assert (attendu in gestes) == demande


def test_le_lien_mene_a_la_case_si_l_on_y_a_droit(monde, president, membre, dominique):
    c2 = monde.referentiel.competences.get(code="C2").pk
    case = f"{adresse_grille(monde)}#c{c2}-{dominique.eleve_id}"
    dossier = f"{dominique.get_absolute_url()}#C2"
    assert cellules(membre, monde)["Dominique", "EP1"].gestes[0].adresse == dossier
    Appartenance.objects.create(
        utilisateur=monde.a.membre, etablissement=monde.a.etablissement, role=Role.ENSEIGNANT
    )
    monde.a.classe.equipe.add(monde.a.membre)
    assert cellules(membre, monde)["Dominique", "EP1"].gestes[0].adresse == case
    assert f'id="c{c2}-{dominique.eleve_id}"' in membre.get(case).content.decode()


def adresse_grille(monde) -> str:
    return f"/situations/{monde.a.situation.pk}/grille/"


def test_a_arbitrer_decide_puis_fige(monde, president, camille):
    decider(monde, camille, note="14")
    assert lus(cellules(president, monde)["Camille", "EP1"]) == [
        ("Écart entre note proposée et note calculée à motiver.", "la commission")
    ]
    decider_note(camille, "15")
    assert cellules(president, monde)["Camille", "EP1"].lu.etat == "décidé"
    figer(monde, camille)
    vu = cellules(president, monde)["Camille", "EP1"]
    assert (vu.lu.etat, vu.gestes, vu.conseils) == ("figé", (), ())
    tableau = president.get(url(monde)).context["cockpit"]
    assert tableau.colonnes[0].comptes == (("à compléter", 1), ("figé", 1))


def decider_note(dossier, note: str) -> None:
    factories.note(dossier, note)


def test_un_ponctuel_nomme_l_epreuve_qui_remplace(monde, president, camille):
    statut = monde.referentiel.statuts.get(code="hors-contrat")
    Eleve.objects.filter(pk=camille.eleve_id).update(statut=statut)
    page = " ".join(president.get(url(monde)).content.decode().split())
    assert "remplacée par une épreuve ponctuelle (pratique, 4 h)" in page
    assert cellules(president, monde)["Camille", "EP1"].gestes == ()


def test_les_conseils_sont_des_conseils(monde, president):
    monde.a.commission.date = datetime.date(2025, 12, 1)
    monde.a.commission.save()
    tableau = president.get(url(monde)).context["cockpit"]
    ((intitule, conseils),) = tableau.conseils
    assert (intitule, len(conseils)) == (monde.a.commission.intitule, 2)
    assert cellules(president, monde)["Camille", "EP1"].conseils[0] == (
        "Une seule situation retenue en centre de formation : deux à trois sont attendues pour l’épreuve."
    )


def test_un_membre_ne_voit_que_ses_commissions(monde, membre, president):
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.dossier(autre, monde.a.eleves[0])
    codes = {
        nom: [colonne.code for colonne in client.get(url(monde)).context["cockpit"].colonnes]
        for nom, client in {"membre": membre, "président": president}.items()
    }
    assert codes == {"membre": ["EP1"], "président": ["EP1", "EP2"]}
    Membre.objects.filter(utilisateur=monde.a.membre).delete()
    assert membre.get(url(monde)).status_code == 404


def test_une_session_sans_dossier_n_existe_pas(monde, president):
    assert president.get(adresse("cockpit", monde.a.etablissement.pk, 2031)).status_code == 404


def test_on_peut_ne_voir_que_ce_qui_attend(monde, president):
    ((_, rangees),) = president.get(url(monde) + "?voir=suspens").context["tableaux"]
    assert [rangee.eleve.prenom for rangee in rangees] == ["Dominique"]


def test_il_dit_la_note_calculee_et_la_proposee(monde, president, camille):
    factories.decision(camille, "C1", monde.a.membre, 2)
    case = " ".join(president.get(url(monde)).content.decode().split()).replace("\xa0", " ")
    assert "calculée 15,0 / 20" in case
    decider_note(camille, "14")
    case = " ".join(president.get(url(monde)).content.decode().split()).replace("\xa0", " ")
    assert '<strong>14,0 / 20</strong> <span class="poids">calculée 15,0 / 20</span>' in case


def test_il_se_trie_par_nom_et_par_epreuve(monde, president, camille, dominique):
    decider(monde, dominique, note="7", C1=1)

    def ordre(tri: str) -> list[str]:
        ((_, rangees),) = president.get(url(monde), {"tri": tri}).context["tableaux"]
        return [rangee.eleve.prenom for rangee in rangees]

    assert [ordre("nom"), ordre("-nom"), ordre("rien")] == [
        ["Camille", "Dominique"],
        ["Dominique", "Camille"],
        ["Camille", "Dominique"],
    ]
    cle = f"e{camille.commission.epreuve_id}"
    assert [ordre(cle), ordre(f"-{cle}")] == [["Dominique", "Camille"], ["Camille", "Dominique"]]
    page = president.get(url(monde), {"tri": cle}).content.decode()
    assert page.count('aria-sort="ascending"') == 1


def test_complet_il_se_lit_d_un_coup_d_oeil(monde, president, camille, dominique):
    def dit() -> str:
        page = president.get(url(monde)).content.decode()
        return " ".join(page.split('class="avancement">')[1].split("</p>")[0].split()).replace("\xa0", " ")

    assert dit().endswith(f"On attend : la commission (2), {monde.a.enseignant.nom_complet} (1).")
    decider(monde, camille)
    monde.a.situation.retenir(True, "Essai.")
    factories.evaluation(
        factories.situation(monde.a.classe, monde.a.enseignant, ["C2"]), dominique.eleve, "C2", 1
    )
    decider(monde, dominique, note=str(lu(dominique).grille.calculee), C1=1, C2=1)
    assert dit().endswith("Tout est décidé : il reste à figer.")
    for dossier in (camille, dominique):
        figer(monde, dossier)
    assert dit().startswith("<strong>2 dossiers figés sur 2</strong>")
    assert dit().endswith("Tout est figé.")


def test_requetes(monde, president):
    monde.a.dossiers[0].delete()
    assert [requetes(lambda: president.get(url(monde))) for _ in range(2)] == [30, 7]
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
        factories.evaluation(monde.a.situation, eleve, "C1", 2)
    assert lu(monde.a.dossiers[1]).etat == "à compléter"
    assert [requetes(lambda: president.get(url(monde))) for _ in range(2)] == [30, 7]
