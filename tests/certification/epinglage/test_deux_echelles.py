"""Une grille d'une autre échelle s'ajoute à un diplôme qui sert : les preuves gardent la leur (Q47, Q54)."""

import copy
import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.dossier.resultats import dossier_lu
from certification.epinglage.apercu import apercu
from certification.epinglage.passage import mettre_en_service, revenir
from certification.models import Commission, MiseEnService
from livret.models import Evaluation, Promotion
from livret.synthese.livrets import livrets
from referentiel.echelle import Degre
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Grille, Niveau, Referentiel
from tests import factories
from tests.litanie import connecte, requetes
from trpm.permissions import Role

NIVEAUX = (("1", 0, "vide"), ("2", 1, "quart"), ("3", 2, "trois_quarts"), ("4", 3, "plein"))
LETTRES = (("C", 0, "vide"), ("B", 1, "demi"), ("A", 2, "plein"))


def echelle(code: str, niveaux: Any) -> dict[str, Any]:
    return {
        "code": code,
        "intitule": f"Échelle {code}",
        "niveaux": [
            {"code": un, "valeur": valeur, "libelle": f"Niveau {un}", "symbole": symbole}
            for un, valeur, symbole in niveaux
        ],
    }


def grille(version: str, echelle: str, competences: dict[str, Any], **champs: Any) -> dict[str, Any]:
    return {
        "version": version,
        "intitule": "Grille",
        "echelle": echelle,
        "arrondi": "demi_superieur",
        "poids": [{"epreuve": "E1", "competences": competences}],
    } | champs


UNE: dict[str, Any] = {
    "format": 1,
    "code": "ECHEL",
    "version": "1",
    "intitule": "Diplôme de deux compétences",
    "options": [{"code": "USI", "intitule": "option"}],
    "voies": [{"code": "V1", "intitule": "Scolaires"}],
    "statuts": [{"code": "scolaire", "intitule": "Scolaire", "voie": "V1", "lsl": True}],
    "epreuves": [
        {"code": "E1", "intitule": "Épreuve", "modalites": [{"voie": "V1", "ccf": True, "forme": "CCF"}]},
        {"code": "E2", "intitule": "Autre"},
    ],
    "competences": [{"code": "C1", "intitule": "Lire"}, {"code": "C2", "intitule": "Écrire"}],
    "echelles": [echelle("quatre", NIVEAUX)],
    "grilles": [grille("1", "quatre", {"C1": 1, "C2": 2})],
}
LUE = [{"echelle": "quatre", "niveaux": {"1": "C", "2": "C", "3": "B", "4": "A"}}]


def avec(*grilles: dict[str, Any], lettres: bool = True) -> dict[str, Any]:
    document = copy.deepcopy(UNE)
    document["grilles"] += grilles
    document["echelles"] += [echelle("lettres", LETTRES)] if lettres else []
    return document


MUETTE = avec(grille("2", "lettres", {"C1": 1, "C2": 2}))
LISANTE = avec(grille("2", "lettres", {"C1": 1, "C2": 2}, correspondances=LUE))
SANS_C2 = avec(grille("2", "quatre", {"C1": 1}), lettres=False)


def charger(document: dict[str, Any]) -> None:
    importer(lire_texte(json.dumps(document)))


class Lycee:
    """Une classe, un élève au plus haut dans les deux compétences, une commission qui n'a rien décidé."""

    def __init__(self) -> None:
        charger(UNE)
        self.diplome = Referentiel.objects.get(code="ECHEL")
        self.lieu = factories.etablissement()
        self.admin = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=self.lieu)
        self.prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=self.lieu)
        self.president = factories.utilisateur(Role.PRESIDENT, Role.MEMBRE, etablissement=self.lieu)
        self.promotion = factories.promotion(self.lieu, self.diplome)
        self.classe = factories.classe(self.promotion, [self.prof])
        self.eleve = factories.eleve(self.classe, "HAUT", "Alix")
        self.situation = factories.situation(self.classe, self.prof, ["C1", "C2"], etat="publiee")
        self.evaluer(self.eleve, "4")
        self.commission = factories.commission(self.promotion, "E1", [self.president])
        self.dossier = factories.dossier(self.commission, self.eleve)

    def evaluer(self, eleve: Any, code: str) -> None:
        niveau = Niveau.objects.get(echelle__referentiel=self.diplome, code=code)
        for competence in self.diplome.competences.all():
            Evaluation.objects.create(
                situation=self.situation, eleve=eleve, competence=competence, niveau=niveau, auteur=self.prof
            )

    @property
    def adresse(self) -> str:
        return reverse("certification:mise-en-service", args=[self.promotion.pk])

    def seconde(self) -> Grille:
        return self.diplome.grilles.get(version="2")

    def servir(self) -> Any:
        montre = apercu(Promotion.objects.get(), self.seconde()).empreinte
        envoi = {"vers": self.seconde().pk, "apercu": montre}
        return connecte(self.admin).post(self.adresse, envoi, follow=True)

    def quatre(self) -> Degre:
        return Degre("4", 3, "Niveau 4", "plein", 3)

    def faire(self, acte: str) -> None:
        promotion, maintenant = Promotion.objects.get(pk=self.promotion.pk), timezone.now()
        vivantes = MiseEnService.objects.filter(annulee_le__isnull=True)
        if acte == "importer":
            charger(LISANTE)
        elif acte == "servir" and promotion.grille.version == "1":
            montre = apercu(promotion, self.seconde()).empreinte
            mettre_en_service(promotion, self.seconde(), self.admin, maintenant, montre)
        elif acte == "revenir" and (passage := vivantes.first()):
            revenir(passage, self.admin, maintenant)
        elif acte == "evaluer":
            self.situation = factories.situation(self.classe, self.prof, ["C1", "C2"], etat="publiee")
            self.evaluer(self.eleve, "4" if promotion.grille.version == "1" else "B")

    def niveaux(self) -> list[tuple[str, str, str]]:
        """Par compétence : son niveau qui compte, ce qui est montré sans compter, son épreuve."""
        self.eleve.refresh_from_db()
        (livret,) = livrets([self.eleve])
        return [
            (
                ligne.code + " " + (ligne.degre.code if ligne.degre else "–"),
                ", ".join(une.preuve.origine for une in ligne.ecartees),
                ligne.epreuve,
            )
            for ligne in livret.lignes
        ]

    def pages(self) -> dict[str, str]:
        """Ce que montrent les pages où un niveau se lit ; toutes répondent."""
        adresses = {
            reverse("livret:eleve", args=[self.eleve.pk]): self.prof,
            reverse("livret:classe", args=[self.classe.pk]): self.prof,
            reverse("livret:couverture", args=[self.classe.pk]): self.prof,
            reverse("livret:echelle", args=[self.promotion.pk]): self.prof,
            reverse("livret:grille", args=[self.situation.pk]): self.prof,
            reverse("certification:lsl", args=[self.classe.pk]): self.prof,
            reverse("certification:dossier", args=[self.dossier.pk]): self.president,
            reverse(
                "certification:harmonisation", args=[self.lieu.pk, self.promotion.session]
            ): self.president,
        }
        lues = {adresse: connecte(qui).get(adresse) for adresse, qui in adresses.items()}
        assert {une.status_code for une in lues.values()} == {200}, {
            a: u.status_code for a, u in lues.items()
        }
        return {adresse: une.content.decode().replace("&nbsp;", "\xa0") for adresse, une in lues.items()}


@pytest.fixture
def lycee(db: None) -> Lycee:
    return Lycee()


DEDANS = [("C1 4", "", "E1"), ("C2 4", "", "E1")]
DEHORS = "4 Niveau 4 (Échelle quatre)"


def test_importer_une_grille_ne_change_rien_de_ce_qui_tourne(lycee: Lycee) -> None:
    note = dossier_lu(lycee.dossier).grille.calculee
    avant = lycee.pages()
    charger(MUETTE)
    assert lycee.niveaux() == DEDANS
    assert dossier_lu(lycee.dossier).grille.calculee == note == 20
    apres = lycee.pages()
    assert list(avant) == list(apres)
    assert all("Échelle lettres" not in page and "Niveau A" not in page for page in apres.values())
    nouvelle = {"etablissement": lycee.lieu.pk, "session": lycee.promotion.session, "date": "2026-06-03"}
    nouvelle |= {"epreuve": lycee.diplome.epreuves.get(code="E1").pk, "intitule": "Autre"}
    nouvelle |= {"membres-TOTAL_FORMS": "0", "membres-INITIAL_FORMS": "0"}
    connecte(lycee.president).post(reverse("certification:commission-create"), nouvelle)
    assert Commission.objects.get(intitule="Autre").grille.version == "1"


def test_sans_correspondance_la_preuve_se_montre_et_ne_compte_pas(lycee: Lycee) -> None:
    charger(MUETTE)
    apercu = connecte(lycee.admin).get(lycee.adresse, {"vers": lycee.seconde().pk}).context["apercu"]
    assert (len(apercu.touches), apercu.perdus, apercu.correspondances) == (1, 2, ())
    (compare,) = apercu.eleves
    assert [(un.code, un.avant.code, un.apres, un.perdu) for un in compare.niveaux] == [
        ("C1", "4", None, DEHORS),
        ("C2", "4", None, DEHORS),
    ]
    assert [(une.epreuve, une.avant, une.apres) for une in compare.notes] == [("E1", 20, None)]
    assert lycee.niveaux() == DEDANS, "Un aperçu n’écrit rien."

    assert "est passée à la grille Grille (2)" in lycee.servir().content.decode()
    lycee.commission.refresh_from_db()
    assert lycee.commission.grille.version == "2"
    assert lycee.niveaux() == [("C1 –", DEHORS, "E1"), ("C2 –", DEHORS, "E1")]
    lu = dossier_lu(type(lycee.dossier).objects.get(pk=lycee.dossier.pk)).grille
    assert ([preuve.origine for preuve in lu.lignes[0].hors_echelle], lu.calculee) == ([DEHORS], None)
    pages = list(lycee.pages().values())
    assert [DEHORS in pages[rang] for rang in (1, 5, 6)] == [True] * 3
    assert "Échelle quatre : la grille ne lit pas cette échelle, ce niveau ne compte pas" in pages[0]
    assert "4 (Échelle quatre)" in pages[4]


def test_une_correspondance_declaree_se_montre_avant_et_se_nomme_apres(lycee: Lycee) -> None:
    charger(LISANTE)
    page = connecte(lycee.admin).get(lycee.adresse, {"vers": lycee.seconde().pk})
    phrase = (
        "Niveaux de l’échelle «\xa0Échelle quatre\xa0» lus d’après la correspondance de la grille "
        "«\xa0Grille, version 2\xa0»\xa0: 1 → C, 2 → C, 3 → B, 4 → A."
    )
    assert page.context["apercu"].correspondances == (phrase,)
    lycee.servir()
    assert lycee.niveaux() == [("C1 A", "", "E1"), ("C2 A", "", "E1")]
    lu = dossier_lu(type(lycee.dossier).objects.get(pk=lycee.dossier.pk)).grille
    assert (lu.calculee, lu.correspondances) == (20, (phrase,))
    pages = list(lycee.pages().values())
    assert all(phrase in page for page in (pages[0], pages[1], pages[5], pages[6]))
    assert f"donné {DEHORS}" in pages[0]


def test_le_retour_en_un_clic_rend_tout(lycee: Lycee) -> None:
    charger(MUETTE)
    lycee.servir()
    page = connecte(lycee.admin).post(lycee.adresse + "revenir/", follow=True).content.decode()
    assert "est revenue à la grille Grille (1)" in page
    lycee.commission.refresh_from_db()
    assert (lycee.niveaux(), lycee.commission.grille.version) == (DEDANS, "1")
    refus = connecte(lycee.admin).post(lycee.adresse + "revenir/", follow=True).content.decode()
    assert "Aucune mise en service à défaire." in refus
    assert MiseEnService.objects.filter(annulee_par=lycee.admin).count() == 1


def test_un_apercu_perime_ne_s_applique_pas(lycee: Lycee) -> None:
    charger(MUETTE)
    montre = apercu(Promotion.objects.get(), lycee.seconde()).empreinte
    lycee.evaluer(factories.eleve(lycee.classe, "VENUE", "Lou"), "2")
    for perime in (montre, ""):
        envoi = {"vers": lycee.seconde().pk, "apercu": perime}
        page = connecte(lycee.admin).post(lycee.adresse, envoi, follow=True)
        assert "a changé depuis l’aperçu" in page.text
        assert page.context["apercu"].vers == lycee.seconde(), "l’aperçu à jour revient"
    assert Promotion.objects.get().grille.version == "1"


def test_ce_qui_est_decide_ou_fige_garde_sa_grille_a_l_octet(lycee: Lycee) -> None:
    for code in ("C1", "C2"):
        factories.decision(lycee.dossier, code, lycee.president, 3)
    factories.note(lycee.dossier, 20)
    fige = dossier_lu(lycee.dossier)
    assert fige.figeable, fige.grille.obstacles()
    version = lycee.dossier.figer(fige.grille.vers_json(), lycee.president, timezone.now())
    charger(LISANTE)
    lycee.servir()
    lycee.commission.refresh_from_db()
    contenu = version.contenu
    version.refresh_from_db()
    assert (version.contenu, lycee.commission.grille.version) == (contenu, "1")
    assert dossier_lu(lycee.dossier).grille.calculee == 20


def test_une_competence_absente_de_la_nouvelle_grille_reste_dans_le_livret(lycee: Lycee) -> None:
    charger(SANS_C2)
    lycee.servir()
    assert lycee.niveaux() == [("C1 4", "", "E1"), ("C2 4", "", "")]
    pages = list(lycee.pages().values())
    assert all("Compétences qu’aucune épreuve de la grille n’évalue" in page for page in pages[:2])
    assert "Écrire" in pages[3]


def test_l_administrateur_d_un_autre_etablissement_ne_change_pas_un_referentiel_partage(
    lycee: Lycee,
) -> None:
    ailleurs = factories.etablissement("Autre lycée")
    autre = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=ailleurs)

    def deposer(compte: Any) -> Any:
        fichier = SimpleUploadedFile("diplome.json", json.dumps(MUETTE).encode())
        client = connecte(compte)
        apercu = client.post(reverse("referentiel:importer"), {"fichier": fichier})
        jeton = apercu.context["form"].initial["jeton"]
        return apercu, client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton})

    apercu, confirmation = deposer(autre)
    assert "Un autre établissement se sert de ECHEL 1" in apercu.content.decode()
    assert (confirmation.status_code, Grille.objects.count()) == (200, 1)
    factories.promotion(ailleurs, lycee.diplome)
    apercu, _ = deposer(lycee.admin)
    assert "Plusieurs établissements se servent de ECHEL 1" in apercu.content.decode()
    assert Grille.objects.count() == 1
    lycee.admin.user_permissions.add(Permission.objects.get(codename="gerer_referentiel_partage"))
    _, confirmation = deposer(type(lycee.admin).objects.get(pk=lycee.admin.pk))
    assert (confirmation.status_code, Grille.objects.count()) == (302, 2)


def test_le_nombre_de_requetes_de_l_apercu_ne_depend_pas_des_eleves(lycee: Lycee) -> None:
    charger(LISANTE)
    client = connecte(lycee.admin)

    def apercu() -> Any:
        return client.get(lycee.adresse, {"vers": lycee.seconde().pk})

    assert requetes(apercu) == 63
    for nom in ("BAS", "MOYEN"):
        eleve = factories.eleve(lycee.classe, nom)
        lycee.evaluer(eleve, "2")
        factories.dossier(lycee.commission, eleve)
    assert requetes(apercu) == 63


def test_le_tableau_dit_le_nombre_que_prend_le_calcul(lycee: Lycee) -> None:
    """Codes 1 à 4 valués 0 à 3 : « 4 » se compte 3, et la page le dit à côté du produit."""
    adresse = reverse("certification:origine", args=[lycee.dossier.pk])
    assert "compté 3" in connecte(lycee.president).get(adresse).content.decode()


ACTES = st.lists(st.sampled_from(["importer", "servir", "revenir", "evaluer"]), min_size=3, max_size=6)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTES)
def test_aucune_suite_ne_change_un_octet_fige_ni_un_niveau_montre(lycee: Lycee, actes: list[str]) -> None:
    with transaction.atomic():
        for code in ("C1", "C2"):
            factories.decision(lycee.dossier, code, lycee.president, 3)
        factories.note(lycee.dossier, 20)
        texte = dossier_lu(lycee.dossier).grille.vers_json()
        version = lycee.dossier.figer(texte, lycee.president, timezone.now())
        donnes = list(Evaluation.objects.order_by("pk").values_list("pk", "niveau_id"))
        for acte in ("importer", *actes):
            lycee.faire(acte)
            version.refresh_from_db()
            assert version.contenu == texte
            assert dossier_lu(lycee.dossier).grille.vers_json() == texte
            premiers = Evaluation.objects.filter(pk__in=[pk for pk, _ in donnes]).order_by("pk")
            assert list(premiers.values_list("pk", "niveau_id")) == donnes
            (livret,) = livrets([type(lycee.eleve).objects.get(pk=lycee.eleve.pk)])
            assert [ligne.historique[-1].degre for ligne in livret.lignes] == [lycee.quatre()] * 2
        transaction.set_rollback(True)
