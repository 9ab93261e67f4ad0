"""Une grille à critères, de la situation à l'archive : chaque sortie montre les deux couches."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from certification.document import classeurs, tirage
from certification.document.origine import origine
from certification.dossier.figement import figer
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.resultats import DossierLu, dossier_lu
from certification.models import Decision, Dossier
from livret.saisie.enregistrement import enregistrer
from livret.saisie.forms.grille import case_lue
from livret.saisie.jugement import Geste
from referentiel.models import Critere, Grille
from tests import factories
from tests.certification.document.test_classeurs import avec_tableur, notes, pareilles, recalculer, valeurs
from tests.certification.dossier.sorties import dites, texte
from tests.ecole_a_criteres import EcoleACriteres, ecole_a_criteres
from tests.litanie import connecte, requetes
from trpm.permissions import Role


@pytest.fixture
def ecole(db: None) -> EcoleACriteres:
    return ecole_a_criteres()


def noter(ecole: EcoleACriteres, situation, **niveaux: str) -> None:
    gestes = [Geste(case_lue(ecole.case(code)), niveau) for code, niveau in niveaux.items()]
    assert enregistrer(situation, gestes, ecole.professeur).complet


def dossier_de(ecole: EcoleACriteres, epreuve: str = "E1") -> tuple[Dossier, Client]:
    president = factories.utilisateur(Role.PRESIDENT, Role.MEMBRE, etablissement=ecole.lycee)
    commission = factories.commission(ecole.classe.promotion, epreuve, [president])
    return factories.dossier(commission, ecole.eleve), connecte(president)


def lu(dossier: Dossier) -> DossierLu:
    return dossier_lu(Dossier.objects.get(pk=dossier.pk))


def poster(client: Client, nom: str, *args: object, **champs: str):
    return client.post(reverse(f"certification:{nom}", args=args), champs)


def arreter(client: Client, dossier: Dossier, code: str, niveau: str, motif: str = ""):
    jeton = lu(dossier).grille.ligne(code).jeton
    return poster(client, "decision", dossier.pk, code, niveau=niveau, motif=motif, lu=jeton)


def proposer(client: Client, dossier: Dossier, note: str, bonus: str = "0"):
    jeton = lu(dossier).grille.jeton_note
    return poster(
        client, "proposition", dossier.pk, note_proposee=note, bonus=bonus, motif_ecart="", lu=jeton
    )


def refaite(contenu: str) -> Decimal:
    """La note d'un instantané, refaite depuis ses seules lignes, sans le code qui l'a calculée."""
    brut = json.loads(contenu)
    maximum = max(degre["valeur"] for degre in brut["regle"]["echelle"]["degres"])
    haut = bas = Fraction(0)
    for ligne in brut["lignes"]:
        pesees = []
        for critere in ligne["criteres"]:
            meilleur = max((p["valeur"] for p in critere["preuves"] if p["retenue"]), default=None)
            niveau = 0 if critere["non_demontree"] else critere["niveau_arrete"]
            pesees.append((Fraction(critere["poids"]), meilleur if niveau is None else niveau))
        comptent = [(poids, niveau) for poids, niveau in pesees if poids]
        haut += Fraction(ligne["poids"]) * sum(p * n for p, n in comptent) / sum(p for p, _ in comptent)
        bas += Fraction(ligne["poids"])
    brute = min(Fraction(20), 20 * haut / (maximum * bas) + Fraction(brut["note"]["bonus"]))
    return Decimal(ceil(brute * 2)) / 2


def test_le_parcours_de_la_situation_a_l_archive(ecole):
    """Deux situations : le meilleur niveau de chaque critère ; 0,4 × 3 + 0,6 × 2 partout, donc 16."""
    noter(ecole, ecole.situation(intitule="Atelier"), K1="4", K2="1", K3="2", K4="3")
    noter(ecole, ecole.situation(intitule="Entreprise", lieu="entreprise"), K1="2", K2="3", K3="4", K4="NE")
    dossier, client = dossier_de(ecole)
    grille = lu(dossier).grille
    assert [(une.code, une.propose) for une in grille.positions] == [
        ("K1", 3),
        ("K2", 2),
        ("K3", 3),
        ("K4", 2),
    ]
    assert (grille.brute, grille.calculee, grille.etat) == (Decimal("16.00"), Decimal("16.0"), "complet")
    assert grille.positions[1].meilleure.situation == "Entreprise"

    page = client.get(dossier.get_absolute_url()).content.decode()
    dite = texte(page)
    assert "C1 Compétence 1 Poids 1 · 33,33 % de l’épreuve Niveau d’après ses critères :" in dite
    assert "2,4 sur 3" in dite
    assert "K5 Critère 5 : non évalué, la grille le déclare." in dite

    assert arreter(client, dossier, "C1", "3").status_code == 404
    assert arreter(client, dossier, "K4", "4").status_code == 422
    assert arreter(client, dossier, "K4", "3").status_code == 302
    acceptation = lu(dossier).grille.jeton_propositions
    assert poster(client, "acceptation", dossier.pk, lu=acceptation).status_code == 302
    assert {un.critere.code: un.niveau.code for un in Decision.objects.all()} == {
        "K1": "4",
        "K2": "3",
        "K3": "4",
        "K4": "3",
    }
    assert proposer(client, dossier, "16").status_code == 302
    version = figer(dossier, dossier.commission.membres.first().utilisateur)
    assert refaite(version.contenu) == Decimal("16.0")

    fige = lu(dossier)
    assert GrilleEpreuve.depuis_json(version.contenu).vers_json() == version.contenu
    assert set(dites(fige, client).values()) == {"16"}
    for genre in ("grilles", "dossiers", "syntheses", "bilans"):
        dit = texte(tirage.html(fige, genre))
        assert "K1 Critère 1" in dit, genre
        assert "K4 Critère 4" in dit, genre
    grille_imprimee = texte(tirage.html(fige, "grilles"))
    assert "Niveau d’après ses critères : 2,4 sur 3" in grille_imprimee
    assert "Note brute = 20 × 7,2 / (3 × 3) = 16,00 / 20" in grille_imprimee
    assert tirage.html(fige, "grilles").count("non évalué par la grille") == 1


def test_un_critere_jamais_vu_laisse_l_epreuve_incomplete(ecole):
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4")
    dossier, client = dossier_de(ecole)
    grille = lu(dossier).grille
    assert (grille.manquantes, grille.note.calculee) == (("K4",), None)
    assert (grille.note.sur_evaluees.calculee, grille.note.avec_zero.calculee) == (
        Decimal("19.0"),
        Decimal("11.0"),
    )
    dite = texte(client.get(dossier.get_absolute_url()).content.decode())
    assert "Provisoire, sur les seuls critères évalués 19,0 / 20" in dite
    assert "Provisoire, non évalués comptés 0 11,0 / 20" in dite
    assert "Niveau incomplet : un critère attendu n’a pas de niveau." in dite
    assert [une for une in grille.conseils if "critères" in une] == [
        "C2\xa0: 40,00\xa0% de ses critères, en poids, sont évalués dans les situations retenues "
        "(repère de la grille\xa0: 50\xa0%)."
    ]
    for code in ("K1", "K2", "K3"):
        degre = grille.degre(grille.ligne(code).propose)
        assert arreter(client, dossier, code, degre.code).status_code == 302
    assert arreter(client, dossier, "K4", "ND", "Jamais vu.").status_code == 302
    assert lu(dossier).grille.calculee == Decimal("11.0")
    assert [une.ligne.code for une in origine(lu(dossier)).apports] == [
        "C1",
        "K1",
        "K2",
        "C2",
        "K3",
        "K4",
        "K5",
    ]


def test_une_preuve_de_plus_rend_la_decision_a_confirmer(ecole):
    noter(ecole, ecole.situation(), K1="3", K2="3", K3="4", K4="3")
    dossier, client = dossier_de(ecole)
    assert arreter(client, dossier, "K1", "3").status_code == 302
    noter(ecole, ecole.situation(intitule="Rattrapage"), K1="4")
    (phrase,) = lu(dossier).grille.a_confirmer
    assert phrase.replace("\xa0", " ").startswith("Niveau de K1 à confirmer : K1 était à 3, il est à 4")
    assert lu(dossier).grille.ligne("K1").valeur == 3


def test_une_grille_repesee_garde_les_preuves_du_meme_critere(ecole):
    """Même compétence, même code, mêmes mots : une version de plus ne perd rien ; d'autres mots, si."""
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4", K4="3")
    ancienne = ecole.classe.promotion.grille
    nouvelle = Grille.objects.create(
        referentiel=ecole.diplome,
        version="3",
        intitule="Repesée",
        echelle=ancienne.echelle,
        positionne="criteres",
    )
    for poids in ancienne.poids.all():
        nouvelle.poids.create(epreuve=poids.epreuve, competence=poids.competence, valeur=poids.valeur)
    for critere in ancienne.criteres.model._base_manager.filter(grille=ancienne):
        mots = "Tout autre chose" if critere.code == "K2" else critere.intitule
        critere.pk, critere.grille, critere.intitule, critere.poids = None, nouvelle, mots, 1
        critere.save()
    commission = factories.commission(ecole.classe.promotion, "E1", grille=nouvelle)
    grille = lu(factories.dossier(commission, ecole.eleve)).grille
    assert [(une.code, une.propose) for une in grille.positions] == [
        ("K1", 3), ("K2", None), ("K3", 3), ("K4", 2), ("K5", None),
    ]  # fmt: skip


def test_les_requetes_ne_dependent_pas_des_criteres(ecole):
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4", K4="3")
    dossier, _ = dossier_de(ecole)
    une = requetes(lambda: dossier_lu(dossier))
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4", K4="3")
    assert requetes(lambda: dossier_lu(dossier)) == une


def test_la_base_refuse_deux_decisions_pour_un_critere(ecole):
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4", K4="3")
    dossier, client = dossier_de(ecole)
    arreter(client, dossier, "K1", "4")
    decision = Decision.objects.get()
    decision.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        decision.save(force_insert=True)


@avec_tableur
def test_le_classeur_refait_les_deux_couches(ecole, tmp_path):
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4", K4="3")
    dossier, client = dossier_de(ecole)
    octets = classeurs.commission([lu(dossier)])
    montrees, refaites = valeurs(octets), recalculer(octets, tmp_path)
    assert pareilles(montrees, refaites)
    (feuille,) = [cellules for titre, cellules in refaites.items() if titre != "Récapitulatif"]
    exacts = [feuille[f"E{rang}"] for rang in (11, 12, 13, 14, 15, 16, 17)]
    assert exacts == [pytest.approx(2.4), 3, 2, pytest.approx(2.4), 3, 2, "non évalué"]
    assert [feuille[f"H{rang}"] for rang in (12, 13, 15, 16, 17)] == [2, 3, 4, 6, 0]
    assert notes(feuille)["Note calculée"] == 16


@avec_tableur
def test_le_classeur_incomplet_donne_les_deux_provisoires(ecole, tmp_path):
    noter(ecole, ecole.situation(), K1="4", K2="3", K3="4")
    dossier, client = dossier_de(ecole)
    octets = classeurs.grille(lu(dossier))
    refaites = recalculer(octets, tmp_path)
    assert pareilles(valeurs(octets), refaites)
    (feuille,) = refaites.values()
    provisoires = [
        feuille[f"E{cle[1:]}"] for cle, dit in feuille.items() if str(dit).startswith("Provisoire")
    ]
    assert (notes(feuille)["Note calculée"], provisoires) == ("incomplète", [19, 11])


def test_une_competence_et_un_critere_de_meme_code_ont_chacun_leur_ancre(db):
    ecole = ecole_a_criteres()
    Critere.objects.filter(code="K1").update(code="C1")
    dossier, president = dossier_de(ecole)
    reperes = re.findall(r'\sid="([^"]+)"', president.get(dossier.get_absolute_url()).content.decode())
    assert {"C1", "competence-C1"} <= set(reperes)
    assert len(reperes) == len(set(reperes))
