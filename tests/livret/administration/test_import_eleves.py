"""L'import des élèves d'une classe : envoi, aperçu, confirmation."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from livret.administration.apercu_import import Apercu
from livret.models import (
    Classe,
    Eleve,
    Evaluation,
    Observation,
    Scolarite,
)
from tests import factories
from tests.litanie import (
    adresse,
    connecte,
    requetes,
    verifier_droits,
)
from tests.livret.administration.fichiers import csv, deux_feuilles, envoi, xlsx
from tests.monde import INTRUS, Monde
from trpm.permissions import Role

ENTETE = ["Nom", "Prénom", "Né(e) le", "INE", "Division", "Option", "Statut", "N° candidat"]
LINA = ["Morel", "Lina", "01/07/2008", "123456789AB", "", "", "", ""]
PERIME = "Rien n’a été écrit : les données ou vos choix ont changé depuis l’aperçu."


class Import:
    """Une personne devant la page d'import d'une classe."""

    def __init__(self, client: Client, classe: Classe) -> None:
        self.client, self.classe = client, classe
        self.statut = classe.promotion.referentiel.statuts.get(code="scolaire").pk
        self.reponse: HttpResponse

    def fichier(self, contenu: bytes | SimpleUploadedFile, statut: int | None = None) -> "Import":
        fichier = envoi(contenu) if isinstance(contenu, bytes) else contenu
        self.reponse = self.client.post(
            adresse("eleves-import", self.classe.pk),
            {"fichier": fichier, "statut": statut or self.statut},
        )
        return self

    def lignes(self, *lignes: list[str]) -> "Import":
        return self.fichier(csv(ENTETE, *lignes))

    @property
    def apercu(self) -> Apercu:
        return self.reponse.context["apercu"]

    @property
    def effets(self) -> dict[str, object]:
        """Ce que l'aperçu annonce, en clair."""
        apercu = self.apercu
        annonces = {
            "nouveaux": [str(entree.eleve) for entree in apercu.nouveaux],
            "modifies": {
                entree.ligne.numero: [(c.champ, c.avant, c.apres) for c in entree.changements]
                for entree in apercu.modifies
            },
            "inchanges": [str(entree.eleve) for entree in apercu.inchanges],
            "ambigus": [ambigu.ligne.numero for ambigu in apercu.ambigus],
            "absents": [str(absent.scolarite.eleve) for absent in apercu.absents],
            "fautes": [str(faute) for faute in apercu.fautes],
            "avertissements": [str(remarque) for remarque in apercu.avertissements],
        }
        return {nom: valeur for nom, valeur in annonces.items() if valeur}

    def envoyer(self, acte: str, **donnees: object) -> "Import":
        etat = {"etat": self.reponse.context["etat"], "empreinte": self.apercu.empreinte}
        self.reponse = self.client.post(
            adresse("eleves-import-apercu", self.classe.pk), {**etat, "acte": acte, **donnees}
        )
        return self

    def confirmer(self, **donnees: object) -> "Import":
        return self.envoyer("confirmer", **donnees)

    @property
    def message(self) -> str:
        page = self.client.get(self.reponse.url)
        [message] = page.context["messages"]
        return str(message)


@pytest.fixture
def ici(monde: Monde) -> Import:
    """L'administrateur de A devant une classe de deux élèves connus, ALPHA-A1 et ALPHA-A2."""
    return Import(connecte(monde.a.administrateur), monde.a.classe)


@pytest.fixture
def vide(monde: Monde) -> Import:
    """Une classe sans élève, de la même promotion et de la même année."""
    classe = factories.classe(monde.a.promotion, nom="1TRPM")
    return Import(connecte(monde.a.administrateur), classe)


def cellules(eleve: Eleve, **champs: str) -> list[str]:
    """Une ligne de fichier qui redit exactement la fiche."""
    connues = {
        "Nom": eleve.nom,
        "Prénom": eleve.prenom,
        "Né(e) le": f"{eleve.naissance:%d/%m/%Y}" if eleve.naissance else "",
        "INE": eleve.ine or "",
        **champs,
    }
    return [connues.get(intitule, "") for intitule in ENTETE]


def etat_de_la_base() -> list[object]:
    return [
        list(Eleve.objects.order_by("pk").values()),
        list(Scolarite.objects.order_by("pk").values()),
        Eleve.history.count(),
    ]


# --- Droits et envoi --------------------------------------------------------------------------


def test_droits(monde: Monde) -> None:
    contenu = verifier_droits(
        monde, adresse("eleves-import", monde.a.classe.pk), adresse("eleves-import", monde.b.classe.pk)
    )
    assert "Voir l’aperçu" in contenu


def test_droits_de_l_apercu(monde: Monde) -> None:
    verifier_droits(
        monde,
        adresse("eleves-import-apercu", monde.a.classe.pk),
        adresse("eleves-import-apercu", monde.b.classe.pk),
        methode="post",
        succes=302,
    )
    client = connecte(monde.a.administrateur)
    assert client.get(adresse("eleves-import-apercu", monde.a.classe.pk)).status_code == 405


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"", "Le fichier est vide."),
        (
            bytes(range(256)),
            "Ce fichier n’est ni un CSV ni un classeur\xa0: exportez à nouveau la liste.",
        ),
        (
            csv(["Groupe", "Né le"], ["Morel Lina", ""]),
            "Il manque les colonnes «\xa0Nom\xa0» et «\xa0Prénom\xa0». "
            "Colonnes trouvées : «\xa0Groupe\xa0», «\xa0Né le\xa0».",
        ),
    ],
)
def test_mauvais_fichier(ici: Import, contenu: bytes, phrase: str) -> None:
    hors_contrat = ici.classe.promotion.referentiel.statuts.get(code="hors-contrat").pk
    avant = etat_de_la_base()
    page = ici.fichier(contenu, hors_contrat).reponse
    assert page.status_code == 200
    assert page.context["form"].errors == {"fichier": [phrase]}
    assert f'<option value="{hors_contrat}" selected>' in page.content.decode()
    assert etat_de_la_base() == avant


def test_fichier_trop_gros_refuse_sans_etre_lu(ici: Import) -> None:
    page = ici.fichier(b"Nom;Pr\xc3\xa9nom\n" + b"x" * (8 * 1024 * 1024)).reponse
    assert page.context["form"].errors == {
        "fichier": ["Le fichier dépasse 8 Mo : n’exportez que les élèves utiles."]
    }


def test_sans_fichier(ici: Import) -> None:
    page = ici.client.post(adresse("eleves-import", ici.classe.pk), {"statut": ici.statut})
    assert page.context["form"].errors == {"fichier": ["Choisissez un fichier."]}


# --- L'aperçu n'écrit rien --------------------------------------------------------------------


def test_apercu(vide: Import) -> None:
    avant = etat_de_la_base()
    vide.lignes(LINA, ["Roux", "", "", "", "", "", "", ""])
    assert vide.effets == {"nouveaux": ["Morel Lina"], "fautes": ["Ligne 3 : prénom manquant."]}
    contenu = vide.reponse.content.decode()
    assert "rien n’est encore écrit" in contenu
    assert "1er juillet 2008" in contenu
    assert INTRUS not in contenu
    assert "no-store" in vide.reponse["Cache-Control"]
    assert etat_de_la_base() == avant


def test_rien_ne_reste_au_serveur(vide: Import) -> None:
    """Ni session, ni fichier : l'aperçu voyage signé dans la page."""
    session = dict(vide.client.session)
    vide.lignes(LINA)
    assert dict(vide.client.session) == session


def test_confirmer(vide: Import) -> None:
    avant = Eleve.objects.count()
    vide.lignes(
        LINA, ["Roux", "Zoé", "2008-01-02", "", "", "OUT", "Scolaire hors contrat", "C-12"]
    ).confirmer()
    assert vide.reponse.status_code == 302
    assert vide.reponse.url == adresse("classe-effectif", vide.classe.pk)
    assert vide.message == "Import terminé : 2 créés, 0 modifié, 0 marqué parti, 0 inchangé."
    assert Eleve.objects.count() == avant + 2
    lina, zoe = Eleve.objects.filter(scolarites__classe=vide.classe).order_by("nom")
    assert (lina.ine, lina.naissance, lina.option.code, lina.statut.code, lina.numero_candidat) == (
        "123456789AB",
        datetime.date(2008, 7, 1),
        "USI",
        "scolaire",
        "",
    )
    assert (zoe.ine, zoe.option.code, zoe.statut.code, zoe.numero_candidat) == (
        None,
        "OUT",
        "hors-contrat",
        "C-12",
    )
    assert {lina.etablissement, zoe.etablissement} == {vide.classe.etablissement}
    assert {lina.promotion, zoe.promotion} == {vide.classe.promotion}
    assert lina.history.get().history_user.username == "administrateur-a"


def test_xlsx_avec_de_vraies_dates(vide: Import) -> None:
    contenu = xlsx(ENTETE[:3], ["Morel", "Lina", datetime.date(2008, 7, 1)])
    vide.fichier(envoi(contenu, "eleves.xlsx")).confirmer()
    assert Eleve.objects.get(nom="Morel").naissance == datetime.date(2008, 7, 1)


def test_statut_choisi_pour_les_nouveaux(vide: Import) -> None:
    hors_contrat = vide.classe.promotion.referentiel.statuts.get(code="hors-contrat")
    vide.fichier(csv(ENTETE, LINA), hors_contrat.pk).confirmer()
    assert Eleve.objects.get(nom="Morel").statut == hors_contrat


# --- Réimporter ne perd rien ------------------------------------------------------------------


def test_reimporter_le_meme_fichier_ne_change_rien(vide: Import) -> None:
    vide.lignes(LINA).confirmer()
    avant = etat_de_la_base()
    vide.lignes(LINA)
    assert vide.effets == {"inchanges": ["Morel Lina"]}
    contenu = vide.reponse.content.decode()
    assert "Ce fichier n’apporte rien de nouveau." in contenu
    assert "Confirmer l’import" not in contenu
    vide.confirmer()
    assert etat_de_la_base() == avant


def test_une_cellule_vide_n_efface_rien(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    Eleve.objects.filter(pk=premier.pk).update(numero_candidat="C-7")
    ici.lignes(cellules(premier, **{"Né(e) le": ""}), cellules(second, INE=""))
    assert ici.effets == {"inchanges": [str(premier), str(second)]}
    avant = etat_de_la_base()
    ici.confirmer()
    assert etat_de_la_base() == avant


def test_les_evaluations_restent(monde: Monde, ici: Import) -> None:
    avant = (list(Evaluation.objects.values()), list(Observation.objects.values()))
    premier, second = monde.a.eleves
    ici.lignes(cellules(premier, Nom="Renommée"))
    [parti] = ici.apercu.absents
    ici.confirmer(parti=parti.scolarite.pk, sortie="2026-02-03")
    assert (list(Evaluation.objects.values()), list(Observation.objects.values())) == avant
    second.refresh_from_db()
    assert (second.actif, second.scolarites.get().sortie) == (False, datetime.date(2026, 2, 3))


def test_modifications_champ_par_champ(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ici.lignes(
        cellules(
            premier,
            Prénom="Camille Marie",
            **{"Né(e) le": "15/03/2008", "N° candidat": "C-9", "Statut": "hors-contrat"},
        ),
        cellules(second),
    )
    assert ici.effets == {
        "modifies": {
            2: [
                ("prénom", "Camille", "Camille Marie"),
                ("naissance", "14 mars 2008", "15 mars 2008"),
                ("numéro de candidat", "—", "C-9"),
                ("statut", "Scolaire sous contrat", "Scolaire hors contrat"),
            ]
        },
        "inchanges": [str(second)],
    }
    ici.confirmer()
    assert ici.message == "Import terminé : 0 créé, 1 modifié, 0 marqué parti, 1 inchangé."
    premier.refresh_from_db()
    assert (premier.prenom, premier.naissance, premier.numero_candidat, premier.statut.code) == (
        "Camille Marie",
        datetime.date(2008, 3, 15),
        "C-9",
        "hors-contrat",
    )
    derniere = premier.history.first()
    assert (derniere.history_type, derniere.history_user) == ("~", monde.a.administrateur)


@pytest.mark.parametrize(
    ("connu", "dans_le_fichier", "change"),
    [
        ("Morel", "MOREL", False),
        ("Hélène", "HELENE", False),
        ("Hélène", "hélène", False),
        ("Helene", "Hélène", True),
        ("Jean-Luc", "Jean Luc", False),
        ("Morel", "Moret", True),
    ],
)
def test_casse_et_accents(monde: Monde, vide: Import, connu: str, dans_le_fichier: str, change: bool) -> None:
    """Un fichier en capitales sans accents n'appauvrit pas une fiche bien écrite."""
    factories.eleve(vide.classe, connu, "Lina", ine="123456789AB")
    vide.lignes([dans_le_fichier, *LINA[1:2], "", "123456789AB", "", "", "", ""])
    attendu = (
        {"modifies": {2: [("nom", connu, dans_le_fichier)]}} if change else {"inchanges": [f"{connu} Lina"]}
    )
    assert vide.effets == attendu


# --- Rapprocher -------------------------------------------------------------------------------


def test_par_l_identite_quand_l_ine_manque(monde: Monde, ici: Import) -> None:
    eleve = monde.a.eleves[0]
    ici.lignes([eleve.nom.lower(), "CAMILLE", "14/03/2008", "", "", "", "", ""])
    assert ici.effets == {"inchanges": [str(eleve)], "absents": [str(monde.a.eleves[1])]}


def test_un_ine_s_ajoute(monde: Monde, vide: Import) -> None:
    factories.eleve(vide.classe, "Morel", "Lina", ine=None, naissance=datetime.date(2008, 7, 1))
    vide.lignes(LINA)
    assert vide.effets == {"modifies": {2: [("INE", "—", "123456789AB")]}}


def test_jamais_avec_un_eleve_d_un_autre_etablissement(monde: Monde, vide: Import) -> None:
    intrus = monde.b.eleves[0]
    avant = Eleve.objects.filter(pk=intrus.pk).values().get()
    vide.lignes(cellules(intrus))
    assert vide.effets["nouveaux"] == [str(intrus)]
    vide.confirmer()
    assert Eleve.objects.filter(pk=intrus.pk).values().get() == avant
    assert Eleve.objects.filter(ine=intrus.ine).count() == 2


@pytest.mark.parametrize(
    ("connu", "ligne"),
    [
        # même identité, autre INE
        ({"ine": "987654321AB"}, LINA),
        # homonyme de la classe, né un autre jour
        ({"ine": None, "naissance": datetime.date(2008, 7, 2)}, LINA),
        # l'INE d'un tout autre nom
        (
            {"ine": "123456789AB", "nom": "Autre", "prenom": "Nom", "naissance": datetime.date(2007, 1, 1)},
            LINA,
        ),
    ],
)
def test_dans_le_doute_on_demande(vide: Import, connu: dict[str, object], ligne: list[str]) -> None:
    champs = {"nom": "Morel", "prenom": "Lina", "naissance": datetime.date(2008, 7, 1), **connu}
    eleve = factories.eleve(vide.classe, **champs)
    avant = etat_de_la_base()
    vide.lignes(ligne)
    assert vide.effets == {"ambigus": [2]}
    assert [candidat.pk for candidat in vide.apercu.ambigus[0].candidats] == [eleve.pk]
    vide.confirmer()
    assert etat_de_la_base() == avant


def test_un_homonyme_d_une_autre_classe_est_un_nouvel_eleve(monde: Monde, vide: Import) -> None:
    autre = factories.eleve(monde.a.classe, "Morel", "Lina", ine=None, naissance=datetime.date(2007, 7, 1))
    vide.lignes(LINA)
    assert vide.effets == {"nouveaux": ["Morel Lina"]}
    vide.confirmer()
    assert Eleve.objects.filter(nom="Morel").exclude(pk=autre.pk).count() == 1


def test_trancher_puis_confirmer(vide: Import) -> None:
    eleve = factories.eleve(
        vide.classe, "Morel", "Lina", ine="987654321AB", naissance=datetime.date(2008, 7, 1)
    )
    vide.lignes(LINA).envoyer("apercu", **{"choix-2": str(eleve.pk)})
    assert vide.effets == {"ambigus": [2], "modifies": {2: [("INE", "987654321AB", "123456789AB")]}}
    assert f'<option value="{eleve.pk}" selected>' in vide.reponse.content.decode()
    vide.confirmer(**{"choix-2": str(eleve.pk)})
    eleve.refresh_from_db()
    assert eleve.ine == "123456789AB"


def test_trancher_pour_un_nouvel_eleve(vide: Import) -> None:
    factories.eleve(vide.classe, "Morel", "Lina", ine="987654321AB", naissance=datetime.date(2008, 7, 1))
    vide.lignes(LINA).envoyer("apercu", **{"choix-2": "nouveau"}).confirmer(**{"choix-2": "nouveau"})
    assert Eleve.objects.filter(nom="Morel", scolarites__classe=vide.classe).count() == 2


def test_un_choix_change_au_dernier_moment_redemande_l_apercu(vide: Import) -> None:
    eleve = factories.eleve(
        vide.classe, "Morel", "Lina", ine="987654321AB", naissance=datetime.date(2008, 7, 1)
    )
    avant = etat_de_la_base()
    vide.lignes(LINA).confirmer(**{"choix-2": str(eleve.pk)})
    assert vide.reponse.status_code == 409
    assert PERIME in vide.reponse.content.decode()
    assert etat_de_la_base() == avant
    vide.confirmer(**{"choix-2": str(eleve.pk)})
    assert vide.reponse.status_code == 302


def test_un_choix_hors_des_candidats_est_ignore(monde: Monde, vide: Import) -> None:
    factories.eleve(vide.classe, "Morel", "Lina", ine="987654321AB", naissance=datetime.date(2008, 7, 1))
    choix = {"choix-2": str(monde.b.eleves[0].pk)}
    vide.lignes(LINA).envoyer("apercu", **choix)
    assert vide.effets == {"ambigus": [2]}


def test_doublons_du_fichier(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ici.lignes(
        cellules(premier),
        cellules(premier),
        cellules(premier, INE="", Nom=premier.nom.lower()),
        cellules(second),
    )
    assert ici.effets["fautes"] == [
        f"Ligne 3 : {premier} est déjà à la ligne 2 (doublon).",
        f"Ligne 4 : {premier.nom.lower()} Camille est déjà à la ligne 2 (doublon).",
    ]


def test_ine_deja_porte(monde: Monde, vide: Import) -> None:
    """Créer quand même quelqu'un avec l'INE d'un autre reste refusé."""
    porteur = factories.eleve(vide.classe, "Autre", "Nom", ine="123456789AB")
    vide.lignes(LINA).envoyer("apercu", **{"choix-2": "nouveau"})
    assert vide.effets["fautes"] == [
        f"Ligne 2 : l’INE «\xa0123456789AB\xa0» est déjà celui de {porteur} ; corrigez-le dans le fichier."
    ]


PRESQUE = [
    (("LE GUEN", "Yann-Vari"), ("LEGUEN", "Yannvari")),
    (("DE KERGUELEN", "Jos"), ("KERGUELEN (DE)", "Jos")),
    (("DE KERGUELEN", "Jos"), ("KERGUELEN", "Jos")),
    (("L'HELGOUARC'H", "Oanez"), ("LHELGOUARCH", "Oanez")),
    (("MOREL", "Lina"), ("LINA", "Morel")),
    (("MOREL", "Lina"), ("MOREL", "Lina Marie")),
]


def test_presque_la_meme_personne_se_tranche(monde: Monde, vide: Import) -> None:
    """Même naissance et mêmes lettres : une personne dit qui c'est, où que soit l'élève connu."""
    jour = datetime.date(2008, 7, 1)
    for (nom, prenom), (autre, second) in PRESQUE:
        connu = factories.eleve(monde.a.classe, nom, prenom, ine=None, naissance=jour)
        vide.lignes([autre, second, "01/07/2008", "", "", "", "", ""])
        assert [un.candidats for un in vide.apercu.ambigus] == [[connu]], autre
        vide.lignes([autre, second, "02/07/2008", "", "", "", "", ""])
        assert list(vide.effets) == ["nouveaux"], autre
        Scolarite.objects.filter(eleve=connu).delete()
        connu.delete()


@pytest.mark.parametrize(
    "dans_le_fichier", ["L’HELGOUARC’H", "Lʼhelgouarcʼh", "L HELGOUARC H", "L'HELGOUARC\u02b9H"]
)
def test_une_apostrophe_n_est_pas_une_autre_personne(vide: Import, dans_le_fichier: str) -> None:
    factories.eleve(vide.classe, "L'HELGOUARC'H", "Zoé", ine=None, naissance=datetime.date(2008, 7, 1))
    vide.lignes([dans_le_fichier, "Zoe\u0301", "01/07/2008", "", "", "", "", ""])
    assert list(vide.effets) == ["inchanges"]


def test_un_ine_recopie_sur_un_frere_se_tranche(vide: Import) -> None:
    """Même nom et même naissance ne suffisent pas : des jumeaux, et l'INE de l'un sur la ligne de l'autre."""
    jour = datetime.date(2008, 7, 1)
    factories.eleve(vide.classe, "Morel", "Zoé", ine="123456789AB", naissance=jour)
    vide.lignes(LINA)
    assert vide.effets == {"ambigus": [2]}


def test_nom_a_couper_dans_l_apercu(vide: Import) -> None:
    connu = factories.eleve(vide.classe, "Le Goffic", "Ewen", ine=None, naissance=None)
    vide.fichier(csv(["Élève", "Classe"], ["MOREL LINA", "1TRPM"], ["LE GOFFIC EWEN", "1TRPM"]))
    assert vide.effets == {"inchanges": [str(connu)]}
    assert [(un.ligne.numero, un.ligne.coupes) for un in vide.apercu.a_couper] == [
        (2, (("MOREL", "LINA"), ("LINA", "MOREL")))
    ]
    assert "Nom LINA, prénom MOREL" in vide.reponse.content.decode()
    vide.envoyer("apercu", **{"coupe-2": "1"}).confirmer(**{"coupe-2": "1"})
    assert Eleve.objects.get(nom="LINA").prenom == "MOREL"


def test_sortis_d_apres_le_fichier(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    entete = ["Nom", "Prénom", "Né(e) le", "Date de sortie"]
    ici.fichier(
        csv(
            entete,
            [premier.nom, premier.prenom, "", "17/10/2025"],
            [second.nom, second.prenom, "", "01/07/2199"],
            ["Inconnu", "Parti", "", "17/10/2025"],
        )
    )
    assert ici.effets == {
        "absents": [str(premier)],
        "inchanges": [str(second)],
        "avertissements": [
            "Ligne 4\xa0: Inconnu Parti est sorti le 17 octobre 2025 d’après le fichier\xa0: "
            "il n’est pas inscrit."
        ],
    }
    scolarite = premier.scolarites.get()
    assert re.search(rf'value="{scolarite.pk}"[^>]*checked', ici.reponse.content.decode())
    ici.confirmer(parti=scolarite.pk)
    scolarite.refresh_from_db()
    assert scolarite.sortie == datetime.date(2025, 10, 17)


def test_choisir_une_feuille(vide: Import) -> None:
    """Rien n'est lu tant que l'on n'a pas choisi ; un choix fait sur une feuille ne vaut pas pour l'autre."""
    contenu = deux_feuilles(A=[["Nom", "Prénom"], ["Morel", "Lina"]], B=[["Nom", "Prénom"], ["Roux", "Zoé"]])
    vide.fichier(envoi(contenu, "eleves.xlsx"))
    assert vide.effets == {}
    assert "cochez celle de la classe 1TRPM" in vide.reponse.content.decode()
    vide.envoyer("apercu", feuille="A", **{"choix-2": "nouveau"})
    assert vide.effets == {"nouveaux": ["Morel Lina"]}
    assert "feuille «&nbsp;A&nbsp;»" in vide.reponse.content.decode()
    vide.envoyer("apercu", **{"feuille": ["A", "B"], "feuille-vue": ["A"]})
    assert vide.effets == {"nouveaux": ["Morel Lina", "Roux Zoé"]}
    vide.confirmer(**{"feuille": ["A", "B"], "feuille-vue": ["A", "B"]})
    assert Scolarite.objects.filter(classe=vide.classe).count() == 2


# --- Options, statuts, réserves ---------------------------------------------------------------


def test_option_inconnue(vide: Import) -> None:
    vide.lignes([*LINA[:5], "XYZ", "", ""])
    assert vide.effets == {"fautes": ["Ligne 2 : option «\xa0XYZ\xa0» inconnue ; écrivez OUT ou USI."]}


def test_option_gardee_apres_des_observations_propres(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    factories.observation(monde.a.situation, premier, "C3.1", 2)
    ici.lignes(cellules(premier, Option="OUT"), cellules(second, Option="outillage"))
    assert ici.effets == {
        "inchanges": [str(premier)],
        "modifies": {3: [("option", "USI", "OUT")]},
        "avertissements": [
            "Ligne 2 : Passage en OUT refusé : 1 observation porte sur des compétences détaillées "
            "propres à l’autre option."
        ],
    }


def test_autre_version_du_referentiel(monde: Monde, vide: Import) -> None:
    ailleurs = factories.classe(
        factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    )
    eleve = factories.eleve(ailleurs, "Morel", "Lina", ine="123456789AB")
    vide.lignes(LINA)
    assert vide.effets == {
        "fautes": [
            f"Ligne 2\xa0: Morel Lina est en promotion {eleve.promotion}, sous un autre référentiel\xa0: "
            "faites-le d’abord changer de diplôme, depuis sa fiche."
        ]
    }


# --- Classes, divisions, départs --------------------------------------------------------------


def test_changer_de_classe_dans_l_annee(monde: Monde, vide: Import) -> None:
    premier = monde.a.eleves[0]
    vide.lignes(cellules(premier))
    assert vide.effets == {"modifies": {2: [("classe", "Tle A", "1TRPM")]}}
    vide.confirmer(sortie="2026-01-05")
    assert set(premier.scolarites.values_list("classe__nom", "sortie")) == {
        ("Tle A", datetime.date(2026, 1, 5)),
        ("1TRPM", None),
    }
    premier.refresh_from_db()
    assert premier.actif


def test_passer_dans_l_annee_suivante_garde_l_ancienne_classe(monde: Monde) -> None:
    seconde = factories.classe(monde.a.promotion, niveau="2de")
    eleve = factories.eleve(seconde, "Morel", "Lina", ine="123456789AB", naissance=datetime.date(2008, 7, 1))
    premiere = factories.classe(monde.a.promotion, niveau="1re", nom="1TRPM")
    page = Import(connecte(monde.a.administrateur), premiere).lignes(LINA)
    assert page.effets == {"modifies": {2: [("classe", "—", "1TRPM")]}}
    page.confirmer()
    assert list(eleve.scolarites.order_by("classe__annee__debut").values_list("classe", "sortie")) == [
        (seconde.pk, None),
        (premiere.pk, None),
    ]


def test_revenir(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    premier.scolarites.get().sortir(datetime.date(2026, 1, 5))
    ici.lignes(cellules(premier), cellules(second))
    assert ici.effets == {
        "modifies": {2: [("présence", "parti", "présent"), ("classe", "sorti le 5 janvier 2026", "Tle A")]},
        "inchanges": [str(second)],
    }
    ici.confirmer()
    premier.refresh_from_db()
    assert (premier.actif, premier.scolarites.get().sortie) == (True, None)


def test_redoublant(monde: Monde, vide: Import) -> None:
    suivante = factories.promotion(monde.a.etablissement, monde.referentiel, session=2027, nom="Suivante")
    Classe.objects.filter(pk=vide.classe.pk).update(promotion=suivante)
    vide.lignes(cellules(monde.a.eleves[0]))
    assert vide.effets == {
        "modifies": {2: [("promotion", "Promotion A", "Suivante"), ("classe", "Tle A", "1TRPM")]}
    }


def test_les_autres_divisions_sont_laissees(monde: Monde, vide: Import) -> None:
    vide.lignes(
        [*LINA[:4], "1 TRPM B", "", "", ""],
        ["Roux", "Zoé", "01/07/2008", "12", "2GT", "", "", ""],
        ["Petit", "Léo", "01/07/2008", "", "2GT", "", "", ""],
    )
    # « 1 TRPM B » n'est pas « 1TRPM » : on ne devine pas, on demande.
    assert vide.effets == {}
    assert "Aucune division du fichier ne porte le nom de la classe" in vide.reponse.content.decode()
    assert [(d.nom, d.nombre, d.retenue) for d in vide.apercu.divisions] == [
        ("1 TRPM B", 1, False),
        ("2GT", 2, False),
    ]
    vide.envoyer("apercu", division="1 trpm b")
    assert vide.effets == {"nouveaux": ["Morel Lina"]}
    vide.confirmer(division="1 trpm b")
    assert Eleve.objects.filter(scolarites__classe=vide.classe).count() == 1


def test_les_facons_d_ecrire_la_classe_se_reconnaissent(vide: Import) -> None:
    ecritures = ["1 TRPM", "1TRPM ", "1-trpm", "1TRPM, 1TRPM GR1", "1ère TRPM", "<1TRPM> GR.1", "2GT", ""]
    vide.lignes(*([f"NOM{rang}", "Lina", "", "", un, "", "", ""] for rang, un in enumerate(ecritures)))
    assert [d.nom for d in vide.apercu.divisions if not d.retenue] == ["2GT", ""]
    assert len(vide.effets["nouveaux"]) == 6
    vide.envoyer("apercu", division=["2gt", ""])
    assert vide.effets["nouveaux"] == ["NOM6 Lina", "NOM7 Lina"]
    vide.envoyer("apercu", division=[])
    assert vide.effets == {}


def test_une_seule_division_qui_porte_un_autre_nom_est_signalee(vide: Import) -> None:
    vide.lignes([*LINA[:4], "2GT", "", "", ""])
    assert vide.effets == {"nouveaux": ["Morel Lina"]}
    assert "Toutes les lignes du fichier sont de la division «\xa02GT\xa0»" in vide.reponse.content.decode()


def test_absents_jamais_coches_d_avance(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ici.lignes(
        cellules(factories.eleve(ici.classe, "Seul", "Présent"), Division="Tle A"),
        cellules(second, Division="2GT"),
    )
    assert [(str(a.scolarite.eleve), a.division) for a in ici.apercu.absents] == [
        (str(premier), ""),
        (str(second), "2GT"),
    ]
    contenu = ici.reponse.content.decode()
    assert len(re.findall(r'name="parti"', contenu)) == 2
    assert not re.search(r'name="parti"[^>]*checked', contenu)
    ici.confirmer(division="tle a")
    assert Scolarite.objects.filter(classe=ici.classe, sortie__isnull=True).count() == 3


def test_une_ligne_fautive_ne_fait_pas_un_absent(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    trop = f"{second.nom}{'x' * 100}"
    ici.lignes(cellules(premier, Prénom=""), cellules(second, Nom=trop))
    assert ici.effets["fautes"][0] == "Ligne 2 : prénom manquant."


def test_un_depart_ne_vise_que_les_absents(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ailleurs = monde.b.eleves[0].scolarites.get()
    ici.lignes(cellules(premier))
    ici.confirmer(parti=[ailleurs.pk, premier.scolarites.get().pk, second.scolarites.get().pk, "x"])
    assert ici.message == "Import terminé : 0 créé, 0 modifié, 1 marqué parti, 1 inchangé."
    ailleurs.refresh_from_db()
    assert ailleurs.sortie is None
    assert premier.scolarites.get().sortie is None
    assert second.scolarites.get().sortie is not None


def test_date_de_depart_hors_de_l_annee(monde: Monde, ici: Import) -> None:
    ici.lignes(cellules(monde.a.eleves[0]))
    [absent] = ici.apercu.absents
    avant = etat_de_la_base()
    ici.confirmer(parti=absent.scolarite.pk, sortie="2020-01-01")
    assert ici.reponse.status_code == 200
    contenu = ici.reponse.content.decode()
    assert "Cette date n’est pas dans l’année scolaire 2025-2026." in contenu
    assert re.search(r'name="parti"[^>]*checked', contenu)
    assert 'value="2020-01-01"' in contenu
    assert etat_de_la_base() == avant


# --- Confirmer ce qui a été lu, et rien d'autre -----------------------------------------------


def test_les_donnees_ont_change_entre_temps(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ici.lignes(cellules(premier, **{"N° candidat": "C-1"}), cellules(second))
    Eleve.objects.filter(pk=premier.pk).update(numero_candidat="C-2")
    avant = etat_de_la_base()
    ici.confirmer()
    assert ici.reponse.status_code == 409
    assert PERIME in ici.reponse.content.decode()
    assert ici.effets["modifies"] == {2: [("numéro de candidat", "C-2", "C-1")]}
    assert ici.confirmer(empreinte="").reponse.status_code == 409, "un aperçu que l’on n’a pas lu"
    assert etat_de_la_base() == avant
    ici.confirmer()
    premier.refresh_from_db()
    assert (ici.reponse.status_code, premier.numero_candidat) == (302, "C-1")


def test_un_changement_sans_effet_sur_l_apercu_ne_gene_pas(monde: Monde, ici: Import) -> None:
    premier, second = monde.a.eleves
    ici.lignes(cellules(premier, **{"N° candidat": "C-1"}), cellules(second))
    Eleve.objects.filter(pk=second.pk).update(numero_candidat="C-2")
    assert ici.confirmer().reponse.status_code == 302


def test_confirmer_deux_fois_ne_cree_pas_deux_fois(vide: Import) -> None:
    vide.lignes(LINA)
    etat, empreinte = vide.reponse.context["etat"], vide.apercu.empreinte
    url = adresse("eleves-import-apercu", vide.classe.pk)
    donnees = {"etat": etat, "empreinte": empreinte, "acte": "confirmer"}
    assert vide.client.post(url, donnees).status_code == 302
    assert vide.client.post(url, donnees).status_code == 409
    assert Eleve.objects.filter(nom="Morel").count() == 1


def test_l_etat_est_scelle_pour_la_personne_et_la_classe(monde: Monde, vide: Import) -> None:
    vide.lignes(LINA)
    etat, empreinte = vide.reponse.context["etat"], vide.apercu.empreinte
    collegue = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=monde.a.etablissement)
    essais = [
        (vide.client, monde.a.classe, etat),
        (connecte(collegue), vide.classe, etat),
        (vide.client, vide.classe, etat[:-2] + "xx"),
        (vide.client, vide.classe, ""),
    ]
    for client, classe, essai in essais:
        reponse = client.post(
            adresse("eleves-import-apercu", classe.pk),
            {"etat": essai, "empreinte": empreinte, "acte": "confirmer"},
            follow=True,
        )
        assert reponse.redirect_chain == [(adresse("eleves-import", classe.pk), 302)]
        assert [str(message) for message in reponse.context["messages"]] == [
            "Cet aperçu a plus d’une heure ou n’est pas le vôtre : envoyez à nouveau le fichier."
        ]
    assert not Eleve.objects.filter(nom="Morel").exists()


def test_tout_ou_rien(vide: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def casser(*args: object, **options: object) -> None:
        raise RuntimeError

    vide.lignes(LINA)
    avant = etat_de_la_base()
    monkeypatch.setattr("livret.administration.apercu_import.bulk_update_with_history", casser)
    with pytest.raises(RuntimeError):
        vide.confirmer()
    assert etat_de_la_base() == avant


def test_requetes(monde: Monde) -> None:
    """Un fichier de trois lignes ne coûte pas plus qu'un fichier d'une, ni à lire ni à écrire."""
    couts = []
    for nombre in (1, 3):
        classe = factories.classe(monde.a.promotion, nom=f"Classe {nombre}")
        page = Import(connecte(monde.a.administrateur), classe)
        lignes = [[f"Nom{nombre}{rang}", "Lina", "01/07/2008", "", "", "", "", ""] for rang in range(nombre)]
        couts.append((requetes(lambda: page.lignes(*lignes)), requetes(lambda: page.confirmer())))  # noqa: B023
    assert couts == [(14, 20), (14, 20)]
