"""Ce qui empêche `charger_demo` d'écrire : il le dit et n'écrit rien. Ce que `make demo` laisse en place."""

import io
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as reglages
from django.core.management import CommandError, call_command

from certification.demo.donnees import fichiers
from certification.demo.donnees.fichiers import DonneesInvalides, Fichiers
from livret.models import Etablissement, Utilisateur
from referentiel.models import Referentiel
from tests import factories

pytestmark = pytest.mark.django_db

Ecrire = Callable[[str, Callable[[Any], None]], Fichiers]


@pytest.fixture
def ecrire(tmp_path: Path) -> Ecrire:
    """Recopie les fichiers de la démonstration, l'un d'eux corrigé de la façon donnée."""
    dossier = tmp_path / "fixtures" / "demo"
    shutil.copytree(fichiers.DOSSIER, dossier)

    def corriger(nom: str, changer: Callable[[Any], None]) -> Fichiers:
        chemin = dossier / f"{nom}.json"
        contenu = json.loads(chemin.read_text(encoding="utf-8"))
        changer(contenu)
        chemin.write_text(json.dumps(contenu, ensure_ascii=False), encoding="utf-8")
        return Fichiers(dossier)

    return corriger


def lisible(erreur: BaseException) -> str:
    """Le message, espaces insécables ôtées une fois qu'on les a vues à leur place."""
    assert not re.search(r" [:;?!»]|« ", str(erreur))
    return str(erreur).replace("\N{NO-BREAK SPACE}", " ")


def premier(contenu: Any) -> dict[str, Any]:
    return contenu["promotions"][0]["eleves"][0]


def test_sans_referentiel() -> None:
    with pytest.raises(CommandError, match="Importez d’abord le référentiel"):
        call_command("charger_demo")
    assert not Utilisateur.objects.exists()


def test_compte_deja_pris() -> None:
    factories.trpm()
    factories.utilisateur(identifiant="prof")
    with pytest.raises(CommandError, match=r"portent déjà les noms de la démonstration.: prof\."):
        call_command("charger_demo")
    assert not Etablissement.objects.exists()
    assert Utilisateur.objects.count() == 1


def test_une_autre_session_decale_toutes_les_dates(settings) -> None:
    settings.DEMO_PASSWORD = "un-secret-de-demo"
    factories.trpm()
    call_command("charger_demo", session=2028, verbosity=0)
    lycee = Etablissement.objects.get()
    assert sorted(set(lycee.classes.values_list("annee__debut", flat=True))) == [2025, 2026, 2027]
    assert {commission.date.year for commission in lycee.commissions.all()} == {2028}


# --- Les fichiers de données ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "changer", "faute"),
    [
        (
            "eleves",
            lambda c: premier(c).update(age="quinze"),
            '/promotions/0/eleves/0/age : Valeur reçue : "quinze". Écrivez un nombre entier.',
        ),
        (
            "eleves",
            lambda c: premier(c).update(aisance=True),
            "/promotions/0/eleves/0/aisance : Valeur reçue : true. Écrivez un nombre.",
        ),
        (
            "eleves",
            lambda c: premier(c).update(prenom=""),
            "/promotions/0/eleves/0/prenom : Le texte est vide. Écrivez-le.",
        ),
        (
            "eleves",
            lambda c: premier(c).pop("prenom"),
            "/promotions/0/eleves/0 : Il manque la propriété « prenom ». Ajoutez-la.",
        ),
        (
            "eleves",
            lambda c: premier(c).update(prénom="Lina"),
            "/promotions/0/eleves/0/prénom : La propriété « prénom » n’existe pas ici. Retirez-la."
            " Vouliez-vous écrire « prenom » ?",
        ),
        (
            "eleves",
            lambda c: premier(c).update(nom="AUBRY"),
            "/promotions/0/eleves/1/nom : « AUBRY » est déjà pris. Donnez un autre nom.",
        ),
        (
            "eleves",
            lambda c: premier(c).update(absent_a=["rsp-e2-vh33"]),
            "/promotions/0/eleves/0/absent_a/0 : « rsp-e2-vh33 » ne désigne aucune situation."
            " Vouliez-vous écrire « rsp-e2-vh32 » ?",
        ),
        (
            "situations_rsp",
            lambda c: c["formation"][0].update(semaines=[40, 53]),
            "/formation/0/semaines/1 : Valeur reçue : 53. Écrivez un nombre de 1 à 52.",
        ),
        (
            "situations_rsp",
            lambda c: c["formation"][0].update(semaines=[40]),
            "/formation/0/semaines : Valeur reçue : [40]. Donnez exactement 2 éléments.",
        ),
        (
            "situations_rsp",
            lambda c: c["formation"][0].update(description="Installer son poste."),
            '/formation/0/description : Valeur reçue : "Installer son poste.".'
            " Écrivez une liste de lignes de texte.",
        ),
        (
            "situations_rsp",
            lambda c: c["en_cours"][0].update(etat="ouvert"),
            '/en_cours/0/etat : Valeur reçue : "ouvert". Choisissez parmi « brouillon »,'
            " « ouverte », « publiee », « close ». Vouliez-vous écrire « ouverte » ?",
        ),
        (
            "portfolio",
            lambda c: c["points"][0]["le"].update(mois=2, jour=30),
            "/points/0/le : Ce jour n’est pas dans le calendrier.",
        ),
        (
            "entreprises",
            lambda c: c["entreprises"][0].update(siret="99900010000010"),
            "/entreprises/0 : La clé du SIRET « 99900010000010 » est fausse : vérifiez chaque chiffre.",
        ),
        (
            "commissions",
            lambda c: c["commissions"][0]["professionnel"].update(nom="Robert Guénard"),
            "/commissions/0/professionnel : Donnez un compte, ou un nom sans compte.",
        ),
    ],
)
def test_un_fichier_fautif_dit_ou_et_quoi(
    ecrire: Ecrire, nom: str, changer: Callable[[Any], None], faute: str
) -> None:
    with pytest.raises(DonneesInvalides) as erreur:
        ecrire(nom, changer).lire()
    assert lisible(erreur.value) == f"fixtures/demo/{nom}.json, ligne 1, {faute}"


def test_toutes_les_fautes_sont_dites_avec_leur_ligne(ecrire: Ecrire) -> None:
    lus = ecrire("eleves", lambda c: None)
    fichier = lus.dossier / "eleves.json"
    fichier.write_text('{\n  "promotions": [],\n  "promotions": [\n    3\n  ]\n}', encoding="utf-8")
    with pytest.raises(DonneesInvalides) as erreur:
        lus.lire()
    assert lisible(erreur.value).splitlines() == [
        "fixtures/demo/eleves.json, ligne 3, /promotions : La propriété « promotions » est donnée deux"
        " fois. Gardez-en une seule.",
        "fixtures/demo/eleves.json, ligne 4, /promotions/0 : Valeur reçue : 3. Écrivez un objet { … }.",
    ]


def test_un_fichier_illisible(ecrire: Ecrire) -> None:
    lus = ecrire("traces", lambda c: None)
    (lus.dossier / "traces.json").write_text('{\n  "phrases" 3\n}', encoding="utf-8")
    with pytest.raises(DonneesInvalides) as erreur:
        lus.lire()
    assert lisible(erreur.value) == (
        "fixtures/demo/traces.json, ligne 2, colonne 13 : ce n’est pas du JSON valide, "
        "deux-points sont attendus après le nom de la propriété."
    )
    (lus.dossier / "traces.json").unlink()
    with pytest.raises(DonneesInvalides, match=r"^fixtures/demo/traces\.json ne se lit pas.: No such file"):
        lus.lire()


def test_un_code_que_le_referentiel_ne_connait_pas_n_ecrit_rien(
    ecrire: Ecrire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C9.4 n'existe que dans l'option RMO."""
    factories.trpm()
    lus = ecrire("situations_rsp", lambda c: c["formation"][0].update(vise=["C6.1", "C9.4"]))
    monkeypatch.setattr("certification.management.commands.charger_demo.Fichiers", lambda: lus)
    with pytest.raises(CommandError) as erreur:
        call_command("charger_demo")
    assert lisible(erreur.value) == (
        "fixtures/demo/situations_rsp.json, ligne 1, /formation/0/vise/1 : « C9.4 » ne désigne aucune "
        "compétence détaillée de l’option. Vouliez-vous écrire « C9.3 » ?"
    )
    assert not Etablissement.objects.exists()


# --- make demo --------------------------------------------------------------------------------


def make_demo() -> None:
    """Les deux commandes de chargement de `.ci/demo`, telles qu'il les lance."""
    for ligne in (Path(reglages.BASE_DIR) / ".ci" / "demo").read_text(encoding="utf-8").splitlines():
        _, python, commande = ligne.partition("manage.py ")
        if python and commande.startswith(("importer_referentiel", "charger_demo")):
            call_command(*shlex.split(commande), stdout=io.StringIO())


def test_une_seconde_demonstration_garde_ce_que_l_on_a_complete() -> None:
    make_demo()
    trpm = Referentiel.objects.get(code="TRPM")
    competence = trpm.competences.get(code="C6")
    competence.indicateurs.create(intitule="L’origine est prise au centième.")
    competence.savoirs.create(referentiel=trpm, code="S9", intitule="Isostatisme")
    trpm.competences.filter(code="C6").update(intitule="Régler, selon l’équipe")
    make_demo()
    assert list(competence.indicateurs.values_list("intitule", flat=True)) == [
        "L’origine est prise au centième."
    ]
    assert list(trpm.savoirs.values_list("code", flat=True)) == ["S9"]
    assert trpm.competences.get(code="C6").intitule == "Régler, selon l’équipe"
    assert Etablissement.objects.count() == 1
