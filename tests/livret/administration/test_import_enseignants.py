"""L'import d'enseignants : envoi, aperçu, confirmation, accès remis."""

import io
import re
import zipfile

import pytest
from django.http import HttpResponse
from django.test import Client

from livret.administration.enseignants.apercu import ApercuEnseignants
from livret.models import Appartenance, Classe, Utilisateur
from tests.litanie import adresse, connecte, requetes, verifier_droits
from tests.livret.administration.fichiers import csv, envoi, xlsx
from tests.livret.administration.mauvais import PETITS
from tests.livret.administration.test_mauvais_fichiers import PHRASES
from tests.monde import Ecole, Monde
from trpm.journal.models import ActeNote

ENTETE = ["Nom", "Prénom", "Courriel", "Rôle", "Classes"]
LOU = ["Kerjean", "Lou", "lou.kerjean@exemple.fr", "", ""]


class ImportEnseignants:
    """L'administrateur devant la page d'import."""

    def __init__(self, client: Client, ecole: Ecole) -> None:
        self.client, self.ecole = client, ecole
        self.reponse: HttpResponse

    def fichier(self, contenu: bytes) -> "ImportEnseignants":
        self.reponse = self.client.post(
            adresse("enseignants-import", self.ecole.etablissement.pk), {"fichier": envoi(contenu)}
        )
        return self

    def lignes(self, *lignes: list[str]) -> "ImportEnseignants":
        return self.fichier(csv(ENTETE, *lignes))

    @property
    def apercu(self) -> ApercuEnseignants:
        return self.reponse.context["apercu"]

    @property
    def effets(self) -> dict[str, object]:
        apercu = self.apercu
        annonces = {
            "nouveaux": [un.ligne.nom_complet for un in apercu.nouveaux],
            "modifies": {un.ligne.numero: [*un.roles, *map(str, un.gagnees)] for un in apercu.modifies},
            "connus": [un.ligne.numero for un in apercu.connus],
            "ressemblants": {un.ligne.numero: un.motif for un in apercu.ressemblants},
            "fautes": [str(un) for un in apercu.fautes],
            "avertissements": [str(un) for un in apercu.avertissements],
        }
        return {nom: valeur for nom, valeur in annonces.items() if valeur}

    def confirmer(self, *retenus: str, **donnees: object) -> "ImportEnseignants":
        envoyees = {"etat": self.reponse.context["etat"], "empreinte": self.apercu.empreinte}
        retenu = list(retenus) or sorted(self.reponse.context["retenus"])
        self.reponse = self.client.post(
            adresse("enseignants-import-apercu", self.ecole.etablissement.pk),
            {**envoyees, "retenu": retenu, **donnees},
        )
        return self

    def message(self) -> str:
        page = self.client.get(adresse("comptes", self.ecole.etablissement.pk))
        return " ".join(map(str, page.context["messages"]))


@pytest.fixture
def ici(monde: Monde) -> ImportEnseignants:
    return ImportEnseignants(connecte(monde.a.administrateur), monde.a)


def redit(compte: Utilisateur, courriel: str = "", classes: str = "", role: str = "") -> list[str]:
    return [compte.last_name, compte.first_name, courriel, role, classes]


def comptes() -> list[object]:
    return [
        list(Utilisateur.objects.order_by("pk").values()),
        list(Appartenance.objects.order_by("pk").values()),
        list(Classe.equipe.through.objects.order_by("pk").values()),
    ]


def sts(*individus: str, divisions: str = "", entete: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{entete}<STS_EDT><PARAMETRES/><DONNEES>'
        f"<INDIVIDUS>{''.join(individus)}</INDIVIDUS>"
        f"<STRUCTURE><DIVISIONS>{divisions}</DIVISIONS></STRUCTURE></DONNEES></STS_EDT>"
    ).encode()


def individu(cle: str, nom: str, prenom: str, fonction: str = "ENS") -> str:
    return (
        f'<INDIVIDU ID="{cle}" TYPE="epp"><SEXE>1</SEXE><CIVILITE>1</CIVILITE><NOM_USAGE>{nom}</NOM_USAGE>'
        f"<NOM_PATRONYMIQUE>AUTRE</NOM_PATRONYMIQUE><PRENOM>{prenom}</PRENOM>"
        f"<DATE_NAISSANCE>1980-01-01</DATE_NAISSANCE><FONCTION>{fonction}</FONCTION></INDIVIDU>"
    )


def division(code: str, *enseignants: str) -> str:
    servent = "".join(f'<ENSEIGNANT ID="{un}" TYPE="epp"/>' for un in enseignants)
    return (
        f'<DIVISION CODE="{code}"><SERVICES><SERVICE CODE_MATIERE="1"><ENSEIGNANTS>{servent}</ENSEIGNANTS>'
        "</SERVICE></SERVICES></DIVISION>"
    )


# --- Droits ---------------------------------------------------------------------------------------


def test_droits(monde: Monde) -> None:
    a, b = monde.a.etablissement.pk, monde.b.etablissement.pk
    contenu = verifier_droits(monde, adresse("enseignants-import", a), adresse("enseignants-import", b))
    assert "Voir l’aperçu" in contenu
    assert "8 Mo et 3\xa0000 lignes" in contenu
    verifier_droits(
        monde,
        adresse("enseignants-import-apercu", a),
        adresse("enseignants-import-apercu", b),
        methode="post",
        succes=302,
    )


# --- L'aperçu n'écrit rien --------------------------------------------------------------------------


def test_l_apercu_range_chacun_et_n_ecrit_rien(ici: ImportEnseignants, monde: Monde) -> None:
    avant, classe = comptes(), monde.a.classe.nom
    enseignant, collegue, membre = monde.a.enseignant, monde.a.collegue, monde.a.membre
    ici.lignes(
        LOU,
        redit(enseignant, classes=classe),
        redit(collegue, classes=classe),
        redit(membre),
        [enseignant.last_name + "x", enseignant.first_name, "", "", ""],
        ["", "Sans nom", "", "", ""],
        ["Petit", "Zoé", "", "jardinier", ""],
        ["Petit", "Ana", "pas une adresse", "", "3eZ"],
    )
    assert ici.effets == {
        "nouveaux": ["Lou Kerjean", "Ana Petit"],
        "modifies": {4: [classe], 5: ["enseignant"]},
        "connus": [3],
        "ressemblants": {6: "presque le même nom"},
        "fautes": [
            "Ligne 7\xa0: nom manquant.",
            "Ligne 8\xa0: Zoé Petit, «\xa0jardinier\xa0» n’est pas un rôle d’ici\xa0: écrivez enseignant, "
            "administrateur, membre de commission ou président, ou ouvrez ce compte à la main.",
        ],
        "avertissements": ["Ligne 9\xa0: «\xa0pas une adresse\xa0» n’est pas une adresse\xa0: laissée vide."],
    }
    assert ici.apercu.classes_laissees == ["3eZ"]
    assert comptes() == avant


def test_confirmer_ouvre_les_comptes_et_remet_leurs_acces(ici: ImportEnseignants, monde: Monde) -> None:
    classe = monde.a.classe
    autres = set(Utilisateur.objects.values_list("pk", flat=True))
    tenus = set(Appartenance.objects.values_list("pk", flat=True))
    ici.lignes([*LOU[:4], classe.nom], redit(monde.a.collegue, classes=classe.nom)).confirmer()
    neuf = Utilisateur.objects.exclude(pk__in=autres).get()
    page = ici.reponse.content.decode()
    [remis] = ici.reponse.context["acces"]
    assert (neuf.username, neuf.email, neuf.provisoire) == ("lou.kerjean", "lou.kerjean@exemple.fr", True)
    assert neuf.check_password(remis.mot_de_passe)
    assert remis.mot_de_passe in page
    assert [un.role for un in neuf.appartenances.all()] == ["enseignant"]
    assert Appartenance.history.filter(utilisateur=neuf, history_user=monde.a.administrateur).count() == 1
    assert {neuf, monde.a.collegue} <= set(classe.equipe.all())
    assert tenus <= set(Appartenance.objects.values_list("pk", flat=True))


def test_le_meme_fichier_deux_fois_ne_change_rien(ici: ImportEnseignants) -> None:
    ici.lignes(LOU).confirmer()
    avant = comptes()
    ici.lignes(LOU)
    assert ici.effets == {"connus": [2]}
    assert "Ce fichier n’apporte rien de nouveau." in ici.reponse.content.decode()
    assert comptes() == avant


def test_seules_les_lignes_cochees_sont_ecrites(ici: ImportEnseignants) -> None:
    ici.lignes(LOU, ["Petit", "Ana", "", "", ""]).confirmer("3")
    assert not Utilisateur.objects.filter(username="lou.kerjean").exists()
    assert Utilisateur.objects.filter(username="ana.petit").exists()
    avant = comptes()
    ici.lignes(LOU).confirmer("rien")
    assert "rien n’a été écrit" in ici.message()
    assert comptes() == avant


def test_un_ressemblant_se_tranche(ici: ImportEnseignants, monde: Monde) -> None:
    enseignant = monde.a.enseignant
    presque = [enseignant.last_name + "x", enseignant.first_name, "", "membre de commission", ""]
    avant = Utilisateur.objects.count()
    ici.lignes(presque).confirmer(**{"choix-2": ""})
    assert Utilisateur.objects.count() == avant
    ici.lignes(presque).confirmer(**{"choix-2": str(monde.b.enseignant.pk)})
    assert Utilisateur.objects.count() == avant
    assert not monde.b.enseignant.appartenances.filter(role="membre")
    ici.lignes(presque).confirmer(**{"choix-2": str(enseignant.pk)})
    assert {un.role for un in enseignant.appartenances.all()} == {"enseignant", "membre"}
    ici.lignes(presque).confirmer(**{"choix-2": "nouveau"})
    assert Utilisateur.objects.count() == avant + 1


def test_le_courriel_reconnait_et_fait_douter(ici: ImportEnseignants, monde: Monde) -> None:
    un = monde.a.enseignant
    Utilisateur.objects.filter(pk=un.pk).update(email="prof@exemple.fr")
    assert ici.lignes(redit(un, "PROF@exemple.fr")).effets == {"connus": [2]}
    assert ici.lignes(redit(un, "autre@exemple.fr")).effets == {
        "ressemblants": {2: "même nom et même prénom, mais un autre courriel"}
    }
    assert ici.lignes(["Inconnu", "Tout", "prof@exemple.fr", "", ""]).effets == {
        "ressemblants": {2: "ce courriel est celui d’un compte d’un autre nom"}
    }


def test_une_personne_par_classe_n_en_fait_qu_une(ici: ImportEnseignants, monde: Monde) -> None:
    ici.lignes(LOU, [*LOU[:4], monde.a.classe.nom])
    assert ici.effets == {
        "nouveaux": ["Lou Kerjean"],
        "avertissements": ["Ligne 3\xa0: Lou Kerjean est déjà à la ligne 2\xa0: les deux n’en font qu’une."],
    }
    assert ici.apercu.nouveaux[0].classes == (monde.a.classe,)


def test_un_compte_d_ailleurs_n_est_ni_montre_ni_touche(ici: ImportEnseignants, monde: Monde) -> None:
    ailleurs = monde.b.enseignant
    Utilisateur.objects.filter(pk=ailleurs.pk).update(email="ailleurs@exemple.fr")
    ici.lignes(redit(ailleurs, "ailleurs@exemple.fr"))
    assert list(ici.effets) == ["nouveaux"]
    assert ailleurs.username not in ici.reponse.content.decode()


# --- Refus ------------------------------------------------------------------------------------------


MANQUENT = "Il manque les colonnes «\xa0Nom\xa0» et «\xa0Prénom\xa0»."
STS_ABIME = "Ce fichier XML est abîmé\xa0: exportez-le à nouveau depuis STS."
MAUVAIS: dict[str, tuple[bytes, str]] = {
    "sans colonnes": (csv(["Matière", "Salle"], ["Maths", "12"]), MANQUENT),
    "export d'élèves": (b"<?xml version='1.0'?><BEE_ELEVES/>", "n’est pas un export de STS"),
    "xml coupé": (b"<?xml version='1.0'?><STS_EDT><DONNEES>", STS_ABIME),
    "xml mal fermé": (b"<?xml version='1.0'?><STS_EDT><INDIVIDU></STS_EDT>", STS_ABIME),
    "jeu annoncé faux": (
        "<?xml version='1.0' encoding='UTF-8'?><STS_EDT>é</STS_EDT>".encode("latin-1"), STS_ABIME
    ),
    "jeu inconnu": (b"<?xml version='1.0' encoding='martien'?><STS_EDT/>", STS_ABIME),
    "personne": (sts(), "ne contient personne"),
    "entités": (
        sts(individu("1", "&un;", "Lou"), entete='<!DOCTYPE a [<!ENTITY un "deux">]>'),
        "définit ses propres entités, STS n’en écrit pas",
    ),
    "fichier cité": (
        sts(individu("1", "&un;", "Lou"), entete='<!DOCTYPE a [<!ENTITY un SYSTEM "file:///etc/passwd">]>'),
        "définit ses propres entités, STS n’en écrit pas",
    ),
    "3 001 personnes": (
        sts(*(individu(str(un), "N", "P") for un in range(3001))), "plus de 3\xa0000 personnes"
    ),
    "3 001 lignes": (csv(ENTETE, *[LOU] * 3001), "plus de 3\xa0000 lignes"),
    "trop lourd": (b"Nom;Pr\xe9nom\n" + b"a" * 9 * 2**20, "dépasse 8 Mo"),
}  # fmt: skip
COMMUNS = {
    nom: (PETITS[nom], PHRASES[nom].replace("SIECLE", "STS"))
    for nom in (
        "vide", "blancs", "zéros", "octets quelconques", "pdf", "png", "rtf", "page archivée", "html", "gzip",
        "sqlite", "word zippé", "word ancien", "xls abîmé", "zip sans liste", "zip coupé", "xlsx abîmé",
        "zip de trop d'entrées", "classeur XML 2003", "csv sans intitulés", "classeur sans liste",
        "une phrase",
    )
}  # fmt: skip


def test_chaque_mauvais_fichier_a_sa_phrase_et_rien_n_est_ecrit(ici: ImportEnseignants) -> None:
    """Ceux que l'import d'élèves refuse, et ceux de STS ; pas même une ligne au journal."""
    tous = COMMUNS | MAUVAIS
    assert len(tous) >= 34
    avant, actes = comptes(), ActeNote.objects.count()
    inattendues = {}
    for nom, (contenu, phrase) in tous.items():
        erreurs = ici.fichier(contenu).reponse.context["form"].errors.get("fichier", [""])
        if phrase not in erreurs[0]:
            inattendues[nom] = erreurs[0]
    assert inattendues == {}
    assert (comptes(), ActeNote.objects.count()) == (avant, actes)


@pytest.mark.parametrize(
    ("ligne", "dit"),
    [
        (["", "Lou", "", "", ""], "nom manquant."),
        (["Kerjean", "", "", "", ""], "prénom manquant."),
        (["12", "Lou", "", "", ""], "nom manquant, la case porte «\xa012\xa0»."),
        (["#N/A", "Lou", "", "", ""], "l’erreur de tableur «\xa0#N/A\xa0»"),
        (["K" * 101, "Lou", "", "", ""], "dépasse 100 caractères."),
        (["Kerjean", "Lou", "", "élève", ""], "«\xa0élève\xa0» n’est pas un rôle d’ici"),
        (["Kerjean", "Lou", "", "enseignant, roi", ""], "«\xa0roi\xa0» n’est pas un rôle d’ici"),
    ],
)
def test_une_mauvaise_ligne_se_dit_et_ne_retient_pas_les_autres(
    ici: ImportEnseignants, ligne: list[str], dit: str
) -> None:
    avant = comptes()
    ici.lignes(ligne, ["Petit", "Ana", "", "", ""])
    [faute] = ici.effets["fautes"]  # type: ignore[misc]
    assert faute.startswith("Ligne 2\xa0: ")
    assert dit in faute
    assert ici.effets["nouveaux"] == ["Ana Petit"]
    assert comptes() == avant


@pytest.mark.parametrize("etat", ["", "faux:etat:signé"])
def test_un_etat_qui_n_est_pas_le_sien_est_refuse(ici: ImportEnseignants, etat: str) -> None:
    avant = comptes()
    ici.client.post(adresse("enseignants-import-apercu", ici.ecole.etablissement.pk), {"etat": etat})
    assert "n’est pas le vôtre" in ici.message()
    assert comptes() == avant


def test_un_apercu_perime_est_montre_a_jour(ici: ImportEnseignants, monde: Monde) -> None:
    ici.lignes(LOU)
    Utilisateur.objects.filter(pk=monde.a.membre.pk).update(last_name="Kerjean", first_name="Lou")
    avant = comptes()
    ici.confirmer()
    assert ici.reponse.status_code == 409
    assert "Rien n’a été écrit" in ici.reponse.content.decode()
    assert ici.confirmer(empreinte="").reponse.status_code == 409, "un aperçu que l’on n’a pas lu"
    assert comptes() == avant


def test_pas_plus_de_quarante_comptes_a_la_fois(ici: ImportEnseignants) -> None:
    avant = comptes()
    noms = [chr(65 + un // 26) + chr(97 + un % 26) * 3 for un in range(41)]
    ici.lignes(*(["Zzz" + nom * 3, nom, "", "", ""] for nom in noms)).confirmer()
    assert "Au plus 40 comptes" in ici.reponse.content.decode()
    assert comptes() == avant


# --- STS et classeurs -------------------------------------------------------------------------------


@pytest.mark.parametrize("zippe", [False, True])
def test_sts_dit_les_personnes_et_leurs_divisions(ici: ImportEnseignants, monde: Monde, zippe: bool) -> None:
    contenu = sts(
        individu("11", "LE GALL", "Yann"),
        individu("12", "MARTIN", "Ève"),
        individu("13", "ROUX", "Léa", "DIR"),
        individu("14", "DURAND", ""),
        divisions=division(monde.a.classe.nom, "11") + division("6A", "11", "12"),
    )
    if zippe:
        sortie = io.BytesIO()
        with zipfile.ZipFile(sortie, "w") as archive:
            archive.writestr("sts_emp_0400740M_2026.xml", contenu)
        contenu = sortie.getvalue()
    ici.fichier(contenu)
    assert ici.effets["nouveaux"] == ["Yann LE GALL", "Ève MARTIN"]
    assert [un[:29] for un in ici.effets["fautes"]] == [  # type: ignore[attr-defined]
        "Ligne 4\xa0: Léa ROUX, «\xa0DIR\xa0» n",
        "Ligne 5\xa0: prénom manquant.",
    ]
    assert ici.reponse.context["retenus"] == {"2"}
    assert ici.apercu.nouveaux[0].classes == (monde.a.classe,)
    assert not re.search("1980|AUTRE", ici.reponse.content.decode())
    ici.confirmer()
    assert monde.a.classe.equipe.filter(username="yann.legall").exists()
    assert not Utilisateur.objects.filter(last_name="MARTIN", first_name="Ève").exists()


def groupe(code: str, divisions: tuple[str, ...], *enseignants: str) -> str:
    de = "".join(f'<DIVISION_APPARTENANCE CODE="{une}"/>' for une in divisions)
    servent = "".join(f'<ENSEIGNANT ID="{un}" TYPE="epp"/>' for un in enseignants)
    return (
        f'<GROUPE CODE="{code}"><LIBELLE_LONG>{code}</LIBELLE_LONG><DIVISIONS_APPARTENANCE>{de}'
        f'</DIVISIONS_APPARTENANCE><SERVICES><SERVICE CODE_MATIERE="1" CODE_MOD_COURS="CG"><ENSEIGNANTS>'
        f"{servent}</ENSEIGNANTS></SERVICE></SERVICES></GROUPE>"
    )


@pytest.mark.parametrize("jeu", ["UTF-8", "ISO-8859-15", "ISO-8859-1", "windows-1252"])
def test_sts_comme_il_s_ecrit(ici: ImportEnseignants, monde: Monde, jeu: str) -> None:
    """Services de groupes, professeur principal, agent ajouté ici au numéro d'un autre, jeu de caractères."""
    classe = monde.a.classe.nom
    principal = individu("12", "BŒUF" if jeu != "ISO-8859-1" else "BEUF", "Noël").replace(
        "<FONCTION>",
        f"<PROFS_PRINC><PROF_PRINC><CODE_STRUCTURE>{classe}</CODE_STRUCTURE></PROF_PRINC></PROFS_PRINC><FONCTION>",
    )
    ajoute = (
        '<INDIVIDU ID="11" TYPE="local"><SEXE/><CIVILITE>3</CIVILITE><NOM_USAGE>ZETA</NOM_USAGE>'
        "<NOM_PATRONYMIQUE/><PRENOM>MÉLANIE</PRENOM></INDIVIDU>"
    )
    contenu = sts(
        individu("11", "LE GALL", "Yann"), principal, individu("14", "SEUL", "Ève"), ajoute,
        divisions=division("6A", "11"),
    ).decode()  # fmt: skip
    groupes = f"<GROUPES>{groupe('ATELIER 1', (classe, '6B'), '11')}</GROUPES>"
    contenu = contenu.replace("</STRUCTURE>", f"{groupes}</STRUCTURE>").replace("UTF-8", jeu)
    ici.fichier(contenu.encode(jeu))
    lus = {un.ligne.nom_complet: un.ligne.classes for un in ici.apercu.nouveaux}
    assert lus == {
        "Yann LE GALL": f"6A, {classe}, 6B",
        "Noël BŒUF" if jeu != "ISO-8859-1" else "Noël BEUF": classe,
        "Ève SEUL": "",
        "MÉLANIE ZETA": "",
    }
    assert {un.ligne.nom for un in ici.apercu.nouveaux if un.propose} == {
        "LE GALL", "BEUF" if jeu == "ISO-8859-1" else "BŒUF"
    }  # fmt: skip


def test_un_classeur_et_une_seule_colonne_de_noms(ici: ImportEnseignants) -> None:
    ici.fichier(
        xlsx(
            ["Équipe du lycée"],
            ["Professeur", "E-mail"],
            ["M. KERJEAN Lou", "lou@exemple.fr"],
            ["Ana Petit", ""],
            ["Total : 2", ""],
        )
    )
    assert ici.effets["nouveaux"] == ["Lou KERJEAN"]
    [faute] = ici.effets["fautes"]  # type: ignore[misc]
    assert faute.startswith("Ligne 4\xa0: on ne sait où finit le nom de «\xa0Ana Petit\xa0»")


def test_requetes(ici: ImportEnseignants) -> None:
    """Autant pour une ligne que pour vingt-cinq."""
    noms = [["Zzz" + chr(97 + un) * 4, "Lou", "", "", ""] for un in range(24)]
    assert requetes(lambda: ici.lignes(LOU)) == requetes(lambda: ici.lignes(LOU, *noms)) == 10


def test_le_meme_apercu_confirme_deux_fois_n_ouvre_qu_un_compte(ici: ImportEnseignants) -> None:
    ici.lignes(LOU)
    vu = {"etat": ici.reponse.context["etat"], "empreinte": ici.apercu.empreinte, "retenu": ["2"]}
    url = adresse("enseignants-import-apercu", ici.ecole.etablissement.pk)
    assert [ici.client.post(url, vu).status_code for _ in range(2)] == [200, 409]
    assert Utilisateur.objects.filter(last_name="Kerjean").count() == 1
